"""Which credentials a pod offers for an image: the kubelet's lookup in its pull secrets.

A secret of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg` maps registries (and paths in them, `*` in
parts of the host's name) to credentials. Several may match; the more specific come first, and the kubelet tries them in
this order.

Upstream, Kubernetes v1.36: pkg/credentialprovider/keyring.go (Add, Lookup, URLsMatch), config.go, secrets/secrets.go.
"""

import fnmatch
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pullscope.kube import gobase64
from pullscope.pull import dockerconfig
from pullscope.pull.dockerconfig import Entry, InvalidConfigError

_DEFAULT_REGISTRY = "index.docker.io"


class KeyringError(ValueError):
    """A pull secret's content cannot be read; upstream fails the pull with the same text."""


@dataclass(frozen=True)
class Secret:
    """Whose credential it is: the coordinates that pulled records keep."""

    uid: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Credential:
    """One credential. `source` is None for the node's own, which every pod may use; `email` counts in the hash alone."""

    username: str
    password: str
    source: Secret | None = None
    email: str = ""

    @property
    def hash(self) -> str:
        """What pulled records keep instead of the credential: SHA-256 of Go's JSON of the AuthConfig."""
        fields = {"username": self.username, "password": self.password, "email": self.email}
        text = json.dumps(
            {key: value for key, value in fields.items() if value}, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(_as_go_escapes(text).encode()).hexdigest()


def _as_go_escapes(text: str) -> str:
    """Go's encoding/json escapes these five for HTML; Python does not."""
    marks = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return "".join(marks.get(letter, letter) for letter in text)


Keyring = Mapping[str, tuple[Credential, ...]]
"""Credentials by `host[:port][/path]`, the longer and so more specific keys first."""


def make(secrets: Iterable[Mapping[str, Any]]) -> Keyring:
    """The keyring of a pod's pull secrets (core/v1 Secret objects); others than the two types are passed over.

    Raises KeyringError when one cannot be read.
    """
    found: dict[str, list[Credential]] = {}
    for secret in secrets:
        metadata = secret["metadata"]
        try:
            entries = _entries(secret)
        except ValueError as error:
            raise KeyringError(str(error)) from error
        _add(found, entries, Secret(metadata["uid"], metadata["namespace"], metadata["name"]))
    return _sorted(found)


def of_config(config: Any) -> Keyring:
    """The keyring of a docker or podman configuration: a node's own, or a user's. Raises KeyringError."""
    found: dict[str, list[Credential]] = {}
    try:
        _add(found, dockerconfig.entries(config), None)
    except InvalidConfigError as error:
        raise KeyringError(str(error)) from error
    return _sorted(found)


def merged(first: Keyring, second: Keyring) -> Keyring:
    """Both keyrings; of credentials for the same place those of `first` come first."""
    keys = sorted({*first, *second}, reverse=True)
    return {key: (*first.get(key, ()), *second.get(key, ())) for key in keys}


def _add(found: dict[str, list[Credential]], entries: Mapping[str, Entry], source: Secret | None) -> None:
    for location, entry in entries.items():
        key = _key(location)
        if key is not None:
            found.setdefault(key, []).append(Credential(entry.username, entry.password, source, entry.email))


def _sorted(found: Mapping[str, list[Credential]]) -> Keyring:
    return {key: tuple(found[key]) for key in sorted(found, reverse=True)}


def lookup(keyring: Keyring, name: str) -> tuple[Credential, ...]:
    """All credentials for an image's name without tag and digest (`registry/repository`), in the order to try."""
    matching = tuple(credential for key, those in keyring.items() if _matches(key, name) for credential in those)
    if matching or not name.startswith("docker.io/"):
        return matching
    return keyring.get(_DEFAULT_REGISTRY, ())


def _entries(secret: Mapping[str, Any]) -> Mapping[str, Entry]:
    data = secret.get("data") or {}
    match secret.get("type"):
        case "kubernetes.io/dockerconfigjson" if data.get(".dockerconfigjson"):
            return dockerconfig.entries(_json(data[".dockerconfigjson"]))
        case "kubernetes.io/dockercfg" if data.get(".dockercfg"):
            return dockerconfig.legacy_entries(_json(data[".dockercfg"]))
        case _:
            return {}


def _json(encoded: str) -> Any:
    return json.loads(gobase64.decode(encoded))


def _key(location: str) -> str | None:
    """`https://index.docker.io/v1/` and such as `host/path`; None for what is no URL (upstream passes it over)."""
    with_scheme = location if location.startswith(("https://", "http://")) else f"https://{location}"
    try:
        parts = urlsplit(with_scheme)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    if "[" in host[1:]:  # Go: invalid IP-literal, so that of the globs only `*` is left
        return None
    path = parts.path[3:] if parts.path.startswith(("/v1/", "/v2/")) else parts.path
    return host + path if path not in ("", "/") else host


def _matches(key: str, name: str) -> bool:
    """Equal ports, as many labels in the host's name, each matching its glob; the key's path begins the name's."""
    key_host, _, key_path = key.partition("/")
    name_host, _, name_path = name.partition("/")
    key_labels, key_port = _labels(key_host)
    name_labels, name_port = _labels(name_host)
    if key_port != name_port or len(key_labels) != len(name_labels) or not name_path.startswith(key_path):
        return False
    return all(fnmatch.fnmatchcase(label, glob) for glob, label in zip(key_labels, name_labels, strict=True))


def _labels(host: str) -> tuple[list[str], str]:
    name, _, port = host.partition(":")
    return name.split("."), port
