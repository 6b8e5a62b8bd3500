"""The root of a node: what is in it, and which words work on it."""

from pathlib import Path

from pullscope.base.clock import ManualClock
from pullscope.cri.crictl.node import Node
from pullscope.lab import noderoot
from pullscope.node.nodestatus import os_image
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox import shell
from pullscope.runtime.toolbox.context import Context


def _no_node() -> Node:
    raise AssertionError("nobody asks the node here")


async def said(root: Path, text: str) -> tuple[int, str]:
    out = b""

    def write(_: int, data: bytes) -> None:
        nonlocal out
        out += data

    async def flush() -> None:
        """Nobody need keep up."""

    words = noderoot.words(root, _no_node)
    assert noderoot.made(root, "crc", words) == root
    context = Context(Root(root), {"PATH": "/usr/bin"}, "/", ManualClock(), write, flush, extra=words)
    code = await shell.run("sh", context, ["-c", text])
    return code, out.decode()


async def test_what_is_in_it(tmp_path: Path) -> None:
    assert await said(tmp_path, "ls /; cat /etc/hostname") == (0, "bin\netc\nroot\nrun\ntmp\nusr\nvar\ncrc\n")
    assert f'PRETTY_NAME="{os_image()}"' in (await said(tmp_path, "cat /etc/os-release"))[1]  # made again, too


async def test_its_words(tmp_path: Path) -> None:
    assert await said(tmp_path, "bash -c 'exit 4'") == (4, "")
    code, out = await said(tmp_path, "crictl --help")
    assert (code, "inspecti" in out) == (0, True)
    refused = "podman: not supported on the lab's nodes, which are no machines of their own\n"
    assert await said(tmp_path, "podman images") == (126, refused)
    assert await said(tmp_path, "nosuch") == (127, "sh: nosuch: not found\n")
