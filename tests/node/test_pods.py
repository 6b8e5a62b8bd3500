"""The life of pods on a node: started, restarted, failing, waiting."""

import asyncio
from pathlib import Path

import pytest
from tests.node.fakes import image
from tests.node.world import IMAGE, NS, Steady, World, pod
from tests.node.world import world as make_world

from pullscope.cri.api import CriError
from pullscope.kube import resources
from pullscope.node.context import NodeOptions
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.pull.reasons import Version

PRESENT = f'Pulled x1 Container image "{IMAGE}" already present on machine and can be accessed by the pod'
STARTED = [PRESENT, "Created x1 Container created", "Started x1 Container started"]


async def test_a_pod_runs_and_says_so(world: World) -> None:
    await world.run()
    status = (await world.pod())["status"]
    assert (status["phase"], status["qosClass"], status["startTime"]) == (
        "Running",
        "BestEffort",
        "2026-01-01T00:00:00Z",
    )
    assert (status["podIP"], status["podIPs"]) == ("10.217.0.2", [{"ip": "10.217.0.2"}])
    assert (status["hostIP"], status["hostIPs"]) == ("127.0.0.1", [{"ip": "127.0.0.1"}])
    assert status["observedGeneration"] == 1
    assert [(c["type"], c["status"], c["observedGeneration"]) for c in status["conditions"]] == [
        ("PodReadyToStartContainers", "True", 1),
        ("Initialized", "True", 1),
        ("Ready", "True", 1),
        ("ContainersReady", "True", 1),
        ("PodScheduled", "True", 1),
    ]
    assert await world.told() == STARTED
    assert await world.log() == f"runs {image(IMAGE, 'cached').id[:7]}\nready\n"


@pytest.mark.parametrize(("release", "told"), [((1, 34), "False"), ((1, 35), "False"), ((1, 36), "True")])
async def test_when_it_is_told_that_the_sandbox_is_ready(tmp_path: Path, release: Version, told: str) -> None:
    """Since 1.36 before the image is pulled, and the pod has no address yet (recorded)."""
    async with make_world(tmp_path, NodeOptions(random=Steady(), config=KubeletConfig(release))) as world:
        gate = world.images.gate = asyncio.Event()
        world.images.registry[IMAGE] = image(IMAGE, "new")
        await world.start()
        await world.api.create(resources.PODS, NS, pod(container={"imagePullPolicy": "Always"}))
        while ("pull", IMAGE) not in world.images.calls:
            await world.clock.sleep(0)
        status = (await world.pod())["status"]
        assert (await world.conditions())["PodReadyToStartContainers"] == told
        assert "podIP" not in status
        assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
        gate.set()
        await world.quiet()
        assert (await world.conditions())["PodReadyToStartContainers"] == "True"
        assert (await world.pod())["status"]["podIP"] == "10.217.0.2"


async def test_a_container_that_ends_is_started_again(world: World) -> None:
    await world.run()
    first = world.runtime.only()
    world.runtime.end(first.id, 0)
    await world.quiet()
    container = await world.container()
    assert container["restartCount"] == 1
    assert container["containerID"] == f"cri-o://{world.runtime.only().id}"
    assert container["lastState"]["terminated"] == {
        "exitCode": 0,
        "reason": "Completed",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:00Z",
        "containerID": f"cri-o://{first.id}",
    }
    assert [event.replace("x2", "x1") for event in await world.told()] == STARTED


async def test_a_crash_loop(world: World) -> None:
    """Windows 10, 20, 40 … s from the end of the container; the STATUS follows one sync later."""
    made = await world.run()
    uid = made["metadata"]["uid"]
    world.runtime.end(world.runtime.only().id, 3)
    await world.quiet()  # the first restart is at once
    world.runtime.end(world.runtime.only().id, 3)
    await world.quiet()
    container = await world.container()
    assert container["state"]["terminated"]["reason"] == "Error"
    assert (await world.told())[-1] == f"BackOff x1 Back-off restarting failed container app in pod p_{NS}({uid})"
    await world.advance(9.9)
    assert (await world.container())["restartCount"] == 1
    await world.advance(0.2)
    assert (await world.container())["restartCount"] == 2
    world.runtime.end(world.runtime.only().id, 3)
    await world.advance(10)
    container = await world.container()
    assert container["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": f"back-off 20s restarting failed container=app pod=p_{NS}({uid})",
    }
    assert container["lastState"]["terminated"]["exitCode"] == 3
    assert (await world.pod())["status"]["phase"] == "Running"
    assert (await world.conditions())["Ready"] == "False"


