"""How `status` and `stop` reach the lab's process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pullscope.base.errors import UnreachableError
from pullscope.lab import control
from pullscope.lab.state import Run


async def hello() -> control.Answer:
    return {"hello": "world"}


@asynccontextmanager
async def serving() -> AsyncIterator[Run]:
    async with control.serving({"hello": hello}, "secret") as port:
        yield Run(1, port, "secret")


async def test_a_command_is_answered() -> None:
    async with serving() as run:
        assert await control.ask(run, "hello") == {"hello": "world"}


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
        assert not answer or "error" in json.loads(answer)
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
