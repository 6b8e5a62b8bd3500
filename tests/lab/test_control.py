"""How `status` and `stop` reach the lab's process."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from pullscope.base.errors import UnreachableError, UsageError
from pullscope.lab import control
from pullscope.lab.state import Run


async def hello() -> control.Answer:
    return {"hello": "world"}


async def count(arguments: control.Arguments) -> AsyncGenerator[control.Answer]:
    for number in range(arguments["to"]):
        yield {"number": number}
    if arguments["to"] > 2:
        raise UsageError("I cannot count further", hint="ask for less")


class Endless:
    """A command that never ends by itself."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def command(self, _: control.Arguments) -> AsyncGenerator[control.Answer]:
        try:
            yield {"began": True}
            await asyncio.Event().wait()
        finally:
            self.ended.set()


@asynccontextmanager
async def serving(**commands: control.Command) -> AsyncIterator[Run]:
    known = {"hello": control.answering(hello), "count": count, **commands}
    async with control.serving(known, "secret") as port:
        yield Run(1, port, "secret")


async def test_a_command_is_answered() -> None:
    async with serving() as run:
        assert await control.ask(run, "hello") == {"hello": "world"}


async def test_an_answer_in_parts_arrives_part_by_part() -> None:
    async with serving() as run:
        assert [part async for part in control.follow(run, "count", to=2)] == [{"number": 0}, {"number": 1}]
        assert [part async for part in control.follow(run, "count", to=0)] == []


async def test_what_went_wrong_comes_after_the_parts_that_went_well() -> None:
    async with serving() as run:
        parts = control.follow(run, "count", to=3)
        assert [(await anext(parts))["number"] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(control.CommandError, match="I cannot count further") as caught:
            await anext(parts)
    assert (caught.value.hint, caught.value.exit_code) == ("ask for less", UsageError.exit_code)


async def test_who_goes_away_ends_the_command() -> None:
    endless = Endless()
    async with serving(endless=endless.command) as run:
        async with aclosing(control.follow(run, "endless")) as parts:
            assert await anext(parts) == {"began": True}
        async with asyncio.timeout(5):
            await endless.ended.wait()


@pytest.mark.parametrize(
    ("token", "command", "why"),
    [("wrong", "hello", "the token is wrong"), ("secret", "other", "there is no such command")],
)
async def test_what_is_not_for_us_is_refused(token: str, command: str, why: str) -> None:
    async with serving() as run:
        with pytest.raises(UnreachableError, match=why):
            await control.ask(Run(1, run.control_port, token), command)


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"nonsense\n", b'{"token": 1}\n', b"x" * 100_000 + b"\n"])
async def test_nonsense_does_no_harm(line: bytes) -> None:
    async with serving() as run:
        reader, writer = await asyncio.open_connection("127.0.0.1", run.control_port)
        writer.write(line)
        writer.write_eof()
        answer = await reader.read()
        assert not answer or json.loads(answer) == {"refused": "the token is wrong"}
        writer.close()
        await writer.wait_closed()
        assert await control.ask(run, "hello") == {"hello": "world"}


async def test_nobody_there_is_told() -> None:
    async with serving() as run:
        pass
    with pytest.raises(UnreachableError, match="process 1 does not answer"):
        await control.ask(run, "hello")


async def test_who_asks_last_waits_for_the_end() -> None:
    async with serving() as run:
        waiting = asyncio.create_task(control.ask_last(run, "hello"))
        await control.ask(run, "hello")
        assert not waiting.done()
    assert await waiting == {"hello": "world"}
