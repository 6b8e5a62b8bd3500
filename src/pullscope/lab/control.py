"""How `status` and `stop` reach the lab's process: one line of JSON there, one back, over a loopback port.

The token is in the lab's `run.json`, which only its owner can read. Works alike on every platform, unlike signals.
"""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from pullscope.base import tasks
from pullscope.base.errors import UnreachableError
from pullscope.lab.config import ADDRESS
from pullscope.lab.state import Run

Answer = dict[str, Any]
Command = Callable[[], Awaitable[Answer]]
Commands = Mapping[str, Command]

_LIMIT = 1 << 16
_PATIENCE = 10.0


@asynccontextmanager
async def serving(commands: Commands, token: str) -> AsyncIterator[int]:
    """Answer `commands` to whoever knows the token; gives the port, a free one. Connections end with the block."""
    talks: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await _talk(commands, token, reader, writer)
        except asyncio.CancelledError:
            pass  # the block ends, and this talk with it; a cancelled handler would be logged as a fault
        finally:
            talks.discard(task)
            await _close(writer)

    server = await asyncio.start_server(handle, ADDRESS, 0, limit=_LIMIT)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await tasks.end(*talks)
        await server.wait_closed()


async def _talk(commands: Commands, token: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, TimeoutError, ValueError):  # a client that goes away, or no client of ours
        async with asyncio.timeout(_PATIENCE):
            question = json.loads(await reader.readline())
            answer = await _answer(commands, token, question)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        await reader.read()  # the client closes first, unless it waits for the end of this process


async def _answer(commands: Commands, token: str, question: Any) -> Answer:
    given = question.get("token") if isinstance(question, dict) else None
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        return {"error": "the token is wrong"}
    command = commands.get(str(question.get("command")))
    return await command() if command else {"error": "there is no such command"}


async def ask(run: Run, command: str) -> Answer:
    """The running lab's answer. Raises UnreachableError when there is none."""
    async with _conversation(run, command) as (_, answer):
        return answer


async def ask_last(run: Run, command: str) -> Answer:
    """The same, returning when the lab's process has ended: until then it keeps the connection open."""
    async with _conversation(run, command) as (reader, answer):
        with suppress(ConnectionError):
            await reader.read()
        return answer


@asynccontextmanager
async def _conversation(run: Run, command: str) -> AsyncIterator[tuple[asyncio.StreamReader, Answer]]:
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(_PATIENCE):
                reader, writer = await asyncio.open_connection(ADDRESS, run.control_port, limit=_LIMIT)
                stack.push_async_callback(_close, writer)
                writer.write(json.dumps({"token": run.control_token, "command": command}).encode() + b"\n")
                answer: Answer = json.loads(await reader.readline())
        except (OSError, TimeoutError, ValueError) as error:
            message = f"the lab's process {run.pid} does not answer"
            hint = "`pullscope logs` shows what it wrote, `pullscope stop` ends it"
            raise UnreachableError(message, hint=hint) from error
        if "error" in answer:
            raise UnreachableError(f"the lab's process {run.pid} refuses: {answer['error']}")
        yield reader, answer


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
