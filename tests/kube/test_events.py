"""Events as client-go correlates them and as a real cluster showed them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.base.clock import ManualClock
from pullscope.kube import events, resources, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

START = datetime(2026, 1, 1, tzinfo=UTC)
POD: Object = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {"name": "p", "namespace": "ns", "uid": "u", "resourceVersion": "294"},
}


class Written:
    """An API that keeps events, and can be told to be slow or to refuse."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str, Object]] = []
        self.stored: dict[str, Object] = {}
        self.gate: asyncio.Event | None = None
        self.refuse = False
        self.broken = False

    async def create(self, resource: Resource, namespace: str | None, obj: Object) -> Object:
        assert (resource, namespace) == (resources.EVENTS, obj["metadata"]["namespace"])
        if self.gate:
            await self.gate.wait()
        if self.broken:
            raise ConnectionError
        if self.refuse:
            raise status.forbidden(resource, obj["metadata"]["name"], "the namespace is being terminated")
        if obj["metadata"]["name"] in self.stored:
            raise status.already_exists(resource, obj["metadata"]["name"])
        self.log.append(("create", obj["message"], obj))
        self.stored[obj["metadata"]["name"]] = obj
        return obj

    async def patch(self, resource: Resource, namespace: str | None, name: str, patch: Any) -> Object:
        if name not in self.stored:
            raise status.not_found(resource, name)
        self.log.append(("patch", patch["message"], patch))
        self.stored[name] = {**self.stored[name], **patch}
        return self.stored[name]


@pytest.fixture
def api() -> Written:
    return Written()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def recorder(api: Written, clock: ManualClock) -> events.Recorder:
    return events.Recorder(api, "kubelet", clock, host="crc")


async def test_an_event_has_the_recorded_shape(api: Written, recorder: events.Recorder) -> None:
    await recorder.event(POD, "Normal", "Pulling", 'Pulling image "x"', field_path="spec.containers{app}")
    (event,) = api.stored.values()
    assert event == {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": "p.18867251edfa0079", "namespace": "ns"},
        "involvedObject": {
            "apiVersion": "v1",
            "fieldPath": "spec.containers{app}",
            "kind": "Pod",
            "name": "p",
            "namespace": "ns",
            "resourceVersion": "294",
            "uid": "u",
        },
        "reason": "Pulling",
        "message": 'Pulling image "x"',
        "type": "Normal",
        "count": 1,
        "eventTime": None,
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "source": {"component": "kubelet", "host": "crc"},
        "reportingComponent": "kubelet",
        "reportingInstance": "crc",
    }


async def test_the_schedulers_shape(api: Written, clock: ManualClock) -> None:
    recorder = events.Recorder(api, "default-scheduler", clock, host="crc")
    await recorder.announce(POD, "Normal", "Scheduled", "Successfully assigned ns/p to crc", action="Binding")
    (event,) = api.stored.values()
    assert "count" not in event
    assert event["source"] == {}
    assert (event["firstTimestamp"], event["lastTimestamp"]) == (None, None)
    assert event["eventTime"] == "2026-01-01T00:00:00.000000Z"
    assert (event["action"], event["reportingComponent"]) == ("Binding", "default-scheduler")
    assert event["reportingInstance"] == "default-scheduler-crc"


async def test_a_component_without_host_names_none(api: Written, clock: ManualClock) -> None:
    await events.Recorder(api, "replicaset-controller", clock).event(POD, "Normal", "SuccessfulCreate", "m")
    (event,) = api.stored.values()
    assert event["source"] == {"component": "replicaset-controller"}
    assert event["reportingInstance"] == ""


async def test_an_object_without_namespace_has_its_events_in_default(api: Written, recorder: events.Recorder) -> None:
    node: Object = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "crc", "uid": "crc"}}
    await recorder.event(node, "Normal", "Starting", "Starting kubelet.")
    (event,) = api.stored.values()
    assert event["metadata"]["namespace"] == "default"
    assert "namespace" not in event["involvedObject"]


async def test_the_same_again_is_counted(api: Written, recorder: events.Recorder, clock: ManualClock) -> None:
    for _ in range(3):
        await recorder.event(POD, "Warning", "Failed", "Error: ErrImagePull")
        clock.advance(11.5)
    (event,) = api.stored.values()
    assert [kind for kind, _, _ in api.log] == ["create", "patch", "patch"]
    assert (event["count"], event["firstTimestamp"]) == (3, "2026-01-01T00:00:00Z")
    assert event["lastTimestamp"] == "2026-01-01T00:00:23Z"


@pytest.mark.parametrize(
    "other",
    [
        {"type": "Normal"},
        {"reason": "BackOff"},
        {"message": "other"},
        {"field_path": "spec.containers{b}"},
        {"obj": {**POD, "metadata": {**POD["metadata"], "uid": "u2"}}},
    ],
)
async def test_what_differs_is_another_event(api: Written, recorder: events.Recorder, other: dict[str, Any]) -> None:
    same: dict[str, Any] = {"obj": POD, "type": "Warning", "reason": "Failed", "message": "m", "field_path": "f"}
    await recorder.event(**same)
    await recorder.event(**{**same, **other})
    assert [kind for kind, _, _ in api.log] == ["create", "create"]
    assert len(api.stored) == 2


async def test_an_expired_event_is_made_anew_with_its_count(api: Written, recorder: events.Recorder) -> None:
    await recorder.event(POD, "Normal", "BackOff", "m")
    api.stored.clear()
    await recorder.event(POD, "Normal", "BackOff", "m")
    (event,) = api.stored.values()
    assert event["count"] == 2


