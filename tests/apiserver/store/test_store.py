"""The store's contract, over memory and over a file: modelled on upstream's storage tests.

Upstream: kubernetes v1.36 staging/src/k8s.io/apiserver/pkg/storage/testing (store_tests.go).
"""

import asyncio
import contextlib
import tracemalloc
from typing import Any

import pytest
from tests.apiserver.store.objects import DEPLOYMENTS, NODES, PODS, at, collect, pod, refused

from pullscope.apiserver.store.records import key
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import SystemClock
from pullscope.kube.status import ApiError


async def test_create_returns_what_is_stored_with_its_revision(store: Store) -> None:
    given = pod("a")
    created = await store.create(at("a"), given)
    assert created.revision == store.revision == 1
    expected = pod("a")
    expected["metadata"]["resourceVersion"] = "1"
    assert created.object() == store.get(at("a")).object() == expected
    assert given == pod("a"), "the caller's object stays as it is"


async def test_an_object_takes_no_more_memory_than_its_bytes() -> None:
    """orjson gives its whole buffer away with what it wrote, some eight times as much."""
    store = Store.open(None)
    tracemalloc.start()
    for number in range(100):
        await store.create(at(f"p{number}"), pod(f"p{number}", fill="x" * 2000))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await store.close()
    assert taken < 100 * 5000


async def test_create_of_what_exists_is_refused(store: Store) -> None:
    await store.create(at("a"), pod("a"))
    error = await refused(store.create(at("a"), pod("a", image="v2")))
    assert (error.code, error.reason, error.message) == (409, "AlreadyExists", 'pods "a" already exists')
    assert error.details == {"name": "a", "kind": "pods"}
    assert store.get(at("a")).revision == store.revision == 1


async def test_the_same_name_elsewhere_is_another_object(store: Store) -> None:
    await store.create(at("a"), pod("a"))
    await store.create(at("a", "other"), pod("a"))
    await store.create(key(DEPLOYMENTS, "demo", "a"), pod("a"))
    assert len(store.list(PODS).items) == 2
    error = await refused(store.create(key(DEPLOYMENTS, "demo", "a"), pod("a")))
    assert error.message == 'deployments.apps "a" already exists'
    assert error.details == {"name": "a", "group": "apps", "kind": "deployments"}


async def test_get_of_what_is_missing(store: Store) -> None:
    with pytest.raises(ApiError, match='pods "a" not found') as caught:
        store.get(at("a"))
    assert (caught.value.code, caught.value.reason) == (404, "NotFound")
    assert store.find(at("a")) is None


async def test_update_replaces_and_numbers(store: Store) -> None:
    first = await store.create(at("a"), pod("a"))
    second = await store.update(at("a"), pod("a", image="v2"), expected=first.revision)
    third = await store.update(at("a"), pod("a", image="v3"))
    assert [first.revision, second.revision, third.revision] == [1, 2, 3]
    assert store.get(at("a")).object()["spec"]["containers"][0]["image"] == "v3"
    assert first.object()["spec"]["containers"][0]["image"] == "v1", "what was read stays as it was"


