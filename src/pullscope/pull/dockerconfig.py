"""What a docker configuration says: the entries of a pull secret or of a user's file, read as Go reads them.

Two shapes: `.dockerconfigjson` and `config.json` (`{"auths": {…}}`), and the older `.dockercfg` (the entries themselves). Names
of fields count without regard to case, null counts as left out, and what does not fit is told in Go's words, which the
kubelet shows. Identity and registry tokens, and helpers, are not read here: the kubelet does not either.

Upstream: pkg/credentialprovider/config.go (DockerConfigJSON, DockerConfigEntry, decodeDockerConfigFieldAuth), Kubernetes v1.36,
and Go 1.26 encoding/json (UnmarshalTypeError).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pullscope.kube import gobase64
from pullscope.kube.gobase64 import CorruptInputError

_AUTHS = "DockerConfigJSON.auths"
_FIELDS = ("username", "password", "email", "auth")


class InvalidConfigError(ValueError):
    """It is no such configuration; the message is Go's."""


@dataclass(frozen=True)
class Entry:
    """What an entry says. `email` is told to no registry, but counts in the hash of a credential."""

    username: str = ""
    password: str = ""
    email: str = ""


def entries(config: Any) -> Mapping[str, Entry]:
    """The entries below `auths`, by their place. Raises InvalidConfigError."""
    fields = _folded(_object(config, "credentialprovider.DockerConfigJSON"))
    return _read(fields.get("auths"), _AUTHS)


def legacy_entries(config: Any) -> Mapping[str, Entry]:
    """The entries of a `.dockercfg`, by their place. Raises InvalidConfigError."""
    return _read(config, "")


def _read(value: Any, where: str) -> Mapping[str, Entry]:
    found = _object(value, "credentialprovider.DockerConfig", where)
    return {place: _entry(entry, where) for place, entry in found.items()}


def _entry(value: Any, where: str) -> Entry:
    fields = _folded(_object(value, "credentialprovider.dockerConfigEntryWithAuth", where))
    known = {name: _text(fields.get(name), name, where) for name in _FIELDS}
    auth = known.pop("auth")
    entry = Entry(**known)
    return Entry(*_login(auth), entry.email) if auth else entry


def _login(auth: str) -> tuple[str, str]:
    """Username and password of an `auth` field, which is padded or not."""
    try:
        decoded = gobase64.decode(auth, padded=auth.strip().endswith("="))
    except CorruptInputError as error:
        raise InvalidConfigError(str(error)) from error
    username, colon, password = decoded.decode(errors="replace").partition(":")
    if not colon:
        raise InvalidConfigError("unable to parse auth field, must be formatted as base64(username:password)")
    return username, password


def _folded(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name.lower(): value for name, value in fields.items() if value is not None}


def _object(value: Any, go_type: str, where: str = "") -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _unfit(value, go_type, where)
    return value


def _text(value: Any, name: str, where: str) -> str:
    if value is not None and not isinstance(value, str):
        raise _unfit(value, "string", f"{where or 'dockerConfigEntryWithAuth'}.{name}")
    return value or ""


def _unfit(value: Any, go_type: str, where: str) -> InvalidConfigError:
    word = {str: "string", bool: "bool", list: "array", dict: "object"}.get(type(value), "number")
    into = f"struct field {where}" if where else "value"
    return InvalidConfigError(f"json: cannot unmarshal {word} into Go {into} of type {go_type}")
