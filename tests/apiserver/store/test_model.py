"""The store beside a dict: any sequence of operations gives the same objects, and watches rebuild them."""

import asyncio
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pullscope.apiserver.store.history import Watch
from pullscope.apiserver.store.records import Event, Key, key
from pullscope.apiserver.store.store import Store
from pullscope.kube.resources import PODS
from pullscope.kube.status import ApiError

_keys = st.builds(key, st.just(PODS), st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", "z"]))
_HISTORY = 8
_values = st.integers(0, 3)


class Model(RuleBasedStateMachine):
    """`self.objects` is what the store must hold: key -> (value, revision); `self.past` what it held at each revision."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = Store.open(None, history=_HISTORY)
        self.objects: dict[Key, tuple[int, int]] = {}
        self.revision = 0
        self.past = {0: self.objects.copy()}
        self.watch: Watch = self.store.watch(PODS, revision=0)
        self.seen: dict[Key, tuple[int, int]] = {}

    def teardown(self) -> None:
        self.watch.close()
        self.loop.run_until_complete(self.store.close())
        self.loop.close()

    def _code(self, writing: Any) -> int:
        """200, or the code of the refusal."""
        try:
            self.loop.run_until_complete(writing)
        except ApiError as error:
            return error.code
        return 200

    @rule(at=_keys, value=_values)
    def create(self, at: Key, value: int) -> None:
        expected = 409 if at in self.objects else 200
        assert self._code(self.store.create(at, _object(at, value))) == expected
        if expected == 200:
            self.revision += 1
            self.objects[at] = (value, self.revision)

    @rule(at=_keys, value=_values, guess=st.sampled_from([None, "right", "wrong"]))
    def update(self, at: Key, value: int, guess: str | None) -> None:
        old = self.objects.get(at)
        expected = None if guess is None else (old[1] if old else 0) + (guess == "wrong")
        code = self._code(self.store.update(at, _object(at, value), expected))
        if old is None:
            assert code == 404
        elif guess == "wrong":
            assert code == 409
        else:
            assert code == 200
            if old[0] != value:
                self.revision += 1
                self.objects[at] = (value, self.revision)

    @rule(at=_keys)
    def delete(self, at: Key) -> None:
        assert self._code(self.store.delete(at)) == (200 if at in self.objects else 404)
        if at in self.objects:
            self.revision += 1
            del self.objects[at]

    @rule(back=st.integers(0, 10), node=st.sampled_from([None, "n1"]), namespace=st.sampled_from([None, "a"]))
    def look_back(self, back: int, node: str | None, namespace: str | None) -> None:
        """A list of the past is what it was then, within the history; before it, it has expired."""
        then = max(0, self.revision - back)
        if self.revision - then > _HISTORY:
            with pytest.raises(ApiError, match="too old"):
                self.store.list(PODS, namespace, node=node, revision=then)
            return
        listing = self.store.list(PODS, namespace, node=node, revision=then)
        assert listing.revision == then
        found = {item.key: (item.object()["value"], item.revision) for item in listing.items}
        expected = {
            at: held
            for at, held in self.past[then].items()
            if node in (None, f"n{held[0]}") and namespace in (None, at.namespace)
        }
        assert found == expected
        assert list(found) == sorted(expected)

    @rule()
    def follow(self) -> None:
        """Read what the watch has; where it has expired, list anew, as a client does."""
        try:
            self._read_on()
        except ApiError:
            listing = self.store.list(PODS)
            self.seen = {item.key: (item.object()["value"], item.revision) for item in listing.items}
            self.watch = self.store.watch(PODS, revision=listing.revision)
        assert self.seen == self.objects

    def _read_on(self) -> None:
        while (event := self.watch.next_ready()) is not None:
            assert isinstance(event, Event)
            self._apply(event)

    def _apply(self, event: Event) -> None:
        before = self.seen.pop(event.key, None)
        assert (event.previous and event.previous.revision) == (before and before[1])
        if event.type != "DELETED":
            self.seen[event.key] = (event.current.object()["value"], event.revision)

    @invariant()
    def same(self) -> None:
        self.past[self.revision] = self.objects.copy()
        listing = self.store.list(PODS)
        assert listing.revision == self.store.revision == self.revision
        found = {item.key: (item.object()["value"], item.revision) for item in listing.items}
        assert found == self.objects
        assert [item.key for item in listing.items] == sorted(self.objects)
        for item in listing.items:
            assert item.object()["metadata"]["resourceVersion"] == str(item.revision)

    @invariant()
    def indexed(self) -> None:
        for value in range(4):
            holders = sorted(at for at, (held, _) in self.objects.items() if held == value)
            assert [item.key for item in self.store.owned(f"o{value}")] == holders
            assert [item.key for item in self.store.list(PODS, node=f"n{value}").items] == holders
            inside = [item.key for item in self.store.list(PODS, "a", node=f"n{value}").items]
            assert inside == [at for at in holders if at.namespace == "a"]


def _object(at: Key, value: int) -> dict[str, Any]:
    metadata = {"name": at.name, "namespace": at.namespace, "ownerReferences": [{"uid": f"o{value}"}]}
    return {"metadata": metadata, "spec": {"nodeName": f"n{value}"}, "value": value}


Model.TestCase.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=40)
TestModel = Model.TestCase
