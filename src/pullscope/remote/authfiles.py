"""The credentials that a user already has: those of `podman login`, `skopeo login` and `docker login`.

Upstream: containers-auth.json(5) and docker's config.json. Of credential helpers, those that a file names for single
registries or for all (`credHelpers`, `credsStore`) are asked by their protocol (docker-credential-helpers v0.9).
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pullscope.base.errors import UsageError
from pullscope.pull import keyring
from pullscope.pull.keyring import Credential, Keyring, KeyringError

_PATIENCE = 10.0  # seconds for a helper, which may ask a key chain
_TOKEN = "<token>"  # noqa: S105 (what helpers say in place of a name when the secret is a token)


def places(environment: Mapping[str, str], home: Path) -> list[Path]:
    """Where credentials may be, podman's first. One that the environment names is the only one."""
    if named := environment.get("REGISTRY_AUTH_FILE"):
        return [Path(named)]
    docker = Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    runtime = environment.get("XDG_RUNTIME_DIR")
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    podman = [Path(runtime, "containers", "auth.json")] if runtime else []
    return [*podman, config / "containers" / "auth.json", docker]


def of_login(environment: Mapping[str, str], home: Path) -> Path:
    """Where `oc registry login` writes: podman's own file, unless docker's is preferred."""
    found = places(environment, home)
    return found[-1] if environment.get("REGISTRY_AUTH_PREFERENCE") == "docker" else found[0]


def read(path: Path) -> dict[str, Any]:
    """A file's configuration. Raises UsageError when it cannot be read, or is none."""
    hint = "it is written by `podman login`, `docker login`, or downloaded as a pull secret"
    try:
        found = json.loads(path.read_bytes())
        keyring.of_config(found)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint=hint) from error
    except (KeyringError, ValueError) as error:
        raise UsageError(f"{path} has no credentials: {error}", hint=hint) from error
    assert isinstance(found, dict)  # of_config has seen that
    return found


def merged(configurations: list[dict[str, Any]]) -> Keyring:
    """One keyring of several configurations; of the same registry the first one's credentials count."""
    auths: dict[str, Any] = {}
    for configuration in reversed(configurations):
        auths |= configuration.get("auths") or {}
    return keyring.of_config({"auths": auths})


def of_user(registry: str, environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Credential | None:
    """The user's own credentials for `registry` (its host, with a port where it has one); None when there are none.

    Raises UsageError for a file or a helper that cannot be used.
    """
    for path in places(environment, home or Path.home()):
        if not path.is_file():
            continue
        configuration = read(path)
        helper = (configuration.get("credHelpers") or {}).get(registry) or configuration.get("credsStore")
        found = _ask(helper, registry) if helper else None
        known = keyring.lookup(keyring.of_config(configuration), f"{registry}/")
        if found or known:
            return found or known[0]
    return None


def _ask(helper: str, registry: str) -> Credential | None:
    program = f"docker-credential-{helper}"
    if Path(program).name != program:
        raise UsageError(f"{helper!r} is no name of a credential helper")
    try:
        done = subprocess.run(  # noqa: S603 (the user's own configuration names it)
            [program, "get"], input=registry, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        if done.returncode:
            return None  # it has nothing for this registry
        answer = json.loads(done.stdout)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except FileNotFoundError as error:
        hint = f"install it, or log in again: podman login {registry}"
        raise UsageError(f"the credential helper {program} is not installed", hint=hint) from error
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"the credential helper {program} gave no answer that can be read") from error
    return None if username == _TOKEN else Credential(username, secret)
