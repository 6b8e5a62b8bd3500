"""Keeps metadata.managedFields: what a create, an update or a patch takes over, and what `kubectl apply --server-side` does.

The rules are in `kube.ownership`; here they meet objects as they are stored. A kind has one version, and every object of a
kind is of its type, so nothing is converted. Upstream: k8s.io/apimachinery v0.36 pkg/util/managedfields/internal/fieldmanager.go,
k8s.io/apiserver v0.36 pkg/endpoints/handlers (create.go, update.go, patch.go).
"""

from datetime import datetime
from typing import Any

import orjson

from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.schemas import types
from pullscope.kube import meta, status
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.ownership import applies, compare, elements, entries, sets, shapes, updates
from pullscope.kube.ownership.applies import Configuration
from pullscope.kube.ownership.entries import UPDATE, Entry, Manager, Managers
from pullscope.kube.ownership.sets import MEMBER, Fields

FIELD = "managedFields"
_NAME_MAX = 128
_UNKNOWN = "unknown"
_IDENTITY = ("apiVersion", "kind", "metadata")
# A list with one empty entry asks for all of it to be forgotten.
_RESET: list[Object] = [{}]
# What new objects have, by kind and shape: events and pods come in masses.
_known: dict[bytes, Fields] = {}
_KNOWN_MAX, _KNOWN_BYTES = 256, 4096


def manager_of(asked: str, user_agent: str) -> str:
    """The name of the manager of a write: as asked, else what the client calls itself."""
    name = "".join(letter for letter in user_agent.partition("/")[0] if letter.isprintable())
    return asked or name.encode()[:_NAME_MAX].decode(errors="ignore") or _UNKNOWN


def component_of(user: UserInfo) -> str:
    """The name of the manager of what a part of the cluster writes in process."""
    name = user.username
    if name.startswith("system:node:"):
        return "kubelet"
    if name.startswith(("system:serviceaccount:kube-system:", "system:kube-controller-manager")):
        return "kube-controller-manager"
    return "kube-scheduler" if name == "system:kube-scheduler" else "kube-apiserver"


def created(obj: Object, kind: Kind, manager: str, now: datetime) -> None:
    """Give everything in a new object to its creator, whatever the object says of managers."""
    obj["metadata"].pop(FIELD, None)
    try:
        fields = _all_of(obj, kind)
    except elements.UnidentifiedError:
        return  # lists without keys: validation has the word, and nobody manages anything
    if fields:
        managers = {Manager(manager, UPDATE): Entry(fields, meta.timestamp(now))}
        obj["metadata"][FIELD] = entries.encode(managers, kind.resource.api_version)


def _all_of(obj: Object, kind: Kind) -> Fields:
    """Everything in a new object that can have a manager. Raises UnidentifiedError."""
    try:
        shape = orjson.dumps([kind.resource.qualified, shapes.of(obj)])
    except orjson.JSONEncodeError:  # it cannot be stored either: who stores it says so
        shape = b""
    fields = _known.get(shape)
    if fields is None:
        fields = sets.without(updates.of_object(obj, _type(kind)), ignored(kind, ""))
        if 0 < len(shape) <= _KNOWN_BYTES:
            if len(_known) >= _KNOWN_MAX:
                _known.clear()
            _known[shape] = fields
    return fields


def updated(new: Object, old: Object, kind: Kind, writer: Manager, now: datetime) -> None:
    """Say in `new` who manages it, now that `writer` has made it out of `old`."""
    before: list[Object] = old["metadata"].get(FIELD, [])
    given = new["metadata"].pop(FIELD, [])
    managed = before if writer.subresource else _chosen(given, before)
    try:
        difference = compare.compare(_unmanaged(old), new, _type(kind))
    except elements.UnidentifiedError:
        difference = compare.Comparison({}, {})
    if managed and difference:
        version = kind.resource.api_version
        managers = updates.updated(entries.decode(managed, version), difference, writer, meta.timestamp(now))
        managed = entries.encode(managers, version)
    if managed:
        new["metadata"][FIELD] = managed


def _unmanaged(obj: Object) -> Object:
    """The object without what it says of managers."""
    return {**obj, "metadata": {name: each for name, each in obj["metadata"].items() if name != FIELD}}


def _chosen(given: list[Any], before: list[Object]) -> list[Object]:
    """What a writer says of managers, where that can be read; else what there was."""
    if given == _RESET:
        return []
    if not given or given == before:
        return before
    try:
        normal = entries.normal(given)
        entries.decode(normal, "")
    except elements.MalformedError:
        return before
    return normal


def applied(current: Object, config: Object, kind: Kind, manager: Manager, *, force: bool, now: datetime) -> Object:
    """`current` (`{}` where there is none) with a configuration applied to it, its managers included.

    The result is neither defaulted nor checked. Raises ApiError 409 with the conflicts, unless forced, and 400 when there are
    lists in the object that nothing can be merged into.
    """
    version, metadata = kind.resource.api_version, current.get("metadata", {})
    managers: Managers = entries.decode(metadata.get(FIELD, ()), version)
    live = _unmanaged(current) if current else {}
    keep = ignored(kind, manager.subresource)
    asked = Configuration(config, _type(kind), manager, meta.timestamp(now), force, keep)
    try:
        result = applies.apply(live, managers, asked)
    except elements.UnidentifiedError as error:
        raise status.bad_request(f"failed to create typed live object: {error}") from None
    managed = entries.encode(result.managers, version)
    return {**result.obj, "metadata": {**result.obj.get("metadata", {}), **({FIELD: managed} if managed else {})}}


def ignored(kind: Kind, subresource: str) -> Fields:
    """What this way of writing leaves as it was."""
    if subresource == "status":
        return {f"f:{name}": MEMBER for name in _type(kind).fields if name not in (*_IDENTITY, "status")}
    return {"f:status": MEMBER} if "status" in kind.subresources else {}


def _type(kind: Kind) -> types.Type:
    found = types.of(kind.resource.api_version, kind.resource.kind)
    assert found is not None, f"{kind.resource.kind} is served, so its type is known"
    return found
