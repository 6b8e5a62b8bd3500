"""Pods that come and go leave nothing behind: not in memory, not on the disk, not in the operating system."""

import asyncio
import contextlib
import gc
import threading
from pathlib import Path

from pullscope.base import process
from pullscope.base.clock import SystemClock
from pullscope.cri.api import RuntimeService
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig, Seams

ROUNDS, AT_ONCE, MOMENTS = 3, 4, 8


def pod(name: str, image: str) -> Object:
    container = {"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


async def cycle(lab: Lab, name: str) -> None:
    """The whole life of a pod whose program is executed."""
    listed = await lab.api.list(resources.PODS, "default")
    version, selector = listed.resource_version, f"metadata.name={name}"
    await lab.api.create(resources.PODS, "default", pod(name, f"{lab.registry}/pullscope/probe:base"))
    watch = lab.api.watch(resources.PODS, "default", resource_version=version, fields=selector)
    async with contextlib.aclosing(watch) as changes:
        async for change in changes:
            if change.type == "DELETED":
                return
            if change.object["status"]["phase"] == "Running" and "deletionTimestamp" not in change.object["metadata"]:
                await lab.api.delete(resources.PODS, "default", name)


def forget_idle(runtime: EmbeddedRuntime) -> None:
    """Close the cells that wait for a program: how many there are tells how many ran at the same time, not what leaks."""
    idle = runtime._executor._cells._idle
    while idle:
        idle.pop().close()


def census(lab: Lab, runtime: EmbeddedRuntime) -> dict[str, int]:
    """How many there are of all that exists for pods."""
    kubelet = lab.nodes[0]
    dispatcher = kubelet._dispatcher
    assert dispatcher is not None
    forget_idle(runtime)
    gc.collect()
    sandboxes, containers = runtime._sandboxes, runtime._containers
    return {
        "workers": len(dispatcher._work),
        "alarms": len(dispatcher.timers._due),
        "sandboxes": len(sandboxes._sandboxes),
        "addresses": len(sandboxes._taken),
        "containers": len(containers._containers),
        "sandboxes with containers": len(containers._of),
        "records of the runtime": sum(len(runtime._state.all(kind)) for kind in ("sandbox", "container")),
        "programs": len(runtime._executor._executing),
        "objects of wasmtime": sum(str(type(each).__module__).startswith("wasmtime") for each in gc.get_objects()),
        "tasks": len(asyncio.all_tasks()),
        "threads": sum(thread.name == "pullscope-program" for thread in threading.enumerate()),
        "descriptors": process.open_files() or 0,
        "volumes and logs": sum(len(list(kubelet.root.glob(f"{kind}/*"))) for kind in ("pods", "logs")),
        "files": sum(1 for path in kubelet.root.rglob("*") if path.is_file()),
    }


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """What there is more of; before, something may still have been on its way out."""
    return {what: (before[what], number) for what, number in after.items() if number > before[what]}


async def settled(lab: Lab, runtime: EmbeddedRuntime) -> dict[str, int]:
    """The most that there is in some moments in which no pod is at work.

    The API tells of a pod's end before its worker has ended, and a thread waits a moment for another program. Who waits for
    something has tasks that it has not while it works: a heartbeat is written now and then.
    """
    counts: list[dict[str, int]] = []
    while len(counts) < MOMENTS:
        found = census(lab, runtime)
        if not found["workers"] and not found["threads"]:
            counts.append(found)
        await SystemClock().sleep(0.02)
    return {what: max(each[what] for each in counts) for what in counts[0]}


async def test_pods_that_are_gone_leave_nothing(tmp_path: Path) -> None:
    gc.freeze()  # what other tests have left need not be looked at with each census
    runtimes: list[RuntimeService] = []

    def kept(runtime: RuntimeService) -> RuntimeService:
        runtimes.append(runtime)
        return runtime

    async with assembly.running(LabConfig(root=tmp_path, seams=Seams(runtime=kept))) as lab:
        (runtime,) = runtimes
        assert isinstance(runtime, EmbeddedRuntime)
        await cycle(lab, "first")  # which loads and compiles
        await cycle(lab, "second")  # from here on there are twins of the files that all pods get
        before = await settled(lab, runtime)
        for turn in range(ROUNDS):
            await asyncio.gather(*(cycle(lab, f"p{turn}-{number}") for number in range(AT_ONCE)))
        clock = SystemClock()
        end = clock.monotonic() + 10
        while (more := grown(before, census(lab, runtime))) and clock.monotonic() < end:
            await clock.sleep(0.01)
        assert more == {}
