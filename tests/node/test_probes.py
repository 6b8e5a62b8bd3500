"""exec probes: when they run, what their results mean for the pod's status, and which containers they restart."""

from dataclasses import replace
from typing import Any

import pytest
from tests.node.world import World

from pullscope.cri.api import CriError
from pullscope.node import probes
from pullscope.node.probes import LIVENESS, READINESS, STARTUP, Health, Probe, Verdict

PROBE = Probe(READINESS, ("check",), 0, 1, 10, success_threshold=2, failure_threshold=3)


def spec(kind: str, **fields: Any) -> dict[str, Any]:
    return {kind: {"exec": {"command": ["check", kind]}, **fields}}


@pytest.mark.parametrize(
    ("results", "passes"),
    [("", None), ("+", None), ("++", True), ("+-+", None), ("++--", True), ("++---", False), ("---++", True)],
)
def test_results_count_when_there_are_enough_in_a_row(results: str, passes: bool | None) -> None:
    verdict = Verdict()
    for result in results:
        verdict = verdict.after(result == "+", PROBE)
    assert verdict.passes is passes


YES, NO, UNKNOWN = Verdict(passes=True), Verdict(passes=False), Verdict()


@pytest.mark.parametrize(
    ("verdicts", "health"),
    [
        ({}, Health()),
        ({READINESS: UNKNOWN}, Health(ready=False)),
        ({READINESS: YES}, Health()),
        ({READINESS: NO}, Health(ready=False)),
        ({STARTUP: UNKNOWN, READINESS: YES}, Health(started=False, ready=False)),
        ({STARTUP: NO}, Health(started=False, ready=False, failed=STARTUP)),
        ({STARTUP: YES, LIVENESS: NO}, Health(failed=LIVENESS)),
        ({LIVENESS: UNKNOWN}, Health()),
    ],
)
def test_what_verdicts_mean(verdicts: dict[str, Verdict], health: Health) -> None:
    assert probes.health(verdicts) == health


def test_the_probes_of_a_spec() -> None:
    found = probes.of({**spec(LIVENESS, periodSeconds=5), READINESS: {"httpGet": {"port": 1}}})
    assert found == [replace(PROBE, kind=LIVENESS, command=("check", LIVENESS), period=5, success_threshold=1)]
    assert probes.unsupported({READINESS: {"httpGet": {"port": 1}}}) == ["readinessProbe.httpGet"]


# ------------------------------------------------------------------------- on a node


async def test_a_pod_is_ready_when_its_probe_says_so(world: World) -> None:
    world.runtime.commands[f"check {READINESS}"] = 1, "no such war"
    await world.run(container=spec(READINESS, periodSeconds=10))
    container = await world.container()
    assert (container["started"], container["ready"]) == (True, False)
    assert (await world.conditions())["Ready"] == "False"
    assert "Unhealthy x1 Readiness probe failed: no such war" in await world.told()
    world.runtime.commands[f"check {READINESS}"] = 0, ""
    await world.advance(10)
    assert (await world.container())["ready"] is True
    assert (await world.conditions())["Ready"] == "True"
    world.runtime.commands[f"check {READINESS}"] = 1, "gone"
    await world.advance(20)
    assert (await world.container())["ready"] is True, "two failures are not enough"
    await world.advance(10)
    assert (await world.container())["ready"] is False
    assert (await world.container())["restartCount"] == 0


async def test_a_container_that_is_not_alive_is_started_again_later_each_time(world: World) -> None:
    world.runtime.commands[f"check {LIVENESS}"] = 1, "dead"
    await world.run(container=spec(LIVENESS, periodSeconds=5, failureThreshold=2))
    assert (await world.container())["ready"] is True
    await world.advance(5)
    told = await world.told()
    assert "Unhealthy x3 Liveness probe failed: dead" in told  # the third is of the new container
    assert "Killing x1 Container app failed liveness probe, will be restarted" in told
    container = await world.container()
    assert ("running" in container["state"], container["restartCount"]) == (True, 1)
    await world.advance(60)
    assert (await world.container())["state"]["waiting"]["reason"] == "CrashLoopBackOff"


async def test_a_pod_that_is_never_restarted_fails_when_it_is_not_alive(world: World) -> None:
    world.runtime.commands[f"check {LIVENESS}"], world.runtime.exit_code = (1, "dead"), 137
    await world.run(restartPolicy="Never", container=spec(LIVENESS, failureThreshold=1))
    assert (await world.pod())["status"]["phase"] == "Failed"


async def test_other_probes_wait_for_the_one_at_startup(world: World) -> None:
    world.runtime.commands |= {f"check {kind}": (1, "") for kind in (STARTUP, READINESS, LIVENESS)}
    kinds = {**spec(STARTUP, failureThreshold=10), **spec(READINESS), **spec(LIVENESS, failureThreshold=1)}
    await world.run(container=kinds)
    await world.advance(25)
    container = await world.container()
    assert (container["started"], container["ready"], container["restartCount"]) == (False, False, 0)
    assert all("startupProbe" in about for name, about in world.runtime.calls if name == "exec")
    world.runtime.commands |= {f"check {kind}": (0, "") for kind in (STARTUP, READINESS, LIVENESS)}
    await world.advance(10)
    container = await world.container()
    assert (container["started"], container["ready"]) == (True, True)
    startups = [about for name, about in world.runtime.calls if name == "exec" and "startupProbe" in about]
    await world.advance(100)
    assert [about for name, about in world.runtime.calls if name == "exec" and "startupProbe" in about] == startups


async def test_a_container_that_does_not_start_is_restarted(world: World) -> None:
    world.runtime.commands[f"check {STARTUP}"] = 1, "not yet"
    await world.run(container=spec(STARTUP, periodSeconds=1, failureThreshold=3))
    await world.advance(2)
    assert "Killing x1 Container app failed startup probe, will be restarted" in await world.told()
    assert (await world.container())["restartCount"] == 1


async def test_a_probe_begins_after_its_delay(world: World) -> None:
    world.runtime.commands[f"check {LIVENESS}"] = 0, ""
    await world.run(container=spec(LIVENESS, initialDelaySeconds=15))
    await world.advance(19)
    assert "exec" not in [name for name, _ in world.runtime.calls]
    await world.advance(1)
    assert "exec" in [name for name, _ in world.runtime.calls]


async def test_a_command_that_takes_too_long_fails(world: World) -> None:
    world.runtime.commands[f"check {READINESS}"] = None
    await world.run(container=spec(READINESS, timeoutSeconds=2))
    await world.advance(2)
    told = 'Unhealthy x1 Readiness probe failed: command "check readinessProbe" timed out'
    assert told in await world.told()


async def test_a_probe_that_cannot_be_run_decides_nothing(world: World) -> None:
    world.runtime.refuse["exec"] = CriError("the container is held")
    await world.run(container=spec(LIVENESS, failureThreshold=1))
    await world.advance(30)
    assert "Unhealthy x4 Liveness probe errored: the container is held" in await world.told()
    assert (await world.container())["restartCount"] == 0


async def test_probes_end_with_their_pod(world: World) -> None:
    world.runtime.commands[f"check {LIVENESS}"] = 0, ""
    await world.run(container=spec(LIVENESS))
    await world.delete()
    calls = len(world.runtime.calls)
    await world.advance(100)
    assert len(world.runtime.calls) == calls
