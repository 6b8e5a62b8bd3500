"""Events live for an hour after they were last seen, everything else until it is deleted."""

import asyncio

from tests.apiserver.support import until

from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api


async def test_events_end(api: Api, server: ApiServer, clock: ManualClock) -> None:
    about = {"namespace": "demo"}
    for name, seen in (("old", "2026-01-01T00:00:00Z"), ("seen-again", "2026-01-01T00:30:00Z")):
        event = {"metadata": {"name": name}, "involvedObject": about, "lastTimestamp": seen}
        await api.create(resources.EVENTS, "demo", event)
    working = asyncio.ensure_future(server.run())
    await until(lambda: clock.next_wake() is not None)
    clock.advance(3601)

    def left() -> list[str]:
        return [stored.key.name for stored in server._services.store.list(resources.EVENTS).items]

    await until(lambda: left() == ["seen-again"])
    assert len((await api.list(resources.NAMESPACES)).items) == 2
    working.cancel()
