"""What a real kubelet 1.36 did over CRI-O and over containerd, cell by cell, done again: the same states and the same events, in the same order.

Time is the recording's: each retry comes after the gap that the real kubelet's jitter made. What depends on the day is masked:
moments, durations, sizes, digests, ids.
"""

import asyncio
import json
import random
import re
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.node.fakes import image
from tests.node.world import NS, World, pod, world

from pullscope.kube import resources, status
from pullscope.kube.api import Object
from pullscope.node.context import NodeOptions
from pullscope.oci import reference
from pullscope.pull import failures, flavours

CELLS = sorted((Path(__file__).parents[1] / "data" / "cells").glob("*/*.json"))
REGISTRY = "127.0.0.1:5001"
ANSWERS: dict[str | None, failures.PullFailure] = {
    "404": failures.ManifestUnknown(),
    "404 NAME_UNKNOWN": failures.NameUnknown(),
    "401": failures.AuthenticationRequired(),
    "401 token": failures.TokenRefused(),
    "401 bearer": failures.AccessDenied(),
    "429": failures.TooManyRequests(),
    "down": failures.ConnectionRefused(REGISTRY),
    "no such host": failures.NoSuchHost("registry-1.docker.io"),
}
BEFORE_THE_KUBELET = ("ScalingReplicaSet", "SuccessfulCreate", "Scheduled")


class Recorded(random.Random):
    """Gives the jitter that leads to the gaps of the recording; the first sync's alarm is overtaken by the second.

    What came after the recording's end came late.
    """

    def __init__(self, gaps: list[float]) -> None:
        super().__init__(0)
        self._values = iter([0.0, *((gap / 10 - 1) / 0.5 for gap in gaps)])

    def random(self) -> float:
        return next(self._values, 1.0)


def masked(value: Any, cell: str) -> Any:
    """The value with what depends on the day replaced."""
    text = json.dumps(value, sort_keys=True).replace(REGISTRY, "REGISTRY").replace(cell, "CELL")
    text = text.replace(" on RESOLVER", "")  # the lab does not know who told it
    for pattern, mark in (
        (r"sha256:[0-9a-f]{64}|sha256:DIGEST", "DIGEST"),
        (r"(cri-o|containerd)://[0-9a-zA-Z]+", "CONTAINER"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (
            r"in \d\S* \(\S+ including waiting\)\. Image size: \d+ bytes",
            "in DURATION (DURATION including waiting). Image size: SIZE bytes",
        ),
    ):
        text = re.sub(pattern, mark, text)
    return json.loads(text)


def syncs(events: list[Object]) -> Iterator[float]:
    """When the syncs after the second one began: each first event after a silence of seconds."""
    moments = [event["at"] for event in events]
    yield from (later for earlier, later in pairwise(moments) if later - earlier > 5)


def container(pod: Object) -> Object | None:
    """The container's status as the recording keeps it."""
    found = (pod.get("status") or {}).get("containerStatuses")
    if not found:
        return None
    fields = ("state", "lastState", "image", "imageID", "ready", "started", "restartCount")
    return {**{field: found[0][field] for field in fields}, "containerID": found[0].get("containerID")}


def each_once(states: Iterable[Object | None]) -> list[Object]:
    """The states in order. A change of a condition alone (sandbox ready) shows one twice, unless it came too fast to see."""
    return [state for state, _ in groupby(states) if state]


def set_up(where: World, cell: Object, ref: str) -> None:
    where.images.node.clear()
    where.images.flavour = flavours.OPTIONS[cell["runtime"]]
    if cell["on_node"]:
        where.images.load(image(ref, "node"))
    if cell["registry"] is not None:
        if cell["registry"] == "no such host":
            where.images.scheme = "https"
        where.images.registry[str(reference.parse(ref))] = ANSWERS.get(cell["registry"]) or image(ref, "registry")


async def until(where: World, wanted: int) -> None:
    """Wait until so many events were seen, while a pull hangs."""
    while len(where.events) < wanted:
        await where.clock.sleep(0)


async def watch(where: World, cell: Object, ref: str, gaps: list[float]) -> None:
    """Run the cell's pod as long as it was watched. Of `pulls`, where it is told, so many ended: the next one hung."""
    spec: dict[str, Any] = {"name": "p", "container": {"image": ref, "imagePullPolicy": cell["policy"]}}
    if cell.get("pulls") == 0:
        where.images.gate = asyncio.Event()
        await where.api.create(resources.PODS, NS, pod(**spec))
        await until(where, 1)
        return
    await where.run(**spec)
    if "pulls" in cell:
        where.images.gate = asyncio.Event()
        before = len(where.events)
        where.clock.advance(sum(gaps))
        await until(where, before + 1)
    else:
        await where.advance(max(sum(gaps), cell["watched"] - 2))


async def log_of(where: World) -> str:
    try:
        return await where.log("p")
    except status.ApiError as error:
        return f"Error from server ({error.reason}): {error.message}"


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in CELLS])
async def test_cell(path: Path, tmp_path: Path) -> None:
    cell = json.loads(path.read_text(encoding="utf-8"))
    name = cell["cell"]
    recorded = [event for event in cell["events"] if event["reason"] not in BEFORE_THE_KUBELET]
    retries = list(syncs(recorded))
    second = max((event["at"] for event in recorded if event["at"] < 5), default=0.0)
    gaps = [later - earlier for earlier, later in pairwise([second, *retries])]
    ref = cell["image"].replace("REGISTRY", REGISTRY).replace("CELL", name)
    async with world(tmp_path, NodeOptions(random=Recorded(gaps))) as where:
        set_up(where, cell, ref)
        await where.start()
        await watch(where, cell, ref, gaps)

        states = map(container, (change.object for change in where.pods))
        assert masked(each_once(states), name) == masked(each_once(p["container"] for p in cell["pods"]), name)
        events = [
            {
                "type": event["type"],
                "reason": event["reason"],
                "count": event["count"],
                "source": event["source"]["component"],
                "kind": event["involvedObject"]["kind"],
                "field": event["involvedObject"]["fieldPath"],
                "message": event["message"],
            }
            for event in where.events
        ]
        wanted = [{key: value for key, value in event.items() if key != "at"} for event in recorded]
        assert masked(events, name) == masked(wanted, name)
        if cell["logs"].startswith("Error"):
            assert await log_of(where) == cell["logs"].replace('"POD"', '"p"')
        else:
            variant = "node" if image(ref, "node").id.startswith((await log_of(where))[5:12]) else "registry"
            assert f'Deployed "/deployments/{variant}.war"' in cell["logs"]
