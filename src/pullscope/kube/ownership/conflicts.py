"""What an apply would change although others manage it, in upstream's words.

Upstream: k8s.io/apimachinery v0.36 pkg/util/managedfields/internal/conflict.go, pkg/api/errors (NewApplyConflict).
"""

from collections.abc import Mapping

from pullscope.kube import causes, status
from pullscope.kube.ownership import sets
from pullscope.kube.ownership.entries import UPDATE, Manager
from pullscope.kube.ownership.sets import Fields

Conflicts = Mapping[Manager, Fields]
"""By manager the fields that are in conflict; no manager is without."""


def error(conflicts: Conflicts, api_version: str) -> status.ApiError:
    """The refusal: 409 with a cause for each field."""
    listed = [
        (_named(manager, api_version), sets.text(path))
        for manager, fields in sorted(conflicts.items())
        for path in sets.paths(fields)
    ]
    reasons = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": field} for who, field in listed
    ]
    return status.ApiError(409, "Conflict", _message(listed), {"causes": reasons})


def _message(listed: list[tuple[str, str]]) -> str:
    if len(listed) == 1:
        return f"Apply failed with 1 conflict: conflict with {listed[0][0]}: {listed[0][1]}"
    by_manager: dict[str, list[str]] = {}
    for who, field in listed:
        by_manager.setdefault(who, [f"conflicts with {who}:"]).append(f"- {field}")
    lines = "\n".join(line for block in by_manager.values() for line in block)
    return f"Apply failed with {len(listed)} conflicts: {lines}"


def _named(manager: Manager, api_version: str) -> str:
    name = causes.quote(manager.name)
    if manager.subresource:
        name = f"{name} with subresource {causes.quote(manager.subresource)}"
    return f"{name} using {api_version}" if manager.operation == UPDATE else name


def without(conflicts: Conflicts, allowed: Fields) -> Conflicts:
    """The conflicts on other fields than `allowed`."""
    left = {manager: sets.difference(fields, allowed) for manager, fields in conflicts.items()}
    return {manager: fields for manager, fields in left.items() if fields}
