"""Builds: from an upload to the image, the time and the memory that the lab takes for small and large ones.

    python benchmarks/builds.py [--runs N] [--megabytes N] [--directory DIR]

The upload is what `oc start-build --from-dir` sends: a tar in gzip, in pieces; its one file is an archive itself. The lab is a
process of its own, with its state on the disk of DIR (default: here), and so is the client: `pullscope oc start-build`, whose
memory is compared with what it takes for 1 MB. Prints a Markdown table (Linux).
"""

import argparse
import asyncio
import gzip
import io
import os
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support import labs
from benchmarks.support.figures import Figures

from pullscope.base.clock import SystemClock
from pullscope.clusters import kubeconfig, reflector
from pullscope.clusters.cluster import Cluster, connect
from pullscope.kube import resources
from pullscope.kube.api import Object

_PIECE = 64 << 10
_URL = "/apis/build.openshift.io/v1/namespaces/default/buildconfigs/app/instantiatebinary"


def upload(file: Path, megabytes: int) -> None:
    """Write an upload of about that size."""
    with gzip.open(file, "wb", compresslevel=1) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        member = tarfile.TarInfo("app.war")
        member.size = megabytes << 20
        archive.addfile(member, _Random(member.size))


class _Random(io.RawIOBase):
    """A file that cannot be compressed, and begins as archives do."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._start = b"PK\x03\x04"

    def read(self, size: int = -1) -> bytes:
        data = (self._start + os.urandom(min(size, self._left)))[: min(size, self._left)]
        self._left -= len(data)
        self._start = b""
        return data


async def prepare(cluster: Cluster, registry: str) -> None:
    """A builder image, an empty output, and a config between them."""
    tag = {"name": "latest", "from": {"kind": "DockerImage", "name": labs.probe(registry)}}
    await cluster.create(resources.IMAGE_STREAMS, "default", _object("builder", {"tags": [tag]}))
    await cluster.create(resources.IMAGE_STREAMS, "default", _object("app", {}))
    spec = {
        "source": {"binary": {}},
        "strategy": {"sourceStrategy": {"from": {"kind": "ImageStreamTag", "name": "builder:latest"}}},
        "output": {"to": {"kind": "ImageStreamTag", "name": "app:latest"}},
    }
    await cluster.create(resources.BUILD_CONFIGS, "default", _object("app", spec))
    wanted = (resources.IMAGE_STREAMS, "default", "builder")
    await reflector.until(cluster, *wanted, clock=SystemClock(), true=lambda found: bool(found["status"].get("tags")))


def _object(name: str, spec: Object) -> Object:
    return {"metadata": {"name": name}, "spec": spec}


async def build(session: aiohttp.ClientSession, cluster: Cluster, server: str, file: Path) -> tuple[float, float]:
    """Seconds for the upload, and until the image is there."""
    start = time.perf_counter()
    async with session.post(f"{server}{_URL}", data=_pieces(file), skip_auto_headers=["Content-Type"]) as answer:
        if answer.status != 201:
            raise RuntimeError(await answer.text())
        name = (await answer.json())["metadata"]["name"]
    uploaded = time.perf_counter() - start
    wanted = (resources.BUILDS, "default", name)
    over = await reflector.until(
        cluster, *wanted, clock=SystemClock(), true=lambda found: "completionTimestamp" in found["status"]
    )
    if over["status"]["phase"] != "Complete":
        raise RuntimeError(str(over["status"]))
    return uploaded, time.perf_counter() - start


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def client_mb(lab: labs.Lab, directory: Path) -> float:
    """The most that `pullscope oc start-build --from-dir` has in memory (Linux)."""
    command = ["-m", "pullscope", "oc", "--kubeconfig", str(lab.kubeconfig), "start-build", "app"]
    words = [sys.executable, *command, f"--from-dir={directory}", "--wait"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the build failed: {' '.join(words)}")
    return float(usage.ru_maxrss) * 1024 / 1e6


async def measure(lab: labs.Lab, file: Path, figures: Figures, what: str, wanted: str) -> None:
    """Note one build's figures; `wanted` is of its memory."""
    access = await kubeconfig.load(lab.kubeconfig, None)
    tls = ssl.create_default_context(cadata=(access.ca or b"").decode())
    headers = {"Authorization": access.authorization or ""}
    before, computed = lab.resident_mb(), lab.cpu_seconds
    lab.forget_highest()
    async with (
        connect(lab.kubeconfig) as cluster,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls), headers=headers) as session,
    ):
        uploaded, took = await build(session, cluster, lab.server, file)
    figures.note(f"{what}, upload, s", uploaded)
    figures.note(f"{what}, upload to image, s", took)
    figures.note(f"{what}, processor, s", lab.cpu_seconds - computed)
    figures.note(f"{what}, memory that it takes, MB", lab.resident_mb(highest=True) - before, wanted)


async def main() -> None:
    parser = argparse.ArgumentParser(description="Measure builds.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--directory", type=Path, default=Path())
    options = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory(dir=options.directory) as scratch, labs.running(options.directory) as lab:
        small, large = Path(scratch, "small.tgz"), Path(scratch, "large.tgz")
        upload(small, 1)
        upload(large, options.megabytes)
        async with connect(lab.kubeconfig) as cluster:
            await prepare(cluster, lab.registry)
        directories = [Path(scratch, name) for name in ("small", "large")]
        for directory, size in zip(directories, (1, options.megabytes), strict=True):
            directory.mkdir()
            with (directory / "app.war").open("wb") as war:
                shutil.copyfileobj(_Random(size << 20), war)
        for _ in range(options.runs):
            await measure(lab, small, figures, "1 MB", "")
            await measure(lab, large, figures, f"{options.megabytes} MB", "≤ 30 MB")
            least, most = (client_mb(lab, directory) for directory in directories)
            figures.note(f"{options.megabytes} MB, memory that the client takes more, MB", most - least, "≤ 10 MB")
    print(figures.table(f"builds, {options.runs} runs"))


if __name__ == "__main__":
    asyncio.run(main())
