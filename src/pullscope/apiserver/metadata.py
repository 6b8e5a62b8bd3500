"""The fields of `metadata` that the server sets itself, at creation and at each change.

Upstream: k8s.io/apiserver v0.36 pkg/registry/rest/meta.go, create.go and update.go. `managing` keeps managedFields.
"""

import secrets
import uuid
from datetime import datetime

from pullscope.kube import meta, status
from pullscope.kube.api import Object

_SERVER_SET = ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation")
_KEPT = ("name", "generateName", "namespace", "uid", "creationTimestamp", "generation", "selfLink")
_KEPT_DELETION = ("deletionTimestamp", "deletionGracePeriodSeconds")


def at_creation(obj: Object, namespace: str | None, now: datetime) -> None:
    """Name, uid and time of a new object; what a creator may not set is dropped. Raises ApiError 400 for a version."""
    metadata = obj["metadata"]
    if metadata.pop("resourceVersion", ""):
        raise status.bad_request("resourceVersion should not be set on objects to be created")
    for field in _SERVER_SET:
        metadata.pop(field, None)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = meta.generate_name(metadata["generateName"], secrets.randbelow)
    if namespace is not None:
        metadata["namespace"] = namespace
    metadata["uid"] = str(uuid.uuid4())
    metadata["creationTimestamp"] = meta.timestamp(now)
    prune(metadata)


def at_update(new: Object, old: Object) -> None:
    """Put back what no writer may change; an absent uid or time means the stored one.

    A wrong `uid`, `name` or `namespace` is left for validation to refuse.
    """
    metadata, before = new["metadata"], old["metadata"]
    for field in _KEPT:
        if not metadata.get(field) and before.get(field):
            metadata[field] = before[field]
    metadata["creationTimestamp"] = before["creationTimestamp"]
    for field in ("generation", *_KEPT_DELETION):
        metadata.pop(field, None)
        if field in before:
            metadata[field] = before[field]
    prune(metadata)


def prune(metadata: Object) -> None:
    """Drop what Go would not write: empty maps, lists and texts."""
    for field in [field for field, value in metadata.items() if not value and value in ({}, [], "", None)]:
        del metadata[field]
