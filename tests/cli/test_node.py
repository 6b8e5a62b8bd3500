"""`pullscope node`: what is typed and what is printed. The commands run in a thread, the lab in this event loop."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.lab import inprocess
from tests.lab.world import push

from pullscope.base.errors import UsageError
from pullscope.cli import nodeimages, program
from pullscope.cli.nodeimages import Columns
from pullscope.lab import lifecycle
from pullscope.lab.settings import Wanted


def image(**fields: Any) -> dict[str, Any]:
    """As the recorded node had it."""
    return {
        "node": "crc",
        "id": "041159ce2340f73d49ab0f20ce444072899f3217cde0747bc28ff656cd525c32",
        "repoTags": ["127.0.0.1:5001/m/crictl-x:v1"],
        "repoDigests": [
            "127.0.0.1:5001/m/crictl-x@sha256:f30cd063dc63b80c15c67d18aaae28f7b7a9c6cc55050f29d6483aa20452f4c6"
        ],
        "size": "2161866",
        "username": "",
        "pinned": False,
        **fields,
    }


def test_a_table_is_crictls() -> None:
    """Recorded from crictl on CRI-O."""
    assert nodeimages.table([image()], Columns()).splitlines() == [
        "IMAGE                       TAG                 IMAGE ID            SIZE",
        "127.0.0.1:5001/m/crictl-x   v1                  041159ce2340f       2.16MB",
    ]
    assert nodeimages.table([image()], Columns(digest=True)).splitlines() == [
        "IMAGE                       TAG                 DIGEST              IMAGE ID            SIZE",
        "127.0.0.1:5001/m/crictl-x   v1                  f30cd063dc63b       041159ce2340f       2.16MB",
    ]
    whole = nodeimages.table([image()], Columns(whole=True)).splitlines()[1]
    assert whole.split()[2] == image()["id"]


def test_every_name_of_an_image_has_a_line() -> None:
    images = [
        image(repoTags=["a:1", "b:5000/c:2"]),
        image(repoTags=[]),
        image(repoTags=[], repoDigests=[], node="crc-2", size="999"),
    ]
    rows = [row.split() for row in nodeimages.table(images, Columns(node=True)).splitlines()]
    assert rows == [
        ["NODE", "IMAGE", "TAG", "IMAGE", "ID", "SIZE"],
        ["crc", "a", "1", "041159ce2340f", "2.16MB"],
        ["crc", "b:5000/c", "2", "041159ce2340f", "2.16MB"],
        ["crc", "127.0.0.1:5001/m/crictl-x", "<none>", "041159ce2340f", "2.16MB"],
        ["crc-2", "<none>", "<none>", "041159ce2340f", "999B"],
    ]
    assert nodeimages.table([], Columns()).split() == ["IMAGE", "TAG", "IMAGE", "ID", "SIZE"]


def test_credentials_are_a_name_and_perhaps_a_password() -> None:
    assert nodeimages.credentials("me") == {"username": "me", "password": ""}
    assert nodeimages.credentials("me:a:b") == {"username": "me", "password": "a:b"}
    with pytest.raises(UsageError, match="username can't be empty"):
        nodeimages.credentials(":secret")


@dataclass(frozen=True)
class Typed:
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """A user beside a lab with two nodes, and an image in its registry."""

    capsys: pytest.CaptureFixture[str]
    name: str

    async def node(self, *words: str) -> Typed:
        code = await asyncio.to_thread(program.run, ["node", *words])
        return Typed(code, *self.capsys.readouterr())


@pytest.fixture
async def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Shell]:
    monkeypatch.setenv("PULLSCOPE_HOME", str(tmp_path))
    async with inprocess.running(tmp_path, Wanted(nodes=2)) as state:
        registry = (await lifecycle.status(state))["registry"]
        name = f"{registry}/demo/app:v1"
        await push(registry, name, "node.war")
        yield Shell(capsys, name)


async def test_a_session(shell: Shell) -> None:
    name = shell.name
    unclear = await shell.node("pull", name)
    assert (unclear.code, unclear.err) == (2, "error: which node?\nhint: name one first: crc, crc-2\n")
    pulled = await shell.node("pull", "crc-2", name)
    assert (pulled.code, pulled.err) == (0, "")
    image_id = pulled.out.removeprefix("Image is up to date for ").strip()

    (_, row) = (await shell.node("images")).out.splitlines()
    assert row.split() == ["crc-2", name.removesuffix(":v1"), "v1", image_id[:13], "41kB"]
    (title, row) = (await shell.node("images", "crc-2")).out.splitlines()
    assert title.split() == ["IMAGE", "TAG", "IMAGE", "ID", "SIZE"]
    assert (await shell.node("images", "-q")).out == f"{image_id}\n"
    assert (await shell.node("images", "crc", "-q")).out == ""
    document = json.loads((await shell.node("images", "-o", "json")).out)
    assert [(each["node"], each["id"], each["repoTags"]) for each in document["images"]] == [
        ("crc-2", image_id, [name])
    ]
    listed = json.loads((await shell.node("ls", "-o", "json")).out)["nodes"]
    assert [(each["name"], each["images"]) for each in listed] == [("crc", 0), ("crc-2", 1)]
    assert [row.split() for row in (await shell.node("ls")).out.splitlines()][1:] == [
        ["crc", "Ready", "0"],
        ["crc-2", "Ready", "1"],
    ]

    assert (await shell.node("prune", "crc-2", "--dry-run")).out == f"Would delete: {name} (41kB)\nWould free 41kB\n"
    found = await shell.node("shell", "crc-2", "--", "crictl", "images", name)
    assert (found.code, found.out.split()[-2:]) == (0, [image_id[:13], "41kB"])
    failed = await shell.node("shell", "crc-2", "--", "crictl", "rmi", "no/such:v1")
    assert (failed.code, "no such image no/such:v1" in failed.out) == (1, True)
    removed = await shell.node("rmi", "crc-2", name, "no/such:v1")
    assert removed == Typed(1, f"Deleted: {name}\n", "error: no such image no/such:v1\n")
    assert "Deleted: " in (await shell.node("prune", "crc-2")).out  # the shell's own
    assert (await shell.node("prune", "crc-2")).out == "No images to remove\n"
    await shell.node("pull", "crc", name)
    assert (await shell.node("prune", "crc")).out == f"Deleted: {name} (41kB)\nFreed 41kB\n"


async def test_the_shell_completes_nodes_and_labs(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for words, completions in (
        ("pullscope node images c", {"crc", "crc-2"}),
        ("pullscope node rmi crc-", {"crc-2"}),
        ("pullscope status --name d", {"default"}),
        ("pullscope node images --name x c", set()),
    ):
        monkeypatch.setenv("_PULLSCOPE_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        with pytest.raises(SystemExit):  # the shell's helper is no command
            await asyncio.to_thread(program.run, [])
        assert set(shell.capsys.readouterr().out.split()) == completions, words


def test_without_a_lab_there_is_nothing_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLSCOPE_HOME", str(tmp_path))
    assert program.run(["node", "images"]) == 1
    assert capsys.readouterr().err == "error: there is no lab default\nhint: `pullscope up` makes it\n"
    (tmp_path / "labs" / "default").mkdir(parents=True)
    assert program.run(["node", "images"]) == 3
    assert capsys.readouterr().err == "error: the lab default is stopped\nhint: `pullscope up` starts it\n"
