"""Ways of writing that several kinds share: what a plain write and a status write leave as it was.

Upstream: the strategies in kubernetes v1.36 pkg/registry/*/*/strategy.go.
"""

from pullscope.apiserver.kinds import Strategy
from pullscope.kube.api import Object


def without_status(obj: Object) -> None:
    """A creator sets no status."""
    obj["status"] = {}


def keep_status(new: Object, old: Object) -> None:
    """A plain write leaves the status alone."""
    new.pop("status", None)
    if "status" in old:
        new["status"] = old["status"]


def first_generation(obj: Object) -> None:
    obj["metadata"]["generation"] = 1


def next_generation(new: Object, old: Object) -> None:
    """A change of anything but metadata and status is a new generation."""
    if wanted(new) != wanted(old):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def wanted(obj: Object) -> Object:
    return {field: value for field, value in obj.items() if field not in ("kind", "apiVersion", "metadata", "status")}


def keep_wanted(new: Object, old: Object) -> None:
    """A status write leaves everything but metadata and status alone."""
    for field in wanted(new):
        del new[field]
    new |= wanted(old)
    whole_conditions(new)


def whole_conditions(obj: Object) -> None:
    """Conditions have a type and a status, be they empty: Go never leaves these out."""
    for condition in (obj.get("status") or {}).get("conditions") or ():
        for field in ("type", "status"):
            condition[field] = condition.get(field) or ""


STATUS = Strategy(update=keep_wanted)
