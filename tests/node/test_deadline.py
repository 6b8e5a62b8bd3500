"""activeDeadlineSeconds: a pod that is active for too long fails, and one that ended before stays as it ended."""

from datetime import UTC, datetime

import pytest
from tests.node.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.node import deadline

START = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("spec", "status", "left"),
    [
        ({}, {"startTime": START, "phase": "Running"}, None),
        ({"activeDeadlineSeconds": 60}, {"phase": "Pending"}, None),
        ({"activeDeadlineSeconds": 60}, {"startTime": START, "phase": "Succeeded"}, None),
        ({"activeDeadlineSeconds": 60}, {"startTime": START, "phase": "Running"}, 30),
        ({"activeDeadlineSeconds": 30}, {"startTime": START, "phase": "Pending"}, 0),
        ({"activeDeadlineSeconds": 10}, {"startTime": START, "phase": "Running"}, -20),
    ],
)
def test_what_is_left(spec: Object, status: Object, left: float | None) -> None:
    now = datetime(2026, 1, 1, second=30, tzinfo=UTC)
    assert deadline.left({"spec": spec}, status, now) == left
    assert deadline.passed({"spec": spec}, status, now) is (left is not None and left <= 0)


async def test_a_pod_that_is_active_for_too_long_fails(world: World) -> None:
    await world.run(activeDeadlineSeconds=25)
    await world.advance(24)
    assert (await world.pod())["status"]["phase"] == "Running"
    await world.advance(1)
    status = (await world.pod())["status"]
    message = "Pod was active on the node longer than the specified deadline"
    assert (status["phase"], status["reason"], status["message"]) == ("Failed", "DeadlineExceeded", message)
    assert "terminated" in status["containerStatuses"][0]["state"]
    assert (await world.conditions())["Ready"] == "False"
    assert (await world.told())[-2:] == [f"DeadlineExceeded x1 {message}", "Killing x1 Stopping container app"]
    assert await world.log() != ""
    await world.restart(world.kubelet.options)
    await world.advance(200)
    assert (await world.pod())["status"] == status


async def test_a_pod_that_waits_for_its_image_fails_as_well(world: World) -> None:
    await world.run(activeDeadlineSeconds=3, container={"image": "127.0.0.1:5001/m/none:v1"})
    await world.advance(3)
    assert (await world.pod())["status"]["reason"] == "DeadlineExceeded"


async def test_a_deadline_that_is_brought_forward_counts_from_the_start(world: World) -> None:
    await world.run(activeDeadlineSeconds=1000)
    await world.advance(20)
    patch = {"spec": {"activeDeadlineSeconds": 15}}
    await world.api.patch(resources.PODS, NS, "p", patch)
    await world.quiet()
    assert (await world.pod())["status"]["reason"] == "DeadlineExceeded"


async def test_a_pod_that_succeeded_before_stays_so(world: World) -> None:
    await world.run(activeDeadlineSeconds=20, restartPolicy="Never")
    world.runtime.end(world.runtime.only().id, 0)
    await world.quiet()
    await world.advance(100)
    await world.restart(world.kubelet.options)
    status = (await world.pod())["status"]
    assert (status["phase"], status.get("reason")) == ("Succeeded", None)
