"""The lab's registry, and what goes wrong with it on demand: over the wire, and by the commands of the lab's process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from pullscope.base import tasks
from pullscope.base.clock import ManualClock
from pullscope.base.errors import UsageError
from pullscope.lab import faultcommands, ports
from pullscope.lab.places import Port
from pullscope.lab.registry import LabRegistry


@pytest.fixture
async def registry(clock: ManualClock) -> AsyncIterator[LabRegistry]:
    async with AsyncExitStack() as stack:
        made = LabRegistry(stack, None, clock)
        await made.serve(
            stack.enter_context(ports.listen(Port(0), "registry", "--port")), lambda application: application
        )
        running = asyncio.create_task(made.run())
        yield made
        await tasks.end(running)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def ask(registry: LabRegistry, path: str = "/v2/") -> int:
    async with aiohttp.ClientSession() as session, session.get(f"http://{registry.address}{path}") as answer:
        return answer.status


async def answers(registry: LabRegistry) -> bool:
    try:
        return await ask(registry) == 200
    except aiohttp.ClientConnectorError:
        return False


async def say(registry: LabRegistry, command: str, **arguments: Any) -> list[dict[str, Any]]:
    return [part async for part in faultcommands.of(registry.faults)[command](arguments)]


async def test_connections_are_refused_and_those_that_are_there_end(registry: LabRegistry, clock: ManualClock) -> None:
    port = int(registry.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await say(registry, "fault", fault={"refuse": True, "seconds": 30.0})
    await reader.read()  # to its end
    writer.close()
    with pytest.raises(aiohttp.ClientConnectorError, match="Connect call failed"):
        await ask(registry)
    while clock.next_wake() != 30.0:
        await clock.sleep(0)
    clock.advance(30)
    while not await answers(registry):  # soon: its own task opens the door
        await clock.sleep(0)


async def test_faults_are_told_as_they_are(registry: LabRegistry) -> None:
    added = await say(registry, "fault", fault={"repository": "a/b", "status": 503, "times": 2})
    assert added == [{"id": 1, "fault": "status=503 of a/b", "repository": "a/b", "status": 503, "times": 2, "left": 2}]
    assert await ask(registry, "/v2/a/b/tags/list") == 503
    assert [each["left"] for each in await say(registry, "faults")] == [1]
    assert [each["id"] for each in await say(registry, "clear-faults", ids=[1])] == [1]
    assert await say(registry, "faults") == []
    assert await say(registry, "fault", fault={"cut_after": 0}) == [{"id": 2, "fault": "cut-after=0", "cut_after": 0}]


async def test_a_fault_that_makes_no_sense_changes_nothing(registry: LabRegistry) -> None:
    with pytest.raises(UsageError, match="200 is no status of a failure"):
        await say(registry, "fault", fault={"status": 200})
    assert await say(registry, "faults") == []
