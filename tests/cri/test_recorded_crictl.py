"""crictl on a node of each runtime, line by line as recorded: one image that moves, gets a second name, and is removed.

The images are others than those of the recording, so ids, digests and sizes are masked, and columns are compared as words.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cri.world import World, world

from pullscope.cri.crictl.command import SOCKET, Crictl
from pullscope.cri.crictl.node import Node
from pullscope.pull import flavours
from pullscope.pull.flavours import Flavour
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox.context import Context

DATA = Path(__file__).parents[1] / "data" / "recordings"


async def crictl(w: World, flavour: Flavour, *words: str) -> str:
    """What a command says on the node, first on stderr."""
    said = {1: b"", 2: b""}

    def write(stream: int, data: bytes) -> None:
        said[stream] += data

    async def flush() -> None:
        """Nobody need keep up."""

    node = Node(w.runtime, w.runtime, w.runtime.image_config, lambda: None, flavour)
    context = Context(Root(w.root), {}, "/", w.clock, write, flush)
    await Crictl(w.root / SOCKET.lstrip("/"), lambda: node).run(context, words)
    return (said[2] + said[1]).decode()


def masked(w: World, text: str) -> str:
    """With the marks of the recordings."""
    for pattern, mark in (
        (re.escape(f"{w.registry}/private"), "LOCKED"),
        (re.escape(w.registry), "REGISTRY"),
        (r"127\.0\.0\.1:1\b", "DOWN"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"E\d{4} \S+\s+\d+ ", "E "),
        (r"sha256:[0-9a-f]{64}", "DIGEST"),
        (r"\b[0-9a-f]{64}\b", "ID"),
        (r"\b[0-9a-f]{13}\b", "SHORT"),
        (r"\b\d+(\.\d+)?[kM]B\b", "SIZE"),
        (r'"size": "\d+"', '"size": "SIZE"'),
        (r"Size: \d+", "Size: BYTES"),
    ):
        text = re.sub(pattern, mark, text)
    return text


async def prepared(w: World, step: Any) -> list[str]:
    """Do what the step says besides crictl; the words of its command."""
    x = w.name("m/crictl-x")
    for what in step.get("before", ()):
        match what:
            case "push":
                await w.push(x, "registry.war")
                await w.push(w.name("private/m/crictl-x"), "registry.war")
            case "pull":
                await w.push(x, "node.war", {"variant": "node"})
                await w.runtime.pull_image(x)
            case "run":
                await w.started(x)
    found = await w.runtime.image_status(x)
    short = found.id.removeprefix("sha256:")[:13] if found else ""
    names = {"REGISTRY": w.registry, "LOCKED": f"{w.registry}/private", "DOWN": "127.0.0.1:1", "SHORT": short}
    words = str(step["crictl"])
    for mark, name in names.items():
        words = words.replace(mark, name)
    return words.split()


@pytest.mark.parametrize("runtime", flavours.OPTIONS)
async def test_crictl(runtime: str, tmp_path: Path) -> None:
    recorded = json.loads((DATA / runtime / "crictl.json").read_text(encoding="utf-8"))
    flavour = flavours.OPTIONS[runtime]
    async with world(tmp_path, flavour=flavour) as w:
        for step in recorded["steps"]:
            said = masked(w, await crictl(w, flavour, *await prepared(w, step)))
            if isinstance(step["says"], dict):
                assert subset(json.loads(said), step["says"]) == step["says"], step["crictl"]
            else:
                assert [line.split() for line in said.splitlines()] == [line.split() for line in step["says"]], step


def subset(found: Any, wanted: Any) -> Any:
    """What was found, of the keys that are wanted."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {key: subset(found[key], value) for key, value in wanted.items() if key in found}
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [subset(each, value) for each, value in zip(found, wanted, strict=True)]
    return found
