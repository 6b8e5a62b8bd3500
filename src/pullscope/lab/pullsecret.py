"""The credentials with which a lab pulls from registries outside: a pull secret, kept with the lab, and its user's own."""

from collections.abc import Mapping
from pathlib import Path

from pullscope.base import files
from pullscope.pull.keyring import Keyring
from pullscope.remote import authfiles

_KEPT = "pull-secret.json"


def keyring(root: Path, given: str | None, environment: Mapping[str, str]) -> Keyring:
    """The lab's pull secret first, then what `podman login` and `docker login` left for its user.

    A file that is `given` becomes the lab's pull secret, and is kept in its directory. Raises UsageError.
    """
    kept = root / _KEPT
    if given is not None:
        authfiles.read(Path(given))
        files.write_atomic(kept, Path(given).read_bytes(), mode=0o600)
    own = [authfiles.read(kept)] if kept.exists() else []
    users = [authfiles.read(path) for path in authfiles.places(environment, Path.home()) if path.is_file()]
    return authfiles.merged([*own, *users])
