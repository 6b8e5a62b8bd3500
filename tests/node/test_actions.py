"""Rows of upstream's TestComputePodActions: what a pod needs next."""

from dataclasses import dataclass
from typing import Any

import pytest

from pullscope.cri.api import ContainerState, ContainerStatus, PodSandbox, PodSandboxConfig, PodSandboxState
from pullscope.node import actions, podstate, probes
from pullscope.node.podstate import PodState
from pullscope.node.probes import Health

RUNNING, EXITED, CREATED = ContainerState.RUNNING, ContainerState.EXITED, ContainerState.CREATED


def spec(name: str) -> dict[str, Any]:
    return {"name": name, "image": f"image-of-{name}"}


def pod(policy: str, *, init: int = 0, deleted: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"containers": [spec("a"), spec("b")], "restartPolicy": policy}
    if init:
        made["initContainers"] = [spec(f"init{number}") for number in range(init)]
    metadata = {"name": "p", "namespace": "ns", "uid": "u"} | ({"deletionTimestamp": "now"} if deleted else {})
    return {"metadata": metadata, "spec": made}


def container(name: str, state: ContainerState, exit_code: int = 0, *, image: str | None = None) -> ContainerStatus:
    shown = {"name": name, "image": image or f"image-of-{name}"}
    annotations = {podstate.HASH_ANNOTATION: podstate.container_hash(shown)}
    return ContainerStatus(
        f"id-{name}", "s", name, 0, state, "", "", "", created_at=1, exit_code=exit_code, annotations=annotations
    )


def sandbox(*, ready: bool = True, attempt: int = 0) -> PodSandbox:
    state = PodSandboxState.READY if ready else PodSandboxState.NOT_READY
    return PodSandbox("s", PodSandboxConfig("p", "u", "ns", attempt), state, created_at=1)


@dataclass(frozen=True)
class Row:
    id: str
    pod: dict[str, Any]
    sandboxes: list[PodSandbox]
    containers: list[ContainerStatus]
    start: str = ""
    kill: str = ""
    kill_pod: bool = False
    create_sandbox: bool = False
    attempt: int = 0
    sick: str = ""


ROWS = [
    Row("new", pod("Always"), [], [], "a b", kill_pod=True, create_sandbox=True),
    Row("all run", pod("Always"), [sandbox()], [container("a", RUNNING), container("b", RUNNING)]),
    Row("one ended, always", pod("Always"), [sandbox()], [container("a", EXITED), container("b", RUNNING)], "a"),
    Row("one ended well, on failure", pod("OnFailure"), [sandbox()], [container("a", EXITED), container("b", RUNNING)]),
    Row("one failed, on failure", pod("OnFailure"), [sandbox()], [container("a", EXITED, 1), container("b", RUNNING)], "a"),
    Row("one failed, never", pod("Never"), [sandbox()], [container("a", EXITED, 1), container("b", RUNNING)]),
    Row("all ended, never", pod("Never"), [sandbox()], [container("a", EXITED), container("b", EXITED)], kill_pod=True),
    Row("made, not started", pod("Never"), [sandbox()], [container("a", CREATED), container("b", RUNNING)], "a"),
    Row("ended, being deleted", pod("Always", deleted=True), [sandbox()], [container("a", EXITED), container("b", RUNNING)]),
    Row(
        "another image", pod("Always"), [sandbox()],
        [container("a", RUNNING, image="old"), container("b", RUNNING)], "a", "a",
    ),
    Row(
        "not healthy", pod("Always"), [sandbox()],
        [container("a", RUNNING), container("b", RUNNING)], "a", "a", sick="a",
    ),
    Row(
        "not healthy, never", pod("Never"), [sandbox()],
        [container("a", RUNNING), container("b", RUNNING)], "", "a", sick="a",
    ),
    Row(
        "the last one is not healthy, never", pod("Never"), [sandbox()],
        [container("a", RUNNING), container("b", EXITED)], "", "a", sick="a", kill_pod=True,
    ),
    Row(
        "lost sandbox", pod("Always"), [sandbox(ready=False)],
        [container("a", EXITED), container("b", RUNNING)], "a b", kill_pod=True, create_sandbox=True, attempt=1,
    ),
    Row("lost sandbox, never", pod("Never"), [sandbox(ready=False)], [container("a", EXITED, 1)], kill_pod=True),
    Row(
        "lost sandbox before any container, never", pod("Never"), [sandbox(ready=False)], [],
        "a b", kill_pod=True, create_sandbox=True, attempt=1,
    ),
    Row(
        "lost sandbox, one is done", pod("OnFailure"), [sandbox(ready=False)],
        [container("a", EXITED), container("b", EXITED, 1)], "b", kill_pod=True, create_sandbox=True, attempt=1,
    ),
    Row(
        "lost sandbox, all are done", pod("OnFailure"), [sandbox(ready=False)],
        [container("a", EXITED), container("b", EXITED)], kill_pod=True,
    ),
    Row("new, with init", pod("Always", init=2), [], [], "init0", kill_pod=True, create_sandbox=True),
    Row("first init runs", pod("Always", init=2), [sandbox()], [container("init0", RUNNING)]),
    Row("first init done", pod("Always", init=2), [sandbox()], [container("init0", EXITED)], "init1"),
    Row("init made, not started", pod("Always", init=2), [sandbox()], [container("init0", CREATED)], "init0"),
    Row("all init done", pod("Always", init=2), [sandbox()], [container("init0", EXITED), container("init1", EXITED)], "a b"),
    Row("init failed, always", pod("Always", init=2), [sandbox()], [container("init0", EXITED, 1)], "init0"),
    Row("init failed, never", pod("Never", init=2), [sandbox()], [container("init0", EXITED, 1)], kill_pod=True),
    Row("sandbox, nothing yet", pod("Always", init=2), [sandbox()], [], "init0"),
    Row(
        "init is not asked again once an app container was made", pod("Always", init=1), [sandbox()],
        [container("a", RUNNING), container("b", EXITED)], "b",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
def test_actions(row: Row) -> None:
    health = {f"id-{row.sick}": Health(failed=probes.LIVENESS)}
    todo = actions.compute(row.pod, PodState.of(row.sandboxes, row.containers, health))
    assert [found["name"] for found in todo.start] == row.start.split()
    assert [found.container.name for found in todo.kill] == row.kill.split()
    assert (todo.kill_pod, todo.create_sandbox, todo.attempt) == (row.kill_pod, row.create_sandbox, row.attempt)


def test_the_newest_of_a_name_counts() -> None:
    old = container("a", EXITED, 1)
    new = ContainerStatus("id-new", "s", "a", 1, RUNNING, "", "", "", created_at=1)
    assert PodState.of([sandbox()], [old, new]).container("a") == new