@pytest.mark.parametrize(
    ("policy", "exit_code", "phase", "reason"),
    [
        ("Never", 0, "Succeeded", "PodCompleted"),
        ("Never", 1, "Failed", "PodFailed"),
        ("OnFailure", 0, "Succeeded", "PodCompleted"),
    ],
)
async def test_a_pod_that_is_done(world: World, policy: str, exit_code: int, phase: str, reason: str) -> None:
    await world.run(restartPolicy=policy)
    world.runtime.end(world.runtime.only().id, exit_code)
    await world.quiet()
    status = (await world.pod())["status"]
    assert status["phase"] == phase
    assert [c.get("reason") for c in status["conditions"] if c["type"] in ("Ready", "ContainersReady")] == [reason] * 2
    assert await world.log() != ""
    assert [s.state for s in world.runtime.sandboxes.values()] == ["SANDBOX_NOTREADY"]
    await world.advance(200)
    assert (await world.pod())["status"] == status
    await world.delete()
    assert (world.runtime.sandboxes, world.runtime.containers) == ({}, {})
    assert (await world.api.list(resources.PODS, NS)).items == []


async def test_on_failure_restarts_what_failed(world: World) -> None:
    await world.run(restartPolicy="OnFailure")
    world.runtime.end(world.runtime.only().id, 1)
    await world.quiet()
    assert (await world.container())["restartCount"] == 1


async def test_the_log_before_the_restart_is_kept_and_older_ones_are_not(world: World) -> None:
    await world.run()
    for _ in range(3):
        world.runtime.end(world.runtime.only().id, 0)
        await world.advance(100)
    assert (await world.container())["restartCount"] == 3
    assert [found.status.attempt for found in world.runtime.containers.values()] == [2, 3]
    assert await world.log(previous=True) == await world.log()
    assert sorted(path.name for path in (world.root / "logs").rglob("*.log")) == ["2.log", "3.log"]


