"""`pullscope node shell` as somebody types in it, and pipes into it. Another process has the lab."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.lab import inprocess
from tests.lab.typist import Typist

from pullscope.base.clock import SystemClock
from pullscope.clusters import kubeconfig, transport
from pullscope.lab.state import StateDirectory
from pullscope.oc.console import Console
from pullscope.oc.debugging import Debugger

SHELL = [sys.executable, "-m", "pullscope", "node", "shell"]


@pytest.fixture
async def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StateDirectory]:
    monkeypatch.setenv("PULLSCOPE_HOME", str(tmp_path))
    async with inprocess.running(tmp_path) as state:
        yield state


async def test_a_pipe_and_a_terminal(lab: StateDirectory) -> None:
    await _pipe(lab)
    if sys.platform != "win32":
        await asyncio.to_thread(_type)


async def _pipe(lab: StateDirectory) -> None:
    out, error = io.BytesIO(), io.BytesIO()
    given = io.BytesIO(b"cat /etc/hostname\ncrictl ps -q\ncrictl rmi nosuch:v1\nexit 4\n")
    told: list[str] = []
    async with transport.open_transport(await kubeconfig.load(lab.root / "kubeconfig", None)) as opened:
        debugger = Debugger(opened, Console(out, error, given), SystemClock(), told.append)
        code = await debugger.node("crc", ["chroot", "/host"], attach=True)
    host, container = out.getvalue().decode().split()
    assert (code, host, len(container)) == (4, "crc", 64)
    assert error.getvalue().decode().endswith('level=error msg="no such image nosuch:v1"\n')
    assert [line.strip().split()[0] for line in told] == [
        "Temporary", "Starting", "To", "Pod", "All", "If", "Removing", "Temporary",
    ]  # fmt: skip


def _type() -> None:
    typist = Typist(SHELL)
    try:
        typist.until(rb"sh-5\.1# ")
        typist.type(b"crictl pods\r")
        typist.until(rb"crc-debug-\w{5} +openshift-debug-\w{5}")
        typist.type(b"sleep 1000\r")
        typist.until(b"1000\r\n")
        typist.type(b"\x03")
        typist.until(rb"\^C\r\nsh-5\.1# ")
        typist.type(b"exit 6\r")
        assert typist.leave() == (6, b"exit 6\r\n")
    finally:
        typist.close()
