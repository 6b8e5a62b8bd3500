"""What nodes report of themselves, and what kubelets tell of pods."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.why.collect.api import Api, listed

from pullscope.base.clock import ManualClock, SystemClock
from pullscope.kube.status import ApiError
from pullscope.why.collect import events, nodes
from pullscope.why.collect.ledger import Ledger
from pullscope.why.facts import KubeletSettings, NodeImage, PullEvent

NODES = "/api/v1/nodes"
EVENTS = "/api/v1/namespaces/demo/events"
AT, LATER = "2026-11-21T12:00:00Z", "2026-11-21T12:05:00Z"


def node(name: str = "n1", images: int = 1, **spec: Any) -> dict[str, Any]:
    status = {
        "images": [{"names": [f"r/a{number}:v1"], "sizeBytes": 7} for number in range(images)] or None,
        "nodeInfo": {"operatingSystem": "linux", "architecture": "arm64", "kubeletVersion": "v1.36.2",
                     "containerRuntimeVersion": "cri-o://1.37.0"},
        "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": AT}],
    }  # fmt: skip
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def configz(node: str = "n1") -> str:
    return f"{NODES}/{node}/proxy/configz"


@pytest.mark.parametrize(
    ("images", "settings", "complete"),
    [(1, {}, True), (49, {}, True), (50, {}, False), (50, {"nodeStatusMaxImages": -1}, True), (0, {}, True)],
)
async def test_whether_a_node_reports_all_it_has(images: int, settings: dict[str, Any], complete: bool) -> None:
    found = await nodes.read(
        Api({NODES: listed(node(images=images)), configz(): {"kubeletconfig": settings}}), Ledger(), SystemClock()
    )
    assert found is not None
    assert (len(found["n1"].images), found["n1"].complete) == (images, complete)


async def test_an_image_of_five_names_may_have_more() -> None:
    reported = node()
    reported["status"]["images"] = [{"names": [f"r/a@sha256:{number:064}" for number in range(5)], "sizeBytes": 7}]
    found = await nodes.read(Api({NODES: listed(reported), configz(): {}}), Ledger(), SystemClock())
    assert found is not None
    assert not found["n1"].complete


async def test_a_node_and_its_settings() -> None:
    config = {
        "serializeImagePulls": False,
        "imagePullCredentialsVerificationPolicy": "AlwaysVerify",
        "nodeStatusMaxImages": 10,
        "cgroupDriver": "systemd",
    }
    ledger = Ledger()
    found = await nodes.read(Api({NODES: listed(node()), configz(): {"kubeletconfig": config}}), ledger, SystemClock())
    assert found is not None
    assert found["n1"].settings == KubeletSettings("AlwaysVerify", serialize_pulls=False, max_images=10)
    assert found["n1"].images == (NodeImage(("r/a0:v1",), 7),)
    assert found["n1"].reported == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert (found["n1"].os, found["n1"].architecture) == ("linux", "arm64")
    assert ledger.unseen == ()


async def test_nodes_that_take_no_pods() -> None:
    away = node("away")
    away["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
    found = await nodes.read(
        Api({NODES: listed(node("cordoned", unschedulable=True), away, {"metadata": {"name": "new"}})}),
        Ledger(),
        SystemClock(),
    )
    assert found is not None
    assert {name: each.schedulable for name, each in found.items()} == {"cordoned": False, "away": False, "new": False}


async def test_who_may_not_ask_one_kubelet_asks_no_others() -> None:
    many = [node(f"n{number}") for number in range(100)]
    api, ledger = Api({NODES: listed(*many)}), Ledger()
    for number in range(100):
        api.answers[configz(f"n{number}")] = ApiError(403, "Forbidden", "nodes/proxy is forbidden")
    found = await nodes.read(api, ledger, SystemClock())
    assert found is not None
    assert len(api.asked) < 20
    assert [(each.what, each.reason) for each in ledger.unseen] == [("kubelet settings", "nodes/proxy is forbidden")]


async def test_kubelets_that_keep_one_waiting() -> None:
    class Slow(Api):
        async def read(self, path: str, params: Any = None, *, largest: int | None = None) -> bytes:
            if path == configz("n2"):
                await asyncio.Event().wait()
            return await super().read(path, params, largest=largest)

    clock, ledger = ManualClock(), Ledger()
    api = Slow({NODES: listed(node("n1"), node("n2")), configz("n1"): {"kubeletconfig": {}}})
    reading = asyncio.ensure_future(nodes.read(api, ledger, clock))
    while clock.next_wake() is None or not any(path == configz("n1") for path, _ in api.asked):
        await clock.sleep(0)
    clock.advance(10)
    found = await reading
    assert found is not None
    assert (found["n1"].settings, found["n2"].settings) == (KubeletSettings(), None)
    assert [each.reason for each in ledger.unseen] == ["1 kubelets gave no answer in time"]


BACK_OFF = 'Back-off pulling image "r/a"'


def event(reason: str, **fields: Any) -> dict[str, Any]:
    about = {"kind": "Pod", "uid": "uid-1", "fieldPath": "spec.containers{app}"}
    return {
        "metadata": {"creationTimestamp": AT},
        "involvedObject": about,
        "reason": reason,
        "message": reason,
        **fields,
    }


async def told(*those: dict[str, Any]) -> events.Events:
    return await events.read(Api({EVENTS: listed(*those)}), "demo", {"uid-1"}, Ledger())


async def test_events_of_both_halves() -> None:
    """Those with first and last timestamps, and the newer ones with series; a container's in the order of their times."""
    found = await told(
        event("BackOff", message=BACK_OFF, firstTimestamp=LATER, lastTimestamp=LATER, count=5),
        event("Pulling", firstTimestamp=None, eventTime=AT, series={"count": 3, "lastObservedTime": LATER}),
        event(
            "Failed", message='Failed to pull image "r/a": Get "https://cdn.test/x?sig=secret": EOF', firstTimestamp=AT
        ),
    )
    at, later = datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
    assert found == {
        ("uid-1", "app"): (
            PullEvent("Pulling", "Pulling", at, later, 3),
            PullEvent("Failed", 'Failed to pull image "r/a": Get "https://cdn.test/x?…": EOF', at, at),
            PullEvent("BackOff", BACK_OFF, later, later, 5),
        )
    }


async def test_events_that_are_not_about_these_images() -> None:
    other = event("Pulled")
    other["involvedObject"] = {**other["involvedObject"], "uid": "uid-2"}
    assert await told(other, event("Scheduled"), event("Unhealthy"), event("Pulled", metadata={})) == {}


@pytest.mark.parametrize(
    ("reason", "message", "kept"),
    [
        ("Failed", "Error: ErrImagePull", True),
        ("Failed", "Error: InvalidImageName", True),
        ("Failed", 'Failed to pull image "r/a": EOF', True),
        ("Failed", 'Error: failed to start container "app": exec: "run --password=hunter2": not found', False),
        ("BackOff", "Back-off restarting failed container app in pod p", False),
    ],
)
async def test_failures_that_have_nothing_to_do_with_images(reason: str, message: str, kept: bool) -> None:
    assert bool(await told(event(reason, message=message))) is kept


async def test_what_concerns_the_pod_as_a_whole() -> None:
    whole = event("FailedToRetrieveImagePullSecret")
    whole["involvedObject"] = {"kind": "Pod", "uid": "uid-1"}
    assert list(await told(whole)) == [("uid-1", "")]
