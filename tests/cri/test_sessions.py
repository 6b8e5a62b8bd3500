"""The streams of exec and attach: nobody is waited for without bounds."""

from pathlib import Path

import pytest

from pullscope.base.clock import ManualClock
from pullscope.cri.api import CriError
from pullscope.cri.embedded.launch import RunWord
from pullscope.cri.embedded.logs import Log
from pullscope.cri.embedded.sessions import AttachSession, ExecSession
from pullscope.cri.embedded.starters import Idle
from pullscope.runtime.rootfs import Root


def word(tree: Path, name: str, *arguments: str) -> RunWord:
    return RunWord(name, arguments, (("PATH", "/bin"),), Root(tree), "/", "pod", "")


async def test_much_output_waits_for_a_slow_reader(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(50 * 2**20))
    session = ExecSession(word(tmp_path, "cat", "/large"), ManualClock(), stdin=False)
    output = session.output()
    size, most = 0, 0
    async for _, data in output:
        size += len(data)
        most = max(most, session._output.waiting)
    assert (size, await session.wait()) == (50 * 2**20, 0)
    assert most <= 66


async def test_without_stdin_a_word_reads_the_end(tmp_path: Path) -> None:
    session = ExecSession(word(tmp_path, "cat"), ManualClock(), stdin=False)
    assert [piece async for piece in session.output()] == []
    assert await session.wait() == 0


async def test_who_watches_too_slowly_is_cut_off() -> None:
    log, running = Log(None, ManualClock()), Idle()
    session = AttachSession(log, running.exited, None)
    for _ in range(5000):
        log.write(1, b"x")
    assert len([piece async for piece in session.output()]) == 4096
    log.write(1, b"nobody hears")
    await session.close()
    await session.close()
    with pytest.raises(CriError, match="attached without stdin"):
        await session.write(b"x")
    await session.close_stdin()
    running.stop()
