"""How `status` and `stop` reach the lab's process: one line of JSON there, one back, over a loopback port.

The token is in the lab's `run.json`, which only its owner can read. Works alike on every platform, unlike signals.
"""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from pullscope.base.errors import UnreachableError
from pullscope.lab.config import ADDRESS
from pullscope.lab.state import Run

Answer = dict[str, Any]
Commands = Mapping[str, Callable[[], Awaitable[Answer]]]

_LIMIT = 1 << 16
_PATIENCE = 10.0


async def serve(commands: Commands, token: str) -> asyncio.Server:
    """Answer `commands` to whoever knows the token, until the server is closed. The port is a free one."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError, ValueError):  # a client that goes away, or no client of ours
            async with asyncio.timeout(_PATIENCE):
                question = json.loads(await reader.readline())
                answer = await _answer(commands, token, question)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
            await reader.read()  # the client closes; one that waits for the end of the process does not
        writer.close()

    return await asyncio.start_server(handle, ADDRESS, 0, limit=_LIMIT)


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
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(ADDRESS, run.control_port, limit=_LIMIT)
            writer.write(json.dumps({"token": run.control_token, "command": command}).encode() + b"\n")
            answer: Answer = json.loads(await reader.readline())
    except (OSError, TimeoutError, ValueError) as error:
        message = f"the lab's process {run.pid} does not answer"
        raise UnreachableError(
            message, hint="`pullscope logs` shows what it wrote, `pullscope stop` ends it"
        ) from error
    try:
        if "error" in answer:
            raise UnreachableError(f"the lab's process {run.pid} refuses: {answer['error']}")
        yield reader, answer
    finally:
        writer.close()
