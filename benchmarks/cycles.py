"""Pods made and deleted 20,000 times in one lab: what grows?

    python benchmarks/cycles.py [CYCLES] [--held] [--directory DIR]

The lab runs in this process, on the disk of DIR. A few pods at a time are made, seen Running, deleted and seen gone; their
program is executed, or, with --held, not. Prints a Markdown table of what the lab holds every so many cycles, and how fast
it grows from a quarter of the way on: by then histories and caches are full.
"""

import argparse
import asyncio
import gc
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from platform import machine

import aiohttp

from pullscope.base import process
from pullscope.base.clock import SystemClock
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig
from pullscope.oci import reference
from pullscope.oci.platform import Platform
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

CYCLES = 20_000
ROWS = 20
_AT_ONCE = 8


@dataclass(frozen=True)
class Sample:
    """What the lab holds after so many cycles."""

    cycles: int
    seconds: float
    resident: int
    disk: int
    files: int
    descriptors: int
    tasks: int
    objects: int
    engines: int


def sample(cycles: int, seconds: float, root: Path) -> Sample:
    gc.collect()
    found = [path for path in root.rglob("*") if path.is_file()]
    kinds = [type(each).__module__ for each in gc.get_objects()]
    return Sample(
        cycles,
        seconds,
        process.resident_bytes() or 0,
        sum(path.stat().st_size for path in found),
        len(found),
        process.open_files() or 0,
        len(asyncio.all_tasks()),
        len(kinds),
        sum(str(kind).startswith("wasmtime") for kind in kinds),
    )


async def push_held(registry: str) -> str:
    """An image that no node of the lab executes."""
    store = MemoryStore()
    platform = Platform("linux", machine().lower()).normalised()
    root = build.image(store, platform, {}, [layers.write(store, [layers.Entry("none", b"")])])
    name = f"{registry}/cycles/held:v1"
    async with aiohttp.ClientSession() as session:
        await transfer.push(RegistryClient(session, registry), reference.parse(name), store, root)
    return name


def pod(name: str, image: str) -> Object:
    container = {"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


class Pods:
    """Waits for pods, over one watch."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._waiting: dict[tuple[str, str], asyncio.Event] = {}

    async def follow(self) -> None:
        """Work until cancelled."""
        listed = await self._api.list(resources.PODS, "default")
        async for change in self._api.watch(resources.PODS, "default", resource_version=listed.resource_version):
            phase = "gone" if change.type == "DELETED" else (change.object.get("status") or {}).get("phase", "")
            waiting = self._waiting.pop((change.object["metadata"].get("name", ""), str(phase)), None)
            if waiting:
                waiting.set()

    def expect(self, name: str, phase: str) -> asyncio.Event:
        """Set when the pod has that phase, or is `gone`."""
        return self._waiting.setdefault((name, phase), asyncio.Event())

    async def cycle(self, name: str, image: str) -> None:
        """The whole life of one pod."""
        runs, gone = self.expect(name, "Running"), self.expect(name, "gone")
        await self._api.create(resources.PODS, "default", pod(name, image))
        await runs.wait()
        await self._api.delete(resources.PODS, "default", name)
        await gone.wait()


async def measure(root: Path, cycles: int, *, held: bool) -> list[Sample]:
    samples = []
    clock = SystemClock()
    async with assembly.running(LabConfig(root=root)) as lab:
        pods = Pods(lab.api)
        following = asyncio.ensure_future(pods.follow())
        image = await push_held(lab.registry) if held else f"{lab.registry}/pullscope/probe:base"
        numbers = iter(range(cycles))
        done = 0
        began = clock.monotonic()
        samples.append(sample(0, 0.0, root))

        async def work() -> None:
            nonlocal done
            for number in numbers:
                await pods.cycle(f"cycle-{number}", image)
                done += 1
                if done % (cycles // ROWS) == 0:
                    samples.append(sample(done, clock.monotonic() - began, root))
                    print(row(samples[-1]), flush=True)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        following.cancel()
    return samples


def row(at: Sample) -> str:
    cells = (at.cycles, f"{at.seconds:.0f} s", f"{at.resident / 1e6:.1f}", f"{at.disk / 1e6:.1f}", at.files)
    return "| " + " | ".join(str(cell) for cell in (*cells, at.descriptors, at.tasks, at.objects, at.engines)) + " |"


def slope(samples: Sequence[Sample], values: Sequence[float]) -> float:
    """Least squares: how much the value grows with each cycle."""
    xs = [sample.cycles for sample in samples]
    x, y = sum(xs) / len(xs), sum(values) / len(values)
    return sum((a - x) * (b - y) for a, b in zip(xs, values, strict=True)) / sum((a - x) ** 2 for a in xs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cycles", nargs="?", type=int, default=CYCLES)
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    options = parser.parse_args()
    print("| cycles | after | resident, MB | disk, MB | files | descriptors | tasks | objects | of wasmtime |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(dir=options.directory, ignore_cleanup_errors=True) as scratch:
        samples = asyncio.run(measure(Path(scratch), options.cycles, held=options.held))
    late = [sample for sample in samples if sample.cycles >= options.cycles // 4]
    print(f"\nresident: {slope(late, [s.resident for s in late]):.0f} bytes a cycle")
    print(f"disk: {slope(late, [s.disk for s in late]):.0f} bytes a cycle")


if __name__ == "__main__":
    main()
