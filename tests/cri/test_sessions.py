"""The streams of exec and attach: nobody is waited for without bounds, and nobody outlives the container."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.cri.world import World

from pullscope.base.clock import ManualClock
from pullscope.cri.api import CriError
from pullscope.cri.embedded.launch import Place, RunWord
from pullscope.cri.embedded.logs import Log
from pullscope.cri.embedded.sessions import AttachSession, ExecSession, InputSession, Output
from pullscope.cri.embedded.starters import Idle
from pullscope.kube.streams import Session, StreamError
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.process import Process


def execute(tree: Path, name: str, *arguments: str, stdin: bool = False) -> tuple[ExecSession, Output]:
    """A word that runs for somebody, in a container without end."""
    output, word = Output(), RunWord(name, arguments, Place((("PATH", "/bin"),), Root(tree), "/", "pod", ""))
    context = word.place.context(ManualClock(), output.put, output.room, tty=False)
    process = Process(context, word.run(context))
    if not stdin:
        process.close_stdin()
    return ExecSession(process, output, asyncio.get_running_loop().create_future()), output


async def read(session: Session) -> bytes:
    return b"".join([data async for _, data in session.output()])


async def test_much_output_waits_for_a_slow_reader(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(50 * 2**20))
    session, output = execute(tmp_path, "cat", "/large")
    size, most = 0, 0
    async for _, data in session.output():
        size += len(data)
        most = max(most, output.waiting)
    assert (size, await session.wait()) == (50 * 2**20, 0)
    assert most <= 2**18 + 2**16


async def test_much_input_waits_for_a_slow_word(tmp_path: Path) -> None:
    session, _ = execute(tmp_path, "sleep", "infinity", stdin=True)
    for _ in range(4):
        async with asyncio.timeout(1):
            await session.write(bytes(2**16 - 1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await session.write(bytes(2**16))
    waiting = asyncio.ensure_future(session.write(b"x"))
    await session.close()
    await waiting
    await session.write(bytes(2**20))  # to nobody


async def test_without_stdin_a_word_reads_the_end(tmp_path: Path) -> None:
    session, _ = execute(tmp_path, "cat")
    assert await read(session) == b""
    assert await session.wait() == 0


async def test_who_watches_too_slowly_is_cut_off_and_told() -> None:
    log, running = Log(None, ManualClock()), Idle()
    session = AttachSession(log, running.exited)
    for _ in range(80):
        log.write(1, bytes(2**16))
    output = session.output()
    assert sum([len((await anext(output))[1]) for _ in range(64)]) == 2**22
    with pytest.raises(StreamError, match="reads more slowly than the container writes"):
        await anext(output)
    log.write(1, b"nobody hears")
    await session.close()
    await session.close()
    running.stop()


async def test_a_command_ends_with_its_container(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name())
    session = await w.runtime.exec(container, ["sleep", "infinity"], stdin=False, tty=False)
    await w.runtime.stop_container(container, 0)
    assert (await read(session), await session.wait()) == (b"", 137)
    await session.close()


async def test_a_command_that_is_not_there_says_so_as_the_oci_runtime_does(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name())
    session = await w.runtime.exec(container, ["nosuch", "x"], stdin=False, tty=False)
    text = "executable file `nosuch` not found in $PATH: No such file or directory\n"
    assert [piece async for piece in session.output()] == [(2, text.encode())]
    assert await session.wait() == 1
    session = await w.runtime.exec(container, ["/deployments/node.war"], stdin=False, tty=False)
    assert b"starts words of its toolbox only" in await read(session)
    with pytest.raises(CriError, match="no command specified"):
        await w.runtime.exec(container, [], stdin=False, tty=False)


async def test_a_terminal_joins_both_streams_and_returns_at_line_ends(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name())
    session = await w.runtime.exec(container, ["cat", "missing"], stdin=True, tty=True)
    assert [piece async for piece in session.output()] == [(1, b"cat: missing: No such file or directory\r\n")]


async def test_the_first_session_takes_the_stdin_of_a_container_along(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name(), command=("cat",), stdin=True, stdin_once=True)
    session = await w.runtime.attach(container, stdin=True, tty=False)
    await session.write(b"one\n")
    await session.close_stdin()
    assert await read(session) == b"one\n"
    assert await session.wait() == 0


async def test_stdin_of_a_container_stays_open_for_the_next_session(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name(), command=("cat",), stdin=True)
    for _ in range(2):
        session = await w.runtime.attach(container, stdin=True, tty=False)
        output = session.output()
        await session.write(b"one\n")
        assert await anext(output) == (1, b"one\n")
        await session.close_stdin()
        assert [piece async for piece in output] == []
        await session.close()
    await w.runtime.stop_container(container, 0)


async def test_a_client_that_goes_hangs_up_the_terminal(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name(), command=("sh",), stdin=True, stdin_once=True, tty=True)
    watching = await w.runtime.attach(container, stdin=False, tty=True)
    session = await w.runtime.attach(container, stdin=True, tty=True)
    await session.write(b"nosuch\r")
    await session.close_stdin()  # which a terminal does not know
    said = b""
    async for _, data in session.output():
        said += data
        if said.endswith(b"sh: nosuch: not found\r\n/ $ "):
            break
    await session.close()
    assert await watching.wait() == 127


async def test_input_for_a_container_without_stdin_is_dropped_as_upstream(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name())
    session = await w.runtime.attach(container, stdin=True, tty=False)
    await session.write(b"dropped")
    await session.close_stdin()
    await session.close()


async def test_a_program_that_was_to_have_stdin_is_refused_in_words(w: World) -> None:
    await w.push(w.name())
    container = await w.started(w.name(), stdin=True)
    with pytest.raises(CriError, match="programs have no stdin in the embedded runtime"):
        await w.runtime.attach(container, stdin=True, tty=False)


async def test_a_word_knows_whether_its_input_was_all(tmp_path: Path) -> None:
    async def tell(context: Context, _arguments: Sequence[str]) -> int:
        while await context.stdin.read():
            pass
        return int(context.stdin.broken)

    for close_stdin, code in ((True, 0), (False, 1)):
        place = Place((("PATH", "/bin"),), Root(tmp_path), "/", "pod", "", {"tell": tell})
        context = place.context(ManualClock(), lambda *_: None, tty=False)
        process = Process(context, RunWord("tell", (), place).run(context))
        session = InputSession(Log(None, ManualClock()), process, once=True, tty=False)
        await session.write(b"half")
        if close_stdin:
            await session.close_stdin()
        await session.close()
        assert await session.wait() == code
