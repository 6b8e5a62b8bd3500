"""How commands reach the lab's process: a line of JSON there, lines of JSON back, over a loopback port.

The question names a command and its arguments and holds the token from the lab's `run.json`, which only its owner can
read. A command answers in parts, each a line, and then says that this was all. Works alike on every platform, unlike
signals.
"""

import asyncio
import hmac
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from pullscope.base import tasks
from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.lab.places import ADDRESS
from pullscope.lab.state import Run

Answer = dict[str, Any]
Arguments = Mapping[str, Any]
Command = Callable[[Arguments], AsyncGenerator[Answer]]
Commands = Mapping[str, Command]

_QUESTION_LIMIT = 1 << 16
_ANSWER_LIMIT = 1 << 24
_PATIENCE = 10.0
_END = {"end": True}


class CommandError(PullscopeError):
    """The lab's process did not do it, and says why."""


def answering(answer: Callable[[], Awaitable[Answer]]) -> Command:
    """A command without arguments that answers once."""

    async def command(_: Arguments) -> AsyncGenerator[Answer]:
        yield await answer()

    return command


# ------------------------------------------------------------------------------------------------ the lab's side


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

    server = await asyncio.start_server(handle, ADDRESS, 0, limit=_QUESTION_LIMIT)
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
        answering = asyncio.create_task(_answer(commands, token, question, writer))
        leaving = asyncio.create_task(
            reader.read()
        )  # the client closes first, unless it waits for the end of this process
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
                await leaving
        finally:
            await tasks.end(answering, leaving)


async def _answer(commands: Commands, token: str, question: Any, writer: asyncio.StreamWriter) -> None:
    asked = question if isinstance(question, dict) else {}
    given, arguments = asked.get("token"), asked.get("arguments")
    command = commands.get(str(asked.get("command")))
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        await _send(writer, {"refused": "the token is wrong"})
    elif command is None or not isinstance(arguments, dict):
        await _send(writer, {"refused": "there is no such command"})
    else:
        await _send_parts(command(arguments), writer)


async def _send_parts(answers: AsyncGenerator[Answer], writer: asyncio.StreamWriter) -> None:
    try:
        async with aclosing(answers):
            async for part in answers:
                await _send(writer, part)
    except PullscopeError as error:
        await _send(writer, {"error": error.message, "hint": error.hint, "exit_code": error.exit_code})
    else:
        await _send(writer, _END)


async def _send(writer: asyncio.StreamWriter, line: Answer) -> None:
    writer.write(json.dumps(line).encode() + b"\n")
    await writer.drain()


# ------------------------------------------------------------------------------------------------ the client's side


async def ask(run: Run, command: str, **arguments: Any) -> Answer:
    """The one answer of the running lab. Raises UnreachableError when there is none in time, CommandError."""
    async with _conversation(run, command, arguments) as reader:
        return await _first(run, reader)


async def ask_last(run: Run, command: str) -> Answer:
    """The same, returning when the lab has ended: until then it keeps the connection open."""
    async with _conversation(run, command, {}) as reader:
        answer = await _first(run, reader)
        with suppress(ConnectionError):
            await reader.read()
        return answer


async def follow(run: Run, command: str, **arguments: Any) -> AsyncGenerator[Answer]:
    """The parts of the answer as they come, for as long as it takes. Raises UnreachableError, CommandError."""
    async with _conversation(run, command, arguments) as reader:
        while (part := await _line(run, reader)) != _END:
            yield part


async def _first(run: Run, reader: asyncio.StreamReader) -> Answer:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await _line(run, reader)
    except TimeoutError as error:
        raise _silent(run) from error


async def _line(run: Run, reader: asyncio.StreamReader) -> Answer:
    try:
        part: Answer = json.loads(await reader.readline())
    except (OSError, ValueError) as error:
        raise _silent(run) from error
    if "refused" in part:
        raise UnreachableError(f"the lab's process {run.pid} refuses: {part['refused']}")
    if "error" in part:
        failed = CommandError(part["error"], hint=part["hint"])
        failed.exit_code = part["exit_code"]
        raise failed
    return part


@asynccontextmanager
async def _conversation(run: Run, command: str, arguments: Arguments) -> AsyncIterator[asyncio.StreamReader]:
    question = {"token": run.control_token, "command": command, "arguments": arguments}
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(ADDRESS, run.control_port, limit=_ANSWER_LIMIT)
            await _send(writer, question)
    except (OSError, TimeoutError) as error:
        raise _silent(run) from error
    try:
        yield reader
    finally:
        await _close(writer)


def _silent(run: Run) -> UnreachableError:
    hint = "`pullscope logs` shows what it wrote, `pullscope stop` ends it"
    return UnreachableError(f"the lab's process {run.pid} does not answer", hint=hint)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
