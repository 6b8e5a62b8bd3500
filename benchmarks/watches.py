"""A thousand watches, each of which sees each of a thousand changes: how long that takes, and how much memory.

    python benchmarks/watches.py [--runs N] [--watches N] [--changes N] [--directory DIR]

The lab is a process of its own; the watches are HTTPS connections of this one, as kubectl's are, one each. Ten writers make
the changes (ConfigMaps). Checked is that every watch got every change, in the order of their versions. Prints a Markdown
table.
"""

import argparse
import asyncio
import re
import ssl
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support import labs
from benchmarks.support.figures import Figures

from pullscope.base.clock import SystemClock
from pullscope.clusters import kubeconfig
from pullscope.clusters.cluster import Cluster, connect
from pullscope.kube import resources

_PATH = resources.CONFIG_MAPS.path("default")
_SEEN = re.compile(rb'"name":"change-(\d+)".{0,400}?"resourceVersion":"(\d+)"')
_WRITERS = 10
_SETTLE_SECONDS = 2.0


class Watch(asyncio.Protocol):
    """One watch, from the request to the last of the changes. Parses no more than it must: this process has one core."""

    def __init__(self, request: bytes, changes: int) -> None:
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.BaseTransport | None = None
        self._request = request
        self._changes = changes
        self._seen: dict[bytes, int] = {}
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.begun.done():
            assert data.startswith(b"HTTP/1.1 200"), data
            self.begun.set_result(None)
        *whole, self._rest = (self._rest + data).split(b"}\n")
        for line in whole:
            if (found := _SEEN.search(line)) is not None:
                self._seen[found[1]] = int(found[2])
        if len(self._seen) == self._changes and not self.done.done():
            versions = list(self._seen.values())
            assert versions == sorted(versions), "changes came out of order"
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError(f"ended after {len(self._seen)} changes"))


async def open_watches(lab: labs.Lab, version: str, watches: int, changes: int) -> list[Watch]:
    access = await kubeconfig.load(lab.kubeconfig, None)
    context = ssl.create_default_context(cadata=(access.ca or b"").decode())
    address = urlsplit(lab.server).netloc
    host, _, port = address.partition(":")
    head = f"GET {_PATH}?watch=1&resourceVersion={version} HTTP/1.1\r\nHost: {address}\r\n"
    request = f"{head}Authorization: {access.authorization}\r\n\r\n".encode()
    loop, opened = asyncio.get_running_loop(), []
    for _ in range(watches):
        _, watch = await loop.create_connection(lambda: Watch(request, changes), host, int(port), ssl=context)
        opened.append(watch)
    await asyncio.gather(*(watch.begun for watch in opened))
    return opened


async def change(cluster: Cluster, changes: int) -> None:
    numbers = iter(range(changes))

    async def work() -> None:
        for number in numbers:
            made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"change-{number}"}}
            await cluster.create(resources.CONFIG_MAPS, "default", made)

    await asyncio.gather(*(work() for _ in range(_WRITERS)))


async def measure(lab: labs.Lab, watches: int, changes: int, figures: Figures) -> None:
    async with connect(lab.kubeconfig) as cluster:
        version = (await cluster.list(resources.CONFIG_MAPS, "default")).resource_version
        await SystemClock().sleep(_SETTLE_SECONDS)
        before = lab.resident_mb()
        opened = await open_watches(lab, version, watches, changes)
        await SystemClock().sleep(_SETTLE_SECONDS)
        figures.note("each watch that is open, kB", 1000 * (lab.resident_mb() - before) / watches)
        start = time.perf_counter()
        await change(cluster, changes)
        figures.note(f"{changes:,} changes made, s", time.perf_counter() - start)
        await asyncio.gather(*(watch.done for watch in opened))
        took = time.perf_counter() - start
        figures.note(f"{changes:,} changes seen by all of {watches:,} watches, s", took)
        figures.note("events/s", watches * changes / took)
        figures.note("the lab's process at its largest, MB", lab.resident_mb(highest=True))
        for watch in opened:
            if watch.transport is not None:
                watch.transport.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--watches", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    options = parser.parse_args()
    figures = Figures()
    for _ in range(options.runs):
        with labs.running(options.directory) as lab:
            asyncio.run(measure(lab, options.watches, options.changes, figures))
    print(figures.table("watches"))


if __name__ == "__main__":
    main()
