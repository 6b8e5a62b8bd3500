"""What the fields of a new object depend on."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.schemas import types
from pullscope.kube.ownership import shapes, updates
from pullscope.kube.ownership.elements import UnidentifiedError

_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "labels": {"app": "x"}, "finalizers": ["a/b"], "ownerReferences": [{"uid": "u"}]},
    "spec": {
        "containers": [
            {"name": "app", "image": "i", "resources": {"limits": {"cpu": "1"}}, "ports": [{"containerPort": 1}]}
        ],
        "securityContext": {"runAsUser": 0, "seLinuxOptions": {"level": "s0"}},
        "nodeSelector": {"zone": "a"},
        "hostNetwork": False,
        "priority": 5,
    },
    "status": {"phase": "Pending", "conditions": [{"type": "Ready", "status": "True"}]},
}
_values = st.sampled_from([None, "", "x", "y", 0, 1, 2, True, False, {}, [], {"a": "b"}, ["v"], [1], [True]])


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in items for found in ((*path, key), *_places(each, (*path, key)))]


@st.composite
def _pods(draw: st.DrawFn) -> dict[str, Any]:
    pod = copy.deepcopy(_POD)
    for path in draw(st.lists(st.sampled_from(_places(_POD)), max_size=4)):
        holder: Any = pod
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = copy.deepcopy(draw(_values))
        except (LookupError, TypeError):
            continue  # what led there was replaced
    return pod


def _fields(pod: dict[str, Any]) -> Any:
    pod_type = types.of("v1", "Pod")
    assert pod_type is not None
    try:
        return updates.of_object(pod, pod_type)
    except (
        UnidentifiedError,
        AttributeError,
        TypeError,
        AssertionError,
    ) as error:  # of another form than the type says
        return type(error)


@given(_pods())
def test_an_object_has_the_fields_of_its_shape(pod: dict[str, Any]) -> None:
    assert _fields(shapes.of(pod)) == _fields(pod)


def test_values_are_no_part_of_it_but_in_lists() -> None:
    first = {"a": {"b": "x", "c": 7}, "d": [{"name": "x"}]}
    assert shapes.of(first) == shapes.of({"a": {"b": "y", "c": True}, "d": [{"name": "x"}]})
    assert shapes.of(first) != shapes.of({"a": {"b": "x", "c": 7}, "d": [{"name": "y"}]})
    assert shapes.of(first) != shapes.of({"a": {"b": "", "c": 7}, "d": [{"name": "x"}]})
