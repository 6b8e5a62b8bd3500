"""The nodes' images, as an administrator lists and changes them past the kubelet."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from tests.lab.world import push, running

from pullscope.base.clock import SystemClock
from pullscope.base.errors import PullscopeError, UsageError
from pullscope.clusters import reflector
from pullscope.cri.api import AuthConfig
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.lab import assembly, nodecommands
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.lab.names import node_meant

NODES = ("crc", "crc-2")


@pytest.mark.parametrize(
    ("names", "words", "meant"),
    [
        (("crc",), ["app:v1"], ("crc", ["app:v1"])),
        (("crc",), ["crc", "app:v1"], ("crc", ["app:v1"])),
        (("crc",), [], ("crc", [])),
        (NODES, ["crc-2", "a", "b"], ("crc-2", ["a", "b"])),
        (NODES, ["crc"], ("crc", [])),
    ],
)
def test_the_node_may_be_left_out_when_there_is_one(
    names: Sequence[str], words: list[str], meant: tuple[str, list[str]]
) -> None:
    assert node_meant(names, words) == meant


@pytest.mark.parametrize("words", [[], ["app:v1"], ["app:v1", "crc"]])
def test_of_several_nodes_one_must_be_named(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"which node\?") as caught:
        node_meant(NODES, words)
    assert caught.value.hint == "name one first: crc, crc-2"


@dataclass(frozen=True)
class World:
    """A lab with two nodes, and an image in its registry."""

    lab: Lab
    name: str

    async def tell(self, command: str, *words: str, **arguments: Any) -> list[Any]:
        parts = nodecommands.of(self.lab)[command]({"words": list(words), **arguments})
        return [part async for part in parts]

    async def listed(self, *words: str) -> list[tuple[str, list[str]]]:
        return [(image["node"], image["repoTags"]) for image in await self.tell("images", *words)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with assembly.running(LabConfig(nodes=2)) as lab:
        made = World(lab, f"{lab.registry}/demo/app:v1")
        await push(lab.registry, made.name, "node.war")
        yield made


async def test_an_image_is_pulled_listed_and_removed(world: World) -> None:
    ((pulled,),) = [part.values() for part in await world.tell("pull", "crc-2", world.name)]
    (image,) = await world.tell("images")
    assert (image["node"], image["id"], image["repoTags"]) == ("crc-2", pulled, [world.name])
    assert image["size"].isdecimal()
    assert list(image) == ["node", "id", "repoTags", "repoDigests", "size", "username", "pinned"]
    assert await world.listed("crc") == []
    assert await world.tell("rmi", "crc-2", pulled[:13], "no/such:v1") == [
        {"deleted": [world.name]},
        {"failed": "no such image no/such:v1"},
    ]
    assert await world.listed() == []


async def test_the_node_reports_the_change_at_once(world: World) -> None:
    def reports(node: Object) -> bool:
        return any(world.name in image["names"] for image in node["status"].get("images") or [])

    await world.tell("pull", "crc-2", world.name)
    await reflector.until(world.lab.api, resources.NODES, None, "crc-2", clock=SystemClock(), true=reports)


async def test_an_image_that_a_container_uses_stays(world: World) -> None:
    container = (await running(world.lab, "app", world.name, "crc"))["containerID"].partition("://")[2]
    assert await world.tell("rmi", "crc", world.name) == [
        {
            "failed": f'error of removing image "{world.name}": rpc error: code = Unknown desc = '
            f"image used by {container}: image is in use by a container"
        }
    ]
    other = f"{world.lab.registry}/demo/other:v1"
    await push(world.lab.registry, other, "registry.war")
    await world.tell("pull", "crc", other)
    (kept,) = await world.tell("prune", "crc", dry_run=True)
    assert await world.listed("crc") == [("crc", [world.name]), ("crc", [other])]
    assert await world.tell("prune", "crc", dry_run=False) == [kept]
    assert kept["deleted"] == [other]
    assert await world.listed("crc") == [("crc", [world.name])]
    assert await world.tell("prune", "crc-2", dry_run=False) == []


async def test_an_image_whose_tag_moved_is_listed_and_removed_by_what_cri_o_calls_it_then(world: World) -> None:
    await world.tell("pull", "crc", world.name)
    (old,) = await world.tell("images")
    await push(world.lab.registry, world.name, "registry.war")
    await world.tell("pull", "crc", world.name)
    assert await world.listed() == [("crc", [world.name]), ("crc", [])]
    assert await world.tell("rmi", "crc", old["id"]) == [
        {"deleted": ["127.0.0.1@" + old["repoDigests"][0].partition("@")[2]]}
    ]


async def test_a_pull_that_fails_says_why_in_the_runtimes_words(world: World) -> None:
    missing = f"{world.lab.registry}/demo/app:v9"
    with pytest.raises(PullscopeError, match=r"^pulling image: unable to pull image .*manifest unknown"):
        await world.tell("pull", "crc", missing)


@pytest.mark.parametrize("creds", [None, {"username": "me", "password": "secret"}])
async def test_credentials_go_to_the_runtime_and_the_node_is_told(creds: dict[str, str] | None) -> None:
    seen: list[Any] = []

    class Images:
        async def pull_image(self, *asked: Any) -> str:
            seen.append(asked)
            return "041159ce2340f"

    nodes: Any = {"crc": SimpleNamespace(images=Images(), images_changed=lambda: seen.append("told"))}
    pull = nodecommands.COMMANDS["pull"](nodes, {"words": ["app:v1"], "creds": creds})
    assert [part async for part in pull] == [{"image": "041159ce2340f"}]
    assert seen == [("app:v1", AuthConfig("me", "secret") if creds else None), "told"]


@pytest.mark.parametrize(
    ("command", "words", "why"),
    [
        ("rmi", ["crc"], r"which image\?"),
        ("pull", ["crc"], "pull takes one image"),
        ("pull", ["crc", "a", "b"], "pull takes one image"),
        ("images", ["app:v1"], 'nodes "app:v1" not found'),
        ("prune", ["app:v1"], 'nodes "app:v1" not found'),
        ("prune", [], r"which node\?"),
    ],
)
async def test_what_is_not_clear_is_asked_back(command: str, words: list[str], why: str) -> None:
    nodes: Any = dict.fromkeys(NODES)  # none of them is touched
    with pytest.raises(UsageError, match=why):
        await anext(nodecommands.COMMANDS[command](nodes, {"words": words, "dry_run": False}))
