"""From client-side to server-side apply: what the annotation of `kubectl apply` allows `kubectl apply --server-side`.

Upstream: k8s.io/apimachinery v0.36 pkg/util/managedfields/internal (lastappliedmanager.go, lastappliedupdater.go,
lastapplied.go). Other managers than `kubectl` get nothing of this.
"""

from typing import Any

import orjson

from pullscope.kube.ownership import sets, typed
from pullscope.kube.ownership.compare import compare
from pullscope.kube.ownership.schema import Object, Struct
from pullscope.kube.ownership.sets import Fields

MANAGER = "kubectl"
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_ANNOTATIONS_MAX = 256 * 1024


def allowed(live: Object, type_: Struct) -> Fields:
    """The fields that were applied client-side and still are as they were: on these there is no conflict."""
    applied = _applied(live)
    if applied is None or applied.get("apiVersion") != live.get("apiVersion") or typed.problems(applied, type_):
        return {}
    difference = compare(applied, live, type_)
    changed = sets.union(difference.changed, difference.removed)
    return sets.difference(typed.field_set(applied, type_), changed)


def _applied(live: Object) -> Object | None:
    try:
        value: Any = orjson.loads(_annotations(live).get(ANNOTATION, ""))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _annotations(obj: Object) -> dict[str, str]:
    return obj.get("metadata", {}).get("annotations") or {}


def kept_in_step(obj: Object, config: Object) -> Object:
    """`obj` with the annotation, where it has one, saying what was applied now; without it where that is too long."""
    annotations = _annotations(obj)
    if not annotations.get(ANNOTATION):
        return obj
    now = {**annotations, ANNOTATION: _text(config)}
    if sum(len(name.encode()) + len(value.encode()) for name, value in now.items()) > _ANNOTATIONS_MAX:
        del now[ANNOTATION]
    return {**obj, "metadata": {**obj["metadata"], "annotations": now}}


def _text(config: Object) -> str:
    """What the annotation says of a configuration: its JSON, the annotation itself left out."""
    own = {name: value for name, value in _annotations(config).items() if name != ANNOTATION}
    metadata = {name: value for name, value in config.get("metadata", {}).items() if name != "annotations"}
    whole = {**config, "metadata": {**metadata, **({"annotations": own} if own else {})}}
    return orjson.dumps(whole, option=orjson.OPT_SORT_KEYS).decode() + "\n"
