"""The root of a node as its debug pods see it (`oc debug node/…`): made of what the node is, and words that work on it.

A few files, and the words of the toolbox with `crictl` and `chroot`. Whatever else people type on a node is refused by name.
Upstream: what a node of OpenShift 4.22 (RHCOS 9) has at these places.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from pullscope import __version__
from pullscope.cri.crictl.command import SOCKET, Crictl
from pullscope.cri.crictl.node import Node
from pullscope.node import hostpaths
from pullscope.node.nodestatus import os_image
from pullscope.oci import toolbox
from pullscope.runtime.toolbox import chroot, shell
from pullscope.runtime.toolbox.context import Context, Program, Programs

_REFUSED = (
    "buildah", "conmon", "coreos-installer", "crio", "crun", "curl", "dnf", "ip", "journalctl", "kubelet", "less",
    "machine-config-daemon", "mount", "nsenter", "oc", "podman", "ps", "rpm", "rpm-ostree", "runc", "skopeo", "ss",
    "sudo", "systemctl", "tar", "toolbox", "top", "vi", "yum",
)  # fmt: skip
_CANNOT_EXECUTE = 126


def words(root: Path, node: Callable[[], Node]) -> Programs:
    """The words of a node whose root is made there, besides the toolbox's own."""
    crictl = Crictl(root / SOCKET.lstrip("/"), node)
    refused = {name: _refusal(name) for name in _REFUSED}
    return {**refused, "bash": _bash, "chroot": chroot.run, "crictl": crictl.run}


def made(root: Path, name: str, extra: Programs) -> Path:
    """Have the root of the node `name` there, its words being `extra` and the toolbox's; returns `root`. Raises OSError.

    What is right already stays untouched: somebody may be looking at it.
    """
    files = {
        "etc/hostname": f"{name}\n",
        "etc/os-release": f'NAME="Pullscope"\nID=pullscope\nVERSION_ID="{__version__}"\nPRETTY_NAME="{os_image()}"\n',
        SOCKET.lstrip("/"): "",
    }
    for path in (hostpaths.LOGS, "root", "tmp"):
        (root / path).mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        _put(root / path, text.encode())
    for directory in ("bin", "usr/bin"):
        for word in {*toolbox.WORDS, *extra}:
            _put(root / directory / word, toolbox.MARK)
    return root


def _put(path: Path, data: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


async def _bash(context: Context, arguments: Sequence[str]) -> int:
    return await shell.run("sh", context, arguments)


def _refusal(name: str) -> Program:
    async def refuse(context: Context, _arguments: Sequence[str]) -> int:
        context.complain(f"{name}: not supported on the lab's nodes, which are no machines of their own")
        return _CANNOT_EXECUTE

    return refuse
