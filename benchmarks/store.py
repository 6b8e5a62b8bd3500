"""The store: durable writes one after the other and in tens, lists, watches, memory.

    python benchmarks/store.py [--pods N] [--rounds N] [--directory DIR]

The file is on the disk of DIR (default: here), since temporary directories are often memory. Beside the writes stands
what the disk does by itself: the syncs per second of a file to which as much is written as to SQLite's log for one object.
Prints a Markdown table.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.figures import Figures

from pullscope.apiserver.store.records import key
from pullscope.apiserver.store.store import Store
from pullscope.kube.resources import PODS

Note = Callable[..., None]

WATCHES = 1000
_PAGE = b"x" * (24 + 4096)


def pod(name: str, number: int) -> dict[str, Any]:
    """A pod of some 1.5 kB, as the API server stores it."""
    container = {
        "name": "app",
        "image": "127.0.0.1:5000/team/app:v1",
        "imagePullPolicy": "Always",
        "terminationMessagePath": "/dev/termination-log",
        "resources": {"limits": {"cpu": "500m", "memory": "128Mi"}},
        "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
    }
    conditions = [
        {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-01-02T12:00:00Z"}
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    metadata = {
        "name": name,
        "namespace": f"ns-{number % 10}",
        "uid": f"00000000-0000-0000-0000-{number:012}",
        "labels": {"app": f"app-{number % 50}", "pod-template-hash": "6f5f64d9f5"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "app", "uid": f"rs-{number % 50}"}],
    }
    spec = {"nodeName": f"node-{number % 3}", "containers": [container], "restartPolicy": "Always"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
        "status": {"phase": "Running", "conditions": conditions},
    }


async def rate(count: int, action: Callable[[int], Awaitable[object]], *, writers: int = 1) -> float:
    """How often per second `writers` at a time do `action`, over `count` times."""

    async def work(first: int) -> None:
        for number in range(first, count, writers):
            await action(number)

    start = time.perf_counter()
    await asyncio.gather(*(work(first) for first in range(writers)))
    return count / (time.perf_counter() - start)


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def syncs(directory: Path, count: int, *, again: bool = False) -> float:
    """Syncs per second of a log to which a page at a time is written: what single durable writes cannot exceed.

    `again`: over what was written before, as SQLite does once its log is as long as it gets.
    """
    sync = getattr(os, "fdatasync", os.fsync)
    with tempfile.TemporaryFile(dir=directory, buffering=0) as file:

        def write() -> None:
            file.seek(0)
            for _ in range(count):
                file.write(_PAGE)
                sync(file.fileno())

        if again:
            file.write(_PAGE * count)
            os.fsync(file.fileno())
        return count / seconds(write)


async def measure(directory: Path, pods: int, note: Note) -> None:
    """One round over a new file, and one in memory."""

    with tempfile.TemporaryDirectory(dir=directory, ignore_cleanup_errors=True) as temporary:
        file = Path(temporary) / "state.db"
        store = Store.open(file)

        def create(prefix: str) -> Callable[[int], Awaitable[object]]:
            return lambda n: store.create(key(PODS, f"ns-{n % 10}", f"{prefix}-{n}"), pod(f"{prefix}-{n}", n))

        note("the limit: syncs of a log that grows /s", syncs(directory, 1000))
        note("the limit: syncs of a log that does not /s", syncs(directory, 1000, again=True))
        note("durable writes, one writer /s", await rate(pods // 5, create("single")), "≥ 2,000")
        note("durable writes, 10 writers /s", await rate(pods - pods // 5, create("ten"), writers=10))
        note("durable writes, 100 writers /s", await rate(pods, create("hundred"), writers=100))
        await store.close()
        start = time.perf_counter()
        store = Store.open(file)
        note(f"open a file of {2 * pods} pods, ms", 1000 * (time.perf_counter() - start))
        await store.close()
    await _in_memory(pods, note)


async def _in_memory(pods: int, note: Note) -> None:
    store = Store.open(None)

    def create(number: int) -> Awaitable[object]:
        return store.create(key(PODS, f"ns-{number % 10}", f"m-{number}"), pod(f"m-{number}", number))

    note("writes in memory /s", await rate(pods, create))
    note(f"list {pods} pods after a change, ms", 1000 * seconds(lambda: store.list(PODS)))
    note(f"list {pods} pods again, ms", 1000 * seconds(lambda: store.list(PODS)))
    note(f"list {pods} pods as bytes, ms", 1000 * seconds(lambda: b",".join(i.value for i in store.list(PODS).items)))
    note("list the pods of one node, ms", 1000 * seconds(lambda: store.list(PODS, node="node-1")))
    note(f"writes in memory under {WATCHES} watches /s", await _watched(store, pods // 10))
    await store.close()


async def _watched(store: Store, count: int) -> float:
    """Writes per second while `WATCHES` watches hand out every one of them."""
    watches = [store.watch(PODS, revision=store.revision) for _ in range(WATCHES)]

    async def write_and_read(number: int) -> None:
        await store.create(key(PODS, "watched", f"w-{number}"), pod(f"w-{number}", number))
        for watch in watches:
            await anext(watch)

    result = await rate(count, write_and_read)
    for watch in watches:
        watch.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    options = parser.parse_args()
    figures = Figures()
    for _ in range(options.rounds):
        asyncio.run(measure(options.directory, options.pods, figures.note))
    print(figures.table(f"store, {options.rounds} rounds"))


if __name__ == "__main__":
    main()