async def test_init_containers_run_one_after_the_other(world: World) -> None:
    init = [{"name": name, "image": IMAGE, "imagePullPolicy": "IfNotPresent"} for name in ("one", "two")]
    await world.run(initContainers=init)
    status = (await world.pod())["status"]
    assert status["phase"] == "Pending"
    assert [s["name"] for s in status["initContainerStatuses"]] == ["one", "two"]
    assert status["initContainerStatuses"][1]["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}
    initialized = next(c for c in status["conditions"] if c["type"] == "Initialized")
    assert initialized["message"] == "containers with incomplete status: [one two]"
    world.runtime.end(world.runtime.only("one").id, 0)
    await world.quiet()
    assert [c.status.name for c in world.runtime.containers.values()] == ["one", "two"]
    world.runtime.end(world.runtime.only("two").id, 0)
    await world.quiet()
    status = (await world.pod())["status"]
    assert status["phase"] == "Running"
    assert [s["ready"] for s in status["initContainerStatuses"]] == [True, True]
    fields = {event["involvedObject"]["fieldPath"] for event in world.events}
    assert fields == {"spec.initContainers{one}", "spec.initContainers{two}", "spec.containers{app}"}


async def test_an_init_container_that_fails(world: World) -> None:
    await world.run(initContainers=[{"name": "init", "image": IMAGE, "imagePullPolicy": "IfNotPresent"}])
    for _ in range(2):
        world.runtime.end(world.runtime.only("init").id, 1)
        await world.quiet()
    await world.advance(10)
    assert [c.status.name for c in world.runtime.containers.values()] == ["init", "init"]
    assert (await world.pod())["status"]["phase"] == "Pending"


async def test_an_init_container_that_fails_ends_a_pod_that_is_never_restarted(world: World) -> None:
    init = [{"name": "init", "image": IMAGE, "imagePullPolicy": "IfNotPresent"}]
    await world.run(initContainers=init, restartPolicy="Never")
    world.runtime.end(world.runtime.only("init").id, 1)
    await world.quiet()
    assert (await world.pod())["status"]["phase"] == "Failed"


async def test_several_containers_fail_and_run_side_by_side(world: World) -> None:
    others = [
        {"name": "zz", "image": "127.0.0.1:5001/m/none:v1", "imagePullPolicy": "Never"},
        {"name": "app", "image": IMAGE, "imagePullPolicy": "IfNotPresent"},
    ]
    await world.run(containers=others)
    status = (await world.pod())["status"]
    assert [s["name"] for s in status["containerStatuses"]] == ["app", "zz"]
    assert [s["ready"] for s in status["containerStatuses"]] == [True, False]
    assert status["phase"] == "Pending"
    ready = next(c for c in status["conditions"] if c["type"] == "Ready")
    assert ready["message"] == "containers with unready status: [zz]"


@pytest.mark.parametrize(
    ("call", "reason", "event"),
    [
        ("create_container", "CreateContainerError", "Failed x2 Error: no room"),
        ("start_container", "RunContainerError", "Failed x2 Error: no room"),
    ],
)
async def test_the_runtime_refuses_a_container(world: World, call: str, reason: str, event: str) -> None:
    world.runtime.refuse[call] = CriError("no room")
    await world.run()
    container = await world.container()
    assert container["state"] == {"waiting": {"reason": reason, "message": "no room"}}
    assert event in await world.told()
    world.runtime.refuse.clear()
    await world.advance(10)
    assert "running" in (await world.container())["state"]


async def test_containers_that_could_not_be_started_do_not_pile_up(world: World) -> None:
    world.runtime.refuse["start_container"] = CriError("no room")
    await world.run()
    for _ in range(4):
        await world.advance(10)
    assert len(world.runtime.containers) == 2


async def test_another_image_starts_with_a_fresh_back_off(world: World) -> None:
    await world.run()
    for _ in range(2):
        world.runtime.end(world.runtime.only().id, 3)
        await world.quiet()
    assert "BackOff" in (await world.told())[-1]
    other = "127.0.0.1:5001/m/app:v2"
    world.images.load(image(other, "v2"))
    patch = [{"op": "replace", "path": "/spec/containers/0/image", "value": other}]
    await world.api.patch(resources.PODS, NS, "p", patch, type="json")
    await world.quiet()
    container = await world.container()
    assert (container["image"], "running" in container["state"]) == (other, True)


async def test_a_readiness_gate_that_others_open_makes_the_pod_ready(world: World) -> None:
    await world.run(readinessGates=[{"conditionType": "example.com/gate"}])
    assert (await world.conditions())["Ready"] == "False"
    for word in ("True", "False"):
        gate = {"status": {"conditions": [{"type": "example.com/gate", "status": word}]}}
        await world.api.patch(resources.PODS, NS, "p", gate, type="strategic", subresource="status")
        await world.quiet()
        assert (await world.conditions())["Ready"] == word
    assert (await world.conditions())["example.com/gate"] == "False"


async def test_the_runtime_refuses_a_sandbox(world: World) -> None:
    world.runtime.refuse["run_pod_sandbox"] = CriError("no network")
    await world.run()
    assert await world.told() == ["FailedCreatePodSandBox x1 Failed to create pod sandbox: no network"]
    assert (await world.conditions())["PodReadyToStartContainers"] == "False"
    world.runtime.refuse.clear()
    await world.advance(10)
    assert (await world.pod())["status"]["phase"] == "Running"


async def test_a_lost_sandbox_is_made_again(world: World) -> None:
    await world.run()
    await world.runtime.stop_pod_sandbox("sandbox1")
    await world.quiet()
    await world.advance(10)
    assert "SandboxChanged x1 Pod sandbox changed, it will be killed and re-created." in await world.told()
    assert (await world.container())["restartCount"] == 1
    assert (await world.pod())["status"]["phase"] == "Running"
    assert (await world.pod())["status"]["podIP"] != "10.217.0.2"


async def test_lost_sandboxes_do_not_pile_up(world: World) -> None:
    await world.run()
    for _ in range(4):
        await world.runtime.stop_pod_sandbox(list(world.runtime.sandboxes)[-1])
        await world.advance(320)
    assert (await world.container())["restartCount"] == 4
    assert [sandbox.config.attempt for sandbox in world.runtime.sandboxes.values()] == [3, 4]


async def test_a_sandbox_is_removed_once_when_several_containers_start(world: World) -> None:
    late = "127.0.0.1:5001/m/late:v1"
    names = {"app": IMAGE, "late": late}
    await world.run(
        containers=[{"name": name, "image": ref, "imagePullPolicy": "Never"} for name, ref in names.items()]
    )
    await world.runtime.stop_pod_sandbox("sandbox1")
    await world.advance(700)
    world.images.load(image(late, "late"))
    await world.runtime.stop_pod_sandbox(list(world.runtime.sandboxes)[-1])
    await world.advance(10)
    assert [name for name, about in world.runtime.calls if about == "sandbox1"].count("remove_pod_sandbox") == 1
    assert (await world.pod())["status"]["phase"] == "Running"


async def test_another_image_in_a_living_pod_restarts_the_container(world: World) -> None:
    await world.run()
    other = "127.0.0.1:5001/m/app:v2"
    world.images.load(image(other, "v2"))
    patch = [{"op": "replace", "path": "/spec/containers/0/image", "value": other}]
    await world.api.patch(resources.PODS, NS, "p", patch, type="json")
    await world.quiet()
    assert "Killing x1 Container app definition changed, will be restarted" in await world.told()
    container = await world.container()
    assert (container["image"], container["restartCount"]) == (other, 1)
