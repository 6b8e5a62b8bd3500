"""The toolbox's shell at a terminal."""

import asyncio
from pathlib import Path

import pytest

from pullscope.base.clock import ManualClock
from pullscope.oci import toolbox
from pullscope.runtime.exits import Exit
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox import shell
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.process import Process
from pullscope.runtime.toolbox.stdin import LineTooLongError, Stdin


class Screen:
    """A process at a terminal, and what stands on its screen since somebody last looked."""

    def __init__(self, tree: Path, *command: str, user: str = "") -> None:
        for word in toolbox.WORDS:
            (tree / "bin").mkdir(exist_ok=True)
            (tree / "bin" / word).write_bytes(toolbox.MARK)
        self.shown = b""
        self.full = False
        self._more = asyncio.Event()
        clock = self.clock = ManualClock()
        context = Context(Root(tree), {"PATH": "/bin"}, "/", clock, self._write, lambda: clock.sleep(0), user=user)
        context.open_terminal()
        self.process = Process(context, shell.run(command[0], context, command[1:]))

    def _write(self, stream: int, data: bytes) -> None:
        assert stream == 1
        if self.full:
            raise OSError(28, "No space left on device")
        self.shown += data
        self._more.set()

    async def until(self, text: bytes) -> bytes:
        """Wait for `text`; what is shown up to its end, which is then forgotten."""
        while text not in self.shown:
            self._more.clear()
            await self._more.wait()
        seen, _, self.shown = self.shown.partition(text)
        return seen + text

    async def type(self, keys: bytes) -> None:
        await self.process.write(keys)


async def test_a_session(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"/ # ")
    await screen.type(b"cd bim\x7fn\r")
    assert await screen.until(b"/bin # ") == b"cd bim\b \bn\r\n/bin # "
    await screen.type(b"nosuch\rexit\r")
    assert await screen.process.exited == Exit(127)
    assert screen.shown == b"nosuch\r\nexit\r\nsh: nosuch: not found\r\n/bin # "


async def test_who_is_not_root_is_prompted_otherwise(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh", user="1001:0")
    assert await screen.until(b"$ ") == b"/ $ "


async def test_the_prompt_and_patience_of_its_variables(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"/ # ")
    for typed in (b"false; export PS1='sh-5.1# ' TMOUT=900\r", b"false\r"):
        await screen.type(typed)
        await screen.until(b"\nsh-5.1# ")
        while screen.clock.next_wake() is None:
            await screen.clock.sleep(0)
        assert screen.clock.next_wake() == 900  # with each prompt it begins anew
        screen.clock.advance(899)
    assert not screen.process.exited.done()
    screen.clock.advance(1)
    assert await screen.process.exited == Exit(1)
    assert screen.shown == b"\atimed out waiting for input: auto-logout\r\n"


async def test_interrupts_end_what_runs_and_not_the_shell(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"# ")
    await screen.type(b"echo go; sleep 100\r")
    await screen.until(b"\ngo\r\n")
    await screen.type(b"echo ahead\r\x03")  # what was typed ahead is forgotten
    await screen.until(b"^C\r\n/ # ")
    await screen.type(b"echo $?\r")
    assert await screen.until(b"/ # ") == b"echo $?\r\n130\r\n/ # "
    await screen.type(b"half a line\x03")
    assert await screen.until(b"/ # ") == b"half a line^C\r\n/ # "
    await screen.type(b"\x1c")  # SIGQUIT is nothing to a shell that waits
    await screen.type(b"echo go; cat\r")
    await screen.until(b"\ngo\r\n")
    await screen.type(b"\x1c")
    await screen.until(b"^\\\r\n/ # ")
    await screen.type(b"\x04")
    assert await screen.process.exited == Exit(131)


async def test_an_end_of_input_is_for_whoever_reads(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"# ")
    await screen.type(b"cat\r")
    await screen.type(b"li\x04ne\r\x04")
    assert await screen.until(b"/ # ") == b"cat\r\nline\r\nline\r\n/ # "
    await screen.type(b"\x04")
    assert await screen.process.exited == Exit(0)


async def test_shells_in_shells_are_interrupted_from_the_inside(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"# ")
    await screen.type(b"sh\r")
    await screen.until(b"# ")
    await screen.type(b"echo go; sleep 100\r")
    await screen.until(b"\ngo\r\n")
    await screen.type(b"\x03")
    await screen.until(b"# ")
    await screen.type(b"exit 5\r")
    await screen.until(b"# ")
    await screen.type(b"exit\r")
    assert await screen.process.exited == Exit(5)


@pytest.mark.parametrize(("key", "code"), [(b"\x03", 130), (b"\x1c", 131)])
async def test_a_script_ends_by_a_signal(tmp_path: Path, key: bytes, code: int) -> None:
    screen = Screen(tmp_path, "sh", "-c", "echo go; sleep 100; echo no")
    await screen.until(b"go\r\n")
    await screen.type(key)
    assert await screen.process.exited == Exit(code)
    await screen.type(b"to nobody")


async def test_a_prompt_is_drawn_again_for_another_size(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"# ")
    await screen.type(b"echo $COL")
    screen.process.resize(80, 24)
    screen.process.resize(80, 24)
    await screen.type(b"UMNS $LINES\r")
    assert await screen.until(b"80 24\r\n") == b"echo $COL\r/ # echo $COL\x1b[JUMNS $LINES\r\n80 24\r\n"
    await screen.until(b"# ")
    await screen.type(b"echo go; sleep 1\r")
    await screen.until(b"\ngo\r\n")
    screen.process.resize(100, 24)
    assert screen.shown == b""
    screen.process.stop()


async def test_nobody_at_the_terminal_is_the_end(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"# ")
    screen.process.close_stdin()
    screen.process.hang_up()
    assert await screen.process.exited == Exit(0)


async def test_a_screen_that_cannot_be_written_to_ends_what_writes(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sh")
    await screen.until(b"# ")
    screen.full = True
    screen.process.resize(1, 1)
    await screen.type(b"x\r")
    assert await screen.process.exited == Exit(141, "writing: No space left on device")


async def test_much_that_nobody_reads_is_not_kept(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "sleep", "infinity")
    await screen.type(b"\r" * 10_000 + b"\x04" * 10_000)
    assert screen.shown.count(b"\r\n\a") == 10_000 - 2**12
    screen.process.stop()


async def test_lines_of_a_pipe() -> None:
    stdin = Stdin()
    for piece in (b"", b"on", b"e\n\ntwo\nthr", b"ee"):
        stdin.feed(piece)
    stdin.close()
    assert [await stdin.line() for _ in range(6)] == [b"one\n", b"\n", b"two\n", b"three", b"", b""]


async def test_a_line_without_end_is_refused() -> None:
    stdin = Stdin()
    stdin.feed(bytes(2**20 + 1))
    with pytest.raises(LineTooLongError):
        await stdin.line()
