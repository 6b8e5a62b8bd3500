"""What is told of a node's images while somebody watches: changes, and how far pulls are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from tests.lab.world import push

from pullscope.base.clock import ManualClock
from pullscope.base.errors import UsageError
from pullscope.cri.api import CriError
from pullscope.cri.embedded.underway import PullUnderWay
from pullscope.lab import assembly, imagewatch, nodecommands
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.lab.imagewatch import Seen
from pullscope.oci.documents import Descriptor
from pullscope.remote.downloads import Downloads

LAYER, THERE = Descriptor.of("text/plain", b"a layer"), Descriptor.of("text/plain", b"another")


def image(image_id: str, *tags: str, **fields: Any) -> dict[str, Any]:
    return {"node": "crc", "id": image_id, "repoTags": list(tags), "repoDigests": [f"r/{image_id}@sha256:0"], **fields}


def told(before: Seen, after: Seen) -> list[tuple[str, str]]:
    changes = imagewatch.changes(before, after)
    return [(change["type"], (change.get("image") or change["pull"])["node"]) for change in changes]


def test_images_come_change_and_go() -> None:
    before, after = Seen.of([image("a", "a:1"), image("b", "b:1")]), Seen.of([image("b"), image("c", "c:1")])
    changes = {change["type"]: change["image"]["id"] for change in imagewatch.changes(before, after)}
    assert changes == {"DELETED": "a", "MODIFIED": "b", "ADDED": "c"}
    assert told(after, after) == []


def test_a_report_has_no_ids_and_grows_old_unnoticed() -> None:
    before = Seen.of([image("", "a:1", age_seconds=1)])
    assert told(before, Seen.of([image("", "a:1", age_seconds=11)])) == []
    assert told(before, Seen.of([image("", "a:2", age_seconds=11)])) == [("DELETED", "crc"), ("ADDED", "crc")]


def test_a_pull_is_told_of_until_it_has_ended() -> None:
    clock = ManualClock()
    pull = PullUnderWay("r/app:v1", clock, Downloads())
    none, seen = Seen.of([]), Seen.of([], {pull: "crc-2"})
    assert told(none, seen) == told(seen, seen) == [("PULLING", "crc-2")]
    pull.downloads.begin([THERE, LAYER], [LAYER])
    pull.downloads.arrived(LAYER.digest, 3)
    clock.advance(1.5)
    under_way = {
        "node": "crc-2", "image": "r/app:v1", "phase": "Downloading", "layersDone": 1, "layers": 2, "bytesDone": 3,
        "bytesTotal": 7, "seconds": 1.5, "error": "",
    }  # fmt: skip
    assert list(imagewatch.changes(seen, seen)) == [{"type": "PULLING", "pull": under_way}]
    pull.end("no space left on device")
    failed = {**under_way, "phase": "Failed", "error": "no space left on device"}
    assert list(imagewatch.changes(seen, none)) == [{"type": "FAILED", "pull": failed}]


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with assembly.running(LabConfig(nodes=2)) as made:
        yield made


async def test_a_watched_node(lab: Lab) -> None:
    name = f"{lab.registry}/demo/app:v1"
    await push(lab.registry, name, "node.war")
    commands, crc = nodecommands.of(lab), lab.runtimes["crc"]
    with pytest.raises(UsageError, match='nodes "crc-9" not found'):
        await anext(commands["watch"]({"words": ["crc-9"], "every": 1.0}))
    async with aclosing(commands["watch"]({"words": ["crc"], "every": 1.0})) as parts:
        assert await anext(parts) == {"images": [], "pulls": []}
        pulling = asyncio.create_task(crc.pull_image(name))
        types = []
        while "PULLED" not in types:
            types.append((await anext(parts))["type"])
        assert list(dict.fromkeys(types)) == ["PULLING", "ADDED", "PULLED"]
        await crc.remove_image(await pulling)
        assert (await anext(parts))["type"] == "DELETED"
        failing = asyncio.create_task(crc.pull_image(f"{name}-none"))
        while (last := await anext(parts))["type"] == "PULLING":
            pass
        assert last["pull"]["error"].endswith("manifest unknown")
        with pytest.raises(CriError):
            await failing
        await lab.runtimes["crc-2"].pull_image(name)
    async with aclosing(commands["watch"]({"words": [], "every": 1.0})) as parts:
        assert [found["node"] for found in (await anext(parts))["images"]] == ["crc-2"]
