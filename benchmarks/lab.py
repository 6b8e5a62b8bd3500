"""How fast and how large the whole program is: `verify`, the tutorial, up to Ready, idle memory, a pod to Running, `--help`.

    python benchmarks/lab.py [RUNS]

Prints a Markdown table of medians and ranges beside what is wanted. Everything happens in a temporary home; what is measured is the installed
`pullscope` as a user starts it.
"""

import asyncio
import compileall
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.figures import Figures

import pullscope as package
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


def process(home: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak resident megabytes of a whole command, as the operating system accounts for them."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "pullscope", *arguments]
    running = subprocess.Popen(command, env={**os.environ, "HOME": str(home)}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {running.returncode}")
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


def proofs(home: Path, figures: Figures, runs: int) -> None:
    """`verify`, in all that it is asked for, and the tutorial's walk."""
    for _ in range(runs):
        seconds, megabytes = process(home, "verify")
        figures.note("`pullscope verify`, whole process, s", seconds, "≤ 5")
        figures.note("`pullscope verify`, peak resident memory, MB", megabytes, "≤ 150")
        figures.note(
            "`pullscope tutorial --yes`: the walk and the six cases, s", process(home, "tutorial", "--yes")[0], "≤ 20"
        )
    page = home / "page.html"
    process(home, "verify", "-o", "html", "--output-file", str(page))
    figures.note("`pullscope verify -o html`, kB", page.stat().st_size / 1e3, "≤ 500")
    seconds, megabytes = process(home, "verify", "--suite", "full")
    figures.note("`pullscope verify --suite full`, whole process, s", seconds, "≤ 60")
    figures.note("`pullscope verify --suite full`, peak resident memory, MB", megabytes, "≤ 250")


def labs(home: Path, figures: Figures, runs: int) -> None:
    """Labs that start, wait and run pods; and `verify` on one of them, beside `verify` in a lab of its own."""
    for _ in range(runs):
        figures.note("`pullscope --help`, whole process, s", timed(lambda: pullscope(home, "--help")), "≤ 0.25")
    for _ in range(runs):
        figures.note("`pullscope up` to a Ready node, s", timed(lambda: pullscope(home, "up")), "≤ 1.5")
        asyncio.run(SystemClock().sleep(SETTLE_SECONDS))
        resident = json.loads(pullscope(home, "status", "-o", "json"))["memory_bytes"] / 1e6
        figures.note("idle lab, resident memory, MB", resident, "≤ 120")
        pullscope(home, "delete", "--force")
    pullscope(home, "up")
    registry = json.loads(pullscope(home, "status", "-o", "json"))["registry"]
    for _ in range(runs):  # in turns
        more = elsewhere(home) - process(home, "verify")[0]
        figures.note("`pullscope verify --context` on a lab, longer than `verify`, s", more, "≤ 1")
    pulled, cached = asyncio.run(pods(home, registry, runs))
    for on_node, fetched in zip(cached, pulled, strict=True):
        figures.note("POST → Running, image on the node, ms", on_node * 1e3, "≤ 150")
        figures.note("POST → Running, with a pull of the probe, ms", fetched * 1e3, "≤ 300")
    pullscope(home, "delete", "--force")


def main() -> None:
    runs, figures = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS, Figures()
    compileall.compile_dir(Path(package.__file__).parent, quiet=1)  # as an installation does
    with tempfile.TemporaryDirectory() as scratch:
        proofs(Path(scratch), figures, runs)
        labs(Path(scratch), figures, runs)
    print(figures.table(f"{runs} runs"))


if __name__ == "__main__":
    main()
