"""The patch of `apply`: what it does to an object, judged by the server's own strategic merge."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.schemas import types
from pullscope.kube import strategic
from pullscope.oc import threeway

POD = types.of("v1", "Pod")
assert POD is not None
JSON = st.recursive(
    st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(st.sampled_from("pqr"), JSON, max_size=3)


def container(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


def pod(*containers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(containers), **fields}}


@given(OBJECT, OBJECT, OBJECT)
def test_a_merge_patch_brings_the_files_state_and_is_empty_then(original: Any, modified: Any, current: Any) -> None:
    untyped = strategic.Untyped()
    after = strategic.merge(current, threeway.patch(original, modified, current, untyped), untyped)
    assert threeway.patch(modified, modified, after, untyped) == {}
    assert not set(original) - set(modified) & set(after)


@given(*[st.lists(st.sampled_from("abc"), unique=True) for _ in range(3)], st.sampled_from(("x:1", "x:2")))
def test_containers_are_told_apart_by_name(before: list[str], wanted: list[str], there: list[str], image: str) -> None:
    assert POD is not None
    original, modified = pod(*map(container, before)), pod(*(container(name, image=image) for name in wanted))
    current = pod(*(container(name, image="x:1", imagePullPolicy="Always") for name in there))
    after = strategic.merge(current, threeway.patch(original, modified, current, POD), POD)
    names = [each["name"] for each in after["spec"]["containers"]]
    assert [name for name in names if name in wanted] == wanted
    assert set(names) == set(wanted) | (set(there) - set(before))
    assert all(each["image"] == image for each in after["spec"]["containers"] if each["name"] in wanted)
    assert threeway.patch(modified, modified, after, POD) == {}


def test_what_the_server_added_stays() -> None:
    current = pod(container("app", image="x:1", imagePullPolicy="IfNotPresent"), restartPolicy="Always")
    assert POD is not None
    assert threeway.patch({}, pod(container("app", image="x:1")), current, POD) == {}
    change = threeway.patch({}, pod(container("app", image="x:2")), current, POD)
    order = {"$setElementOrder/containers": [{"name": "app"}]}
    assert change == {"spec": {**order, "containers": [{"image": "x:2", "name": "app"}]}}


def test_a_set_loses_what_the_file_lost() -> None:
    assert POD is not None
    original, modified = {"metadata": {"finalizers": ["a/a", "b/b"]}}, {"metadata": {"finalizers": ["b/b"]}}
    current = {"metadata": {"finalizers": ["a/a", "b/b", "c/c"]}}
    after = strategic.merge(current, threeway.patch(original, modified, current, POD), POD)
    assert sorted(after["metadata"]["finalizers"]) == ["b/b", "c/c"]


def test_of_a_union_only_the_wanted_member_stays() -> None:
    deployment = types.of("apps/v1", "Deployment")
    assert deployment is not None
    current = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}}}
    modified = {"spec": {"strategy": {"type": "Recreate"}}}
    after = strategic.merge(current, threeway.patch({}, modified, current, deployment), deployment)
    assert after == modified
