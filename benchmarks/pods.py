"""Pods in numbers: how fast a Deployment's pods run, what they take, how fast they are listed.

    python benchmarks/pods.py [--runs N] [--pods N] [--many N] [--directory DIR]

`--pods` pods of one Deployment on one node, their programs executed and, in another lab, held; then `--many` held pods on
three nodes, which are listed over HTTPS as kubectl does it (in pieces of 500), in one piece, and as tables. The lab is a
process of its own, with its state on the disk of DIR (default: here). Prints a Markdown table.
"""

import argparse
import asyncio
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support import labs
from benchmarks.support.figures import Figures

from pullscope.base.clock import SystemClock
from pullscope.clusters import kubeconfig
from pullscope.clusters.cluster import Cluster, connect
from pullscope.kube import resources

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_PODS = resources.PODS.path(None)
_PIECE = 500
_SETTLE_SECONDS = 1.0


async def to_ready(cluster: Cluster, image: str, replicas: int) -> float:
    """Seconds from the POST of a Deployment until its status says that all its pods are ready."""
    start = time.perf_counter()
    made = await cluster.create(resources.DEPLOYMENTS, "default", labs.deployment("web", image, replicas))
    version = made["metadata"]["resourceVersion"]
    while True:  # a watch ends after some minutes
        async for event in cluster.watch(resources.DEPLOYMENTS, "default", resource_version=version):
            version = event.object["metadata"]["resourceVersion"]
            if event.object.get("status", {}).get("readyReplicas") == replicas:
                return time.perf_counter() - start


class Lister:
    """Lists all pods, and reads the answers to their ends."""

    def __init__(self, session: aiohttp.ClientSession, server: str) -> None:
        self._session = session
        self._url = f"{server}{_PODS}"

    async def all(self, accept: str, limit: int = 0) -> tuple[float, float, int]:
        """Seconds until the first byte, until the last, and how many bytes."""
        start, first, size, token = time.perf_counter(), 0.0, 0, ""
        while True:
            query = {"limit": str(limit), "continue": token} if limit else {}
            async with self._session.get(self._url, params=query, headers={"Accept": accept}) as answer:
                first = first or time.perf_counter() - start
                body = await answer.read()
            size += len(body)
            token = orjson.loads(body)["metadata"].get("continue", "") if limit else ""
            if not token:
                return first, time.perf_counter() - start, size


async def lists(lab: labs.Lab, runs: int, figures: Figures) -> None:
    access = await kubeconfig.load(lab.kubeconfig, None)
    context = ssl.create_default_context(cadata=(access.ca or b"").decode())
    headers = {"Authorization": access.authorization or ""}
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, headers=headers, read_bufsize=2**20) as session:
        lister = Lister(session, lab.server)
        forms = (("JSON", "application/json", 1.0), ("Table", _TABLE, 1.5))
        for _ in range(runs):
            for form, accept, limit in forms:
                first, last, size = await lister.all(accept)
                figures.note(f"list them as {form}, s", last, f"≤ {limit}")
                figures.note(f"list them as {form}: first byte, s", first)
                figures.note(f"list them as {form}: size, MB", size / 1e6)
                figures.note(f"list them as {form} in pieces of {_PIECE}, s", (await lister.all(accept, _PIECE))[1])


@dataclass(frozen=True)
class Deployed:
    """What it took until so many pods were ready: `seconds`, and for each of them kilobytes and the processor's milliseconds."""

    seconds: float
    kilobytes: float
    milliseconds: float


async def deploy(lab: labs.Lab, pods: int, *, held: bool) -> Deployed:
    image = await labs.push_held(lab.registry) if held else labs.probe(lab.registry)
    await SystemClock().sleep(_SETTLE_SECONDS)
    memory, processor = lab.resident_mb(), lab.cpu_seconds
    async with connect(lab.kubeconfig) as cluster:
        took = await to_ready(cluster, image, pods)
    computed = 1000 * (lab.cpu_seconds - processor) / pods
    return Deployed(took, 1000 * (lab.resident_mb() - memory) / pods, computed)


def measure(directory: Path, pods: int, many: int, figures: Figures) -> None:
    for kind, held in (("executed", False), ("held", True)):
        with labs.running(directory, max_pods=pods, keep=True) as lab:
            made = asyncio.run(deploy(lab, pods, held=held))
            figures.note(f"{pods:,} {kind} pods on one node, pods/s", pods / made.seconds, "≥ 100")
            figures.note(f"{pods:,} {kind} pods on one node, processor, ms each", made.milliseconds)
            figures.note(f"{pods:,} {kind} pods on one node, kB each", made.kilobytes)
    with labs.running(directory, nodes=3, max_pods=many, keep=True) as lab:
        made = asyncio.run(deploy(lab, many, held=True))
        figures.note(f"{many:,} held pods on 3 nodes, s", made.seconds, "≤ 100")
        figures.note(f"{many:,} held pods on 3 nodes, pods/s", many / made.seconds, "kwok: 20")
        figures.note(f"{many:,} held pods on 3 nodes, processor, ms each", made.milliseconds)
        figures.note(f"{many:,} held pods on 3 nodes, kB each", made.kilobytes)
        figures.note("the lab's process at its largest, MB", lab.resident_mb(highest=True), "≤ 500")
        asyncio.run(lists(lab, 3, figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--pods", type=int, default=1000)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    options = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory(dir=options.directory, ignore_cleanup_errors=True) as directory:
        for _ in range(options.runs):
            measure(Path(directory), options.pods, options.many, figures)
    print(figures.table("pods"))


if __name__ == "__main__":
    main()
