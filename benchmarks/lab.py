"""How fast and how large the whole program is: `verify`, up to Ready, idle memory, a pod to Running, `--help`.

    python benchmarks/lab.py [RUNS]

Prints a Markdown table of medians and ranges. Everything happens in a temporary home; what is measured is the installed
`pullscope` as a user starts it.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from pullscope.base.clock import SystemClock
from pullscope.clusters.cluster import Cluster, connect
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

RUNS = 5
SETTLE_SECONDS = 3.0


def pullscope(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "PULLSCOPE_HOME": str(home), "KUBECONFIG": str(home / "config")}
    command = [sys.executable, "-m", "pullscope", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def verify(home: Path) -> tuple[float, float]:
    """Seconds and peak resident megabytes of a whole `pullscope verify`, as the operating system accounts for them."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "pullscope", "verify"]
    process = subprocess.Popen(command, env={**os.environ, "HOME": str(home)}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"verify ended with {process.returncode}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)  # bytes on macOS, kilobytes on Linux
    return time.perf_counter() - start, kilobytes * 1024 / 1e6


def elsewhere(home: Path) -> float:
    """Seconds of the same cases through `verify --context`, on the lab that is up, in its developer's own project."""
    where = ("--context", "pullscope-developer", "--create-namespace")
    return timed(lambda: pullscope(home, "verify", *where))


def pod(name: str, image: str, policy: str) -> Object:
    container = {"name": "app", "image": image, "imagePullPolicy": policy}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


async def to_running(cluster: Cluster, obj: Object) -> float:
    """Seconds from the POST to the watch event that says Running."""
    name = obj["metadata"]["name"]
    listed = await cluster.list(resources.PODS, "default")
    start = time.perf_counter()
    await cluster.create(resources.PODS, "default", obj)
    selector = f"metadata.name={name}"
    async for event in cluster.watch(
        resources.PODS, "default", resource_version=listed.resource_version, fields=selector
    ):
        if event.object.get("status", {}).get("phase") == "Running":
            return time.perf_counter() - start
    raise RuntimeError("the watch ended")


async def pods(home: Path, registry: str, runs: int) -> tuple[list[float], list[float]]:
    """POST to Running with a pull of a new image each time, and with the image on the node."""
    pulled, cached = [], []
    async with connect(home / "config") as cluster, aiohttp.ClientSession() as session:
        for run in range(runs):
            store = MemoryStore()
            image = f"{registry}/bench/app:{run}"
            root = probe.variant(store, f"{run}.war")
            await transfer.push(RegistryClient(session, registry), reference.parse(image), store, root)
            pulled.append(await to_running(cluster, pod(f"pulled-{run}", image, "Always")))
            cached.append(await to_running(cluster, pod(f"cached-{run}", image, "IfNotPresent")))
    return pulled, cached


def measure(home: Path, runs: int) -> dict[str, list[float]]:
    proofs = [verify(home) for _ in range(runs)]
    found: dict[str, list[float]] = {"up": [], "memory": [], "help": []}
    found["verify"], found["peak"] = ([proof[part] for proof in proofs] for part in (0, 1))
    for _ in range(runs):
        found["help"].append(timed(lambda: pullscope(home, "--help")))
    for _ in range(runs):
        found["up"].append(timed(lambda: pullscope(home, "up")))
        asyncio.run(SystemClock().sleep(SETTLE_SECONDS))
        found["memory"].append(json.loads(pullscope(home, "status", "-o", "json"))["memory_bytes"] / 1e6)
        pullscope(home, "delete", "--force")
    pullscope(home, "up")
    registry = json.loads(pullscope(home, "status", "-o", "json"))["registry"]
    found["elsewhere"] = [elsewhere(home) for _ in range(runs)]
    found["pulled"], found["cached"] = asyncio.run(pods(home, registry, runs))
    pullscope(home, "delete", "--force")
    return found


def row(what: str, values: list[float], unit: str, limit: str, scale: float = 1.0) -> str:
    scaled = [value * scale for value in values]
    middle, low, high = statistics.median(scaled), min(scaled), max(scaled)
    return f"| {what} | {middle:.3g} {unit} | {low:.3g} to {high:.3g} | {limit} |"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(Path(scratch), runs)
    print(f"| {runs} runs | median | range | wanted |\n| --- | --- | --- | --- |")
    print(row("`pullscope verify`, whole process", found["verify"], "s", "≤ 5 s"))
    print(row("`pullscope verify`, peak resident memory", found["peak"], "MB", "≤ 150 MB"))
    print(row("`pullscope verify --context` on a lab, whole process", found["elsewhere"], "s", "≤ 1 s more"))
    print(row("`pullscope --help`, whole process", found["help"], "s", "≤ 0.25 s"))
    print(row("`pullscope up` to a Ready node, whole command", found["up"], "s", "≤ 1.5 s"))
    print(row("idle lab, resident memory", found["memory"], "MB", "≤ 120 MB"))
    print(row("POST → Running, image on the node", found["cached"], "ms", "≤ 150 ms", 1e3))
    print(row("POST → Running, with a pull of the probe", found["pulled"], "ms", "≤ 300 ms", 1e3))


if __name__ == "__main__":
    main()
