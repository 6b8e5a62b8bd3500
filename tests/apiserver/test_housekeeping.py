"""Events live for an hour after they were last seen, and so many of them; everything else lives until it is deleted."""

import asyncio
from dataclasses import replace

from tests.apiserver.support import until

from pullscope.apiserver import housekeeping
from pullscope.apiserver.resources import config_maps, events
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


async def test_of_too_many_events_the_oldest_go(api: Api, server: ApiServer) -> None:
    for name in ("a", "b", "c", "d"):
        await api.create(
            resources.EVENTS, "demo", {"metadata": {"name": name}, "involvedObject": {"namespace": "demo"}}
        )
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": name}})
    await api.patch(resources.EVENTS, "demo", "a", {"count": 2})
    kinds = [replace(events.KIND, kept=2), config_maps.KIND]
    for _ in range(2):
        await housekeeping.trim(kinds, server._services)
        assert [event["metadata"]["name"] for event in (await api.list(resources.EVENTS)).items] == ["a", "d"]
    assert len((await api.list(resources.CONFIG_MAPS, "demo")).items) == 4