async def test_a_refused_event_is_dropped(api: Written, recorder: events.Recorder) -> None:
    api.refuse = True
    await recorder.event(POD, "Normal", "Killing", "m")
    api.refuse = False
    await recorder.event(POD, "Normal", "Other", "n")
    assert [message for _, message, _ in api.log] == ["n"]


async def test_events_are_written_in_the_order_of_the_calls(
    api: Written, recorder: events.Recorder, clock: ManualClock
) -> None:
    api.gate = asyncio.Event()
    calls = [asyncio.create_task(recorder.event(POD, "Normal", "A", str(number))) for number in range(5)]
    await clock.sleep(0)
    assert not any(call.done() for call in calls)
    api.gate.set()
    await asyncio.gather(*calls)
    assert [message for _, message, _ in api.log] == ["0", "1", "2", "3", "4"]


async def test_the_same_event_is_not_written_twice_at_a_time(
    api: Written, recorder: events.Recorder, clock: ManualClock
) -> None:
    api.gate = asyncio.Event()
    calls = [asyncio.create_task(recorder.event(POD, "Normal", "A", "1")) for _ in range(3)]
    await clock.sleep(0)
    assert [call.done() for call in calls] == [False, True, True]
    api.gate.set()
    await calls[0]
    assert [(way, obj["count"]) for way, _, obj in api.log] == [("create", 1), ("patch", 2), ("patch", 3)]


async def test_a_call_returns_when_enough_others_write(
    api: Written, recorder: events.Recorder, clock: ManualClock
) -> None:
    api.gate = asyncio.Event()
    calls = [asyncio.create_task(recorder.event(POD, "Normal", f"R{number}", "m")) for number in range(25)]
    calls += [asyncio.create_task(recorder.event(POD, "Warning", f"R{number}", "m")) for number in range(25)]
    await clock.sleep(0)
    assert [call.done() for call in calls] == [False] * 32 + [True] * 18
    api.gate.set()
    await asyncio.gather(*calls)
    assert [obj["reason"] for _, _, obj in api.log] == [f"R{number}" for number in range(25)] * 2


async def test_a_cancelled_writers_event_is_written_by_the_next_one(
    api: Written, recorder: events.Recorder, clock: ManualClock
) -> None:
    api.gate = asyncio.Event()
    first = asyncio.create_task(recorder.event(POD, "Normal", "A", "1"))
    await clock.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    api.gate.set()
    await recorder.event(POD, "Normal", "B", "2")
    assert [message for _, message, _ in api.log] == ["1", "2"]


async def test_an_event_that_breaks_the_writer_is_not_tried_forever(api: Written, recorder: events.Recorder) -> None:
    api.broken = True
    with pytest.raises(ConnectionError):
        await recorder.event(POD, "Normal", "A", "1")
    api.broken = False
    await recorder.event(POD, "Normal", "B", "2")
    assert [message for _, message, _ in api.log] == ["2"]


async def test_the_spam_filter_as_recorded(api: Written, recorder: events.Recorder, clock: ManualClock) -> None:
    """never-nodeno-regok: two Warnings a sync, 25 in all, then silence; Normal events have their own budget."""
    for _ in range(15):
        await recorder.event(POD, "Warning", "ErrImageNeverPull", "not present")
        await recorder.event(POD, "Warning", "Failed", "Error: ErrImageNeverPull")
    assert [event["count"] for event in api.stored.values()] == [13, 12]
    await recorder.event(POD, "Normal", "Pulled", "m")
    assert len(api.stored) == 3
    clock.advance(300 + 1)
    await recorder.event(POD, "Warning", "ErrImageNeverPull", "not present")
    await recorder.event(POD, "Warning", "ErrImageNeverPull", "not present")
    assert next(iter(api.stored.values()))["count"] == 16  # those that were held back counted on


async def test_similar_events_become_one(api: Written, clock: ManualClock) -> None:
    recorder = events.Recorder(api, "kubelet", clock)
    for number in range(9):
        await recorder.event(POD, "Warning", "FailedMount", f"volume {number}")
    await recorder.event(POD, "Warning", "FailedMount", "volume a")
    await recorder.event(POD, "Warning", "FailedMount", "volume b")
    messages = [event["message"] for event in api.stored.values()]
    assert len(messages) == 10
    assert messages[-1] == "(combined from similar events): volume b"
    clock.advance(601)
    await recorder.event(POD, "Warning", "FailedMount", "volume c")
    assert list(api.stored.values())[-1]["message"] == "volume c"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400)), max_size=120))
def test_counts_never_shrink_and_the_budget_holds(steps: list[tuple[str, int]]) -> None:
    correlator = events.Correlator()
    now, written, counts = START, 0, dict.fromkeys("abc", 0)
    for message, seconds in steps:
        now += timedelta(seconds=seconds)
        event = {
            "metadata": {"name": "n"},
            "involvedObject": {"name": "p"},
            "source": {"component": "c"},
            "type": "Normal",
            "reason": "R",
            "message": message,
            "count": 1,
            "firstTimestamp": "t",
            "lastTimestamp": "t",
        }
        action = correlator.correlate(event, now)
        if isinstance(action, events.Skip):
            continue
        written += 1
        assert action.event["count"] > counts[message]
        counts[message] = action.event["count"]
    assert written <= 25 + (now - START) / timedelta(seconds=300)
    assert all(counts[message] <= [m for m, _ in steps].count(message) for message in counts)