async def test_update_of_another_revision_is_a_conflict(store: Store) -> None:
    first = await store.create(at("a"), pod("a"))
    await store.update(at("a"), pod("a", image="v2"))
    error = await refused(store.update(at("a"), pod("a", image="v3"), expected=first.revision))
    assert (error.code, error.reason) == (409, "Conflict")
    assert error.message == (
        'Operation cannot be fulfilled on pods "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    assert store.revision == 2


async def test_update_of_what_is_missing(store: Store) -> None:
    assert (await refused(store.update(at("a"), pod("a")))).code == 404


async def test_an_update_that_changes_nothing_is_no_write(store: Store) -> None:
    created = await store.create(at("a"), pod("a"))
    shuffled = dict(reversed(pod("a", resourceVersion="999").items()))
    with store.watch(PODS, revision=created.revision) as watch:
        assert (await store.update(at("a"), shuffled)).revision == created.revision
        assert store.revision == created.revision
        await store.update(at("a"), pod("a", image="v2"))
        assert (await anext(watch)).revision == created.revision + 1


@pytest.mark.parametrize(("old", "new"), [(True, 1), (0, False), (1, 1.0), (None, False)])
async def test_values_of_other_types_are_changes(store: Store, old: object, new: object) -> None:
    await store.create(at("a"), {**pod("a"), "value": old})
    assert (await store.update(at("a"), {**pod("a"), "value": new})).revision == 2


async def test_delete_returns_the_last_state_at_the_revision_of_the_deletion(store: Store) -> None:
    await store.create(at("a"), pod("a"))
    last = await store.delete(at("a"))
    assert last.revision == store.revision == 2
    assert last.object()["metadata"]["resourceVersion"] == "2"
    assert store.find(at("a")) is None
    assert (await refused(store.delete(at("a")))).code == 404
    assert (await store.create(at("a"), pod("a"))).revision == 3


async def test_delete_preconditions(store: Store) -> None:
    created = await store.create(at("a"), pod("a", uid="u1"))
    error = await refused(store.delete(at("a"), uid="u2"))
    assert (error.code, error.reason) == (409, "Conflict")
    assert "the UID in the precondition (u2) does not match the UID in record (u1)" in error.message
    error = await refused(store.delete(at("a"), uid="u1", expected=created.revision + 1))
    assert (
        "the ResourceVersion in the precondition (2) does not match the ResourceVersion in record (1)" in error.message
    )
    assert (await store.delete(at("a"), uid="u1", expected=created.revision)).revision == 2


async def test_lists_are_in_order_and_at_a_revision(store: Store) -> None:
    for namespace, name in [("b", "x"), ("a", "z"), ("b", "a"), ("a", "a-1")]:
        await store.create(at(name, namespace), pod(name))
    await store.create(key(NODES, None, "crc"), pod("crc"))
    everywhere = store.list(PODS)
    assert [(item.key.namespace, item.key.name) for item in everywhere.items] == [
        ("a", "a-1"),
        ("a", "z"),
        ("b", "a"),
        ("b", "x"),
    ]
    assert everywhere.revision == 5
    assert [item.key.name for item in store.list(PODS, "b").items] == ["a", "x"]
    assert store.list(PODS, "none").items == []
    assert [item.key.name for item in store.list(NODES).items] == ["crc"]


async def test_a_list_of_the_past(store: Store) -> None:
    await store.create(at("a"), pod("a", node="n1"))
    await store.create(at("b"), pod("b", node="n1"))
    await store.update(at("a"), pod("a", node="n2"))
    await store.delete(at("b"))
    await store.create(at("c"), pod("c"))
    then = store.list(PODS, revision=2)
    assert [(item.key.name, item.revision, item.node) for item in then.items] == [("a", 1, "n1"), ("b", 2, "n1")]
    assert then.revision == 2
    assert [item.key.name for item in store.list(PODS, node="n2", revision=3).items] == ["a"]
    assert [item.key.name for item in store.list(PODS, node="n1", revision=3).items] == ["b"]
    assert store.list(PODS, "other", revision=2).items == []


async def test_a_list_of_what_is_forgotten_or_to_come_is_refused(store: Store) -> None:
    for number in range(60):
        await store.create(at(f"p{number}"), pod(f"p{number}"))
    assert len(store.list(PODS, revision=10).items) == 10
    with pytest.raises(ApiError, match="The resourceVersion for the provided list is too old") as caught:
        store.list(PODS, revision=9)
    assert (caught.value.code, caught.value.reason) == (410, "Expired")
    with pytest.raises(ApiError, match="Timeout: Too large resource version: 61, current: 60") as caught:
        store.list(PODS, revision=61)
    assert (caught.value.code, caught.value.reason) == (504, "Timeout")


async def test_lists_by_node_follow_the_object(store: Store) -> None:
    await store.create(at("a"), pod("a"))
    await store.create(at("b", "other"), pod("b", node="n1"))
    assert [item.key.name for item in store.list(PODS, node="n1").items] == ["b"]
    await store.update(at("a"), pod("a", node="n1"))
    assert [item.key.name for item in store.list(PODS, node="n1").items] == ["a", "b"]
    assert [item.key.name for item in store.list(PODS, "demo", node="n1").items] == ["a"]
    await store.delete(at("b", "other"))
    assert [item.key.name for item in store.list(PODS, node="n1").items] == ["a"]
    assert store.list(PODS, node="n2").items == []


async def test_dependants_are_found_by_the_uid_of_their_owner(store: Store) -> None:
    owned = [{"uid": "o1"}, {"uid": "o2"}]
    await store.create(at("a"), pod("a", ownerReferences=owned))
    await store.create(key(DEPLOYMENTS, "demo", "d"), pod("d", ownerReferences=owned[:1]))
    assert [item.key.name for item in store.owned("o1")] == ["d", "a"]
    assert [item.key.name for item in store.owned("o2")] == ["a"]
    await store.update(at("a"), pod("a"))
    assert list(store.owned("o2")) == []


async def test_labels_stand_beside_the_bytes(store: Store) -> None:
    created = await store.create(at("a"), pod("a", labels={"app": "web"}))
    assert created.labels == {"app": "web"}
    assert (await store.update(at("a"), pod("a"))).labels == {}


def _nested(levels: int) -> dict[str, Any]:
    return {"x": _nested(levels - 1)} if levels else {}


@pytest.mark.parametrize("value", ["\ud800", 1 << 64, _nested(300)])
async def test_what_json_cannot_hold_is_refused(store: Store, value: object) -> None:
    error = await refused(store.create(at("a"), {**pod("a"), "value": value}))
    assert (error.code, error.reason) == (400, "BadRequest")
    assert store.find(at("a")) is None
    await store.create(at("a"), pod("a"))
    assert (await refused(store.update(at("a"), {**pod("a"), "value": value}))).code == 400


# Concurrent writers


async def test_of_many_writers_of_one_object_each_wins_once(store: Store) -> None:
    await store.create(at("a"), {**pod("a"), "count": 0})

    async def add_one() -> None:
        while True:
            stored = store.get(at("a"))
            obj = stored.object()
            obj["count"] += 1
            with contextlib.suppress(ApiError):
                await store.update(at("a"), obj, expected=stored.revision)
                return

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert store.get(at("a")).object()["count"] == 20
    assert store.revision == 21


async def test_of_many_creators_of_one_name_one_wins(store: Store) -> None:
    outcomes = await asyncio.gather(*(store.create(at("a"), pod("a")) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, ApiError)} == {"AlreadyExists"}


async def test_concurrent_writes_are_told_in_the_order_of_revisions(store: Store) -> None:
    with store.watch(PODS, revision=0) as watch:
        stored = await asyncio.gather(*(store.create(at(f"p{n}"), pod(f"p{n}")) for n in range(40)))
        told = await collect(watch, 40)
    assert [revision for _, _, revision in told] == list(range(1, 41))
    assert {(item.key.name, item.revision) for item in stored} == {(name, revision) for _, name, revision in told}


async def test_a_cancelled_writer_leaves_the_store_in_order(store: Store) -> None:
    writing = asyncio.ensure_future(store.create(at("a"), pod("a")))
    await SystemClock().sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    # Whether the first came through or not, the second is checked against what is really there.
    with contextlib.suppress(ApiError):
        await store.create(at("a"), pod("a", image="v2"))
    assert store.get(at("a")).revision == store.revision
