"""The files of the kubelet's records of pulls: their names, their bytes, and what counts as one.

Byte for byte upstream's: JSON of kubelet.config.k8s.io/v1beta1, fields in Go's order, a line break at the end. Reading is as
strict as there: another kind or version, an unknown field or a value of another type is no record. Those of v1alpha1, which
kubelets before 1.35 wrote, are.

Upstream: pkg/kubelet/images/pullmanager/fs_pullrecords.go (cacheFilename, decodePulledRecord, decodeIntent) and
staging/src/k8s.io/kubelet/config/v1beta1/types.go, Kubernetes v1.36.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pullscope.kube import meta
from pullscope.pull.access import Credentials, PulledRecord, SecretRecord

_GROUP = "kubelet.config.k8s.io"
_VERSION = f"{_GROUP}/v1beta1"
_OLDER = f"{_GROUP}/v1alpha1"
_PULLED, _INTENT = "ImagePulledRecord", "ImagePullIntent"
_SECRET = ("uid", "namespace", "name", "credentialHash")


class UnreadableError(ValueError):
    """It is no record."""


@dataclass(frozen=True)
class Pulled:
    """A record as it was read. `current`: it is of the version that is written."""

    record: PulledRecord
    updated: datetime
    current: bool = True


@dataclass(frozen=True)
class Intent:
    """The pull of `image`, a pod's own text, was begun."""

    image: str
    current: bool = True


def path(directory: Path, key: str) -> Path:
    """The file of the image with that id, or of the pull of that name."""
    return directory / f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"


# ------------------------------------------------------------------------- writing


def of_pulled(record: PulledRecord, updated: datetime) -> bytes:
    """The bytes of a record."""
    mapping = {name: _shown(known) for name, known in sorted(record.credentials.items())}
    known = {"credentialMapping": mapping} if mapping else {}
    return _bytes(_PULLED, lastUpdatedTime=meta.timestamp(updated), imageRef=record.image_ref, **known)


def of_intent(image: str) -> bytes:
    """The bytes of an intent."""
    return _bytes(_INTENT, image=image)


def _bytes(kind: str, **fields: Any) -> bytes:
    text = json.dumps({"kind": kind, "apiVersion": _VERSION, **fields}, separators=(",", ":"), ensure_ascii=False)
    return f"{text}\n".encode()


def _shown(known: Credentials) -> dict[str, Any]:
    if known.node_pods_accessible:
        return {"nodePodsAccessible": True}
    texts = [(each.uid, each.namespace, each.name, each.credential_hash) for each in known.secrets]
    return {"kubernetesSecrets": [dict(zip(_SECRET, each, strict=True)) for each in texts]} if texts else {}


# ------------------------------------------------------------------------- reading


def read_pulled(file: Path) -> Pulled:
    """Raises UnreadableError, OSError."""
    content, current = _content(file, _PULLED, ("lastUpdatedTime", "imageRef", "credentialMapping"))
    image, mapping = _text(content, "imageRef"), _object(content.get("credentialMapping", {}))
    try:
        updated = meta.parse_time(_text(content, "lastUpdatedTime"))
    except (ValueError, OverflowError) as error:
        raise UnreadableError(str(error)) from error
    return Pulled(PulledRecord(image, {name: _credentials(each) for name, each in mapping.items()}), updated, current)


def read_intent(file: Path) -> Intent:
    """Raises UnreadableError, OSError."""
    content, current = _content(file, _INTENT, ("image",))
    return Intent(_text(content, "image"), current)


def _content(file: Path, kind: str, fields: Collection[str]) -> tuple[Mapping[str, Any], bool]:
    try:
        content = _object(json.loads(file.read_bytes()), {"kind", "apiVersion", *fields})
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    version = content.get("apiVersion")
    if content.get("kind") != kind or version not in (_VERSION, _OLDER):
        raise UnreadableError(f"no {kind}")
    return content, version == _VERSION


def _credentials(value: Any) -> Credentials:
    """Service accounts stand there for credential providers, of which this node has none: they let nobody in."""
    content = _object(value, {"kubernetesSecrets", "kubernetesServiceAccounts", "nodePodsAccessible"})
    secrets = content.get("kubernetesSecrets", [])
    accessible = content.get("nodePodsAccessible", False)
    if not isinstance(secrets, list) or not isinstance(accessible, bool):
        raise UnreadableError("no credentials")
    return Credentials(accessible, tuple(_secret(_object(each, _SECRET)) for each in secrets))


def _secret(content: Mapping[str, Any]) -> SecretRecord:
    uid, namespace, name, credential_hash = (_text(content, field) for field in _SECRET)
    return SecretRecord(namespace, name, uid, credential_hash)


def _object(value: Any, fields: Collection[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, dict) or (fields is not None and not value.keys() <= set(fields)):
        raise UnreadableError("no object, or one with other fields")
    return value


def _text(content: Mapping[str, Any], field: str) -> str:
    value = content.get(field, "")
    if not isinstance(value, str):
        raise UnreadableError(f"{field} is no text")
    return value
