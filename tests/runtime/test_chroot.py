"""`chroot`: another directory is the root, with the volumes below it, and the words that are marked there."""

from pathlib import Path

import pytest

from pullscope.base.clock import ManualClock
from pullscope.oci import toolbox
from pullscope.runtime.rootfs import Root, Volume
from pullscope.runtime.toolbox import chroot, shell
from pullscope.runtime.toolbox.context import Context


@pytest.fixture
def root(tmp_path: Path) -> Root:
    host, logs = tmp_path / "host", tmp_path / "logs"
    for directory in (tmp_path / "tree" / "bin", host / "bin"):
        directory.mkdir(parents=True)
        for word in ("sh", "ls", "cat", "pwd", "chroot"):
            (directory / word).write_bytes(toolbox.MARK)
    (host / "bin" / "program").write_bytes(b"\x7fELF")
    (host / "etc").mkdir()
    (host / "etc" / "hostname").write_text("crc\n")
    (tmp_path / "tree" / "host").mkdir()
    logs.mkdir()
    (logs / "0.log").write_text("a log\n")
    return Root(tmp_path / "tree", (Volume("/host", host), Volume("/host/var/log/pods", logs, readonly=True)))


async def said(root: Root, text: str) -> tuple[int, str, str]:
    streams = {1: b"", 2: b""}

    def write(stream: int, data: bytes) -> None:
        streams[stream] += data

    async def flush() -> None:
        """Nobody need keep up."""

    context = Context(root, {"PATH": "/bin"}, "/", ManualClock(), write, flush, extra={"chroot": chroot.run})
    context.stdin.close()
    code = await shell.run("sh", context, ["-c", text])
    return code, streams[1].decode(), streams[2].decode()


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("chroot /host cat /etc/hostname", "crc\n"),
        ("cd /host; chroot . pwd", "/\n"),
        ("chroot /host ls /var/log/pods", "0.log\n"),
        ("chroot /host cat /var/log/pods/0.log", "a log\n"),
        ("chroot /host cat ../../etc/hostname", "crc\n"),
        ("chroot /host; pwd", "/\n"),
        ("chroot /host sh -c 'cd /etc; pwd'; pwd", "/etc\n/\n"),
    ],
)
async def test_another_root(root: Root, text: str, out: str) -> None:
    assert await said(root, text) == (0, out, "")


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("chroot", 2, "chroot: missing operand\n"),
        ("chroot --userspec=0 /", 2, "chroot: unrecognized option '--userspec=0'\n"),
        ("chroot /no", 125, "chroot: cannot change root directory to '/no': No such file or directory\n"),
        ("chroot /bin/sh", 125, "chroot: cannot change root directory to '/bin/sh': Not a directory\n"),
        ("chroot /host date", 127, "chroot: failed to run command 'date': No such file or directory\n"),
        (
            "chroot /host program",
            126,
            "chroot: failed to run command 'program': the toolbox starts its own words only\n",
        ),
        ("chroot /host chroot /etc ls", 127, "chroot: failed to run command 'ls': No such file or directory\n"),
        ("chroot /host sh -c 'exit 3'", 3, ""),
    ],
)
async def test_failures(root: Root, text: str, code: int, error: str) -> None:
    assert await said(root, text) == (code, "", error)
