"""Watches over the socket: order, forms, bookmarks, their ends, and what a thousand of them share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from tests.apiserver.support import PODS, TABLE, TOKEN, Http, pod, until

from pullscope.apiserver.rendering import Events
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.records import Event as StoreEvent
from pullscope.apiserver.store.records import Key, stamped
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api, Object


class Lines:
    """The lines of a stream; `None` after its end."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> Any:
        line = await self.response.content.readline()
        return orjson.loads(line) if line else None


@asynccontextmanager
async def watching(
    wire: Http, query: str = "", *, path: str = PODS, accept: str = "application/json"
) -> AsyncIterator[Lines]:
    async with wire.request("GET", f"{path}?watch=true&{query}", headers={"Accept": accept}) as response:
        assert response.status == 200, await response.text()
        yield Lines(response)


async def test_from_a_version_on(wire: Http, api: Api) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    async with watching(wire, f"resourceVersion={made['metadata']['resourceVersion']}") as lines:
        assert lines.response.headers["Content-Type"] == "application/json"
        assert lines.response.headers["Transfer-Encoding"] == "chunked"
        changed = await api.patch(resources.PODS, "demo", "web", {"metadata": {"labels": {"a": "b"}}})
        assert await lines.next() == {"type": "MODIFIED", "object": changed}
        await api.delete(resources.PODS, "demo", "web")
        marked, gone = await lines.next(), await lines.next()
        assert (marked["type"], marked["object"]["metadata"]["deletionGracePeriodSeconds"]) == ("MODIFIED", 0)
        assert gone["type"] == "DELETED"
        assert int(gone["object"]["metadata"]["resourceVersion"]) > int(marked["object"]["metadata"]["resourceVersion"])


async def test_changes_that_are_there_already_are_sent_together(wire: Http, api: Api) -> None:
    """One record of TLS and one call of the system for all of them, not for each."""
    first, *others = [await api.create(resources.PODS, "demo", pod(name)) for name in ("a", "b", "c", "d")]
    async with watching(wire, f"resourceVersion={first['metadata']['resourceVersion']}") as lines:
        piece, _ = await lines.response.content.readchunk()
        assert [orjson.loads(line)["object"] for line in piece.splitlines()] == others


@pytest.mark.parametrize("query", ["", "resourceVersion=0", "resourceVersion="])
async def test_without_a_version_what_there_is_comes_first(wire: Http, api: Api, query: str) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    async with watching(wire, query) as lines:
        assert await lines.next() == {"type": "ADDED", "object": made}


async def test_the_streaming_list_ends_with_a_bookmark(wire: Http, api: Api) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    await api.create(resources.PODS, "demo", pod("other"))
    query = "allowWatchBookmarks=true&fieldSelector=metadata.name%3Dweb&resourceVersionMatch=NotOlderThan"
    async with watching(wire, f"{query}&sendInitialEvents=true&timeoutSeconds=490") as lines:
        assert await lines.next() == {"type": "ADDED", "object": made}
        assert await lines.next() == {
            "type": "BOOKMARK",
            "object": {
                "kind": "Pod",
                "apiVersion": "v1",
                "metadata": {"resourceVersion": "7", "annotations": {"k8s.io/initial-events-end": "true"}},
            },
        }
        await api.patch(resources.PODS, "demo", "other", {"metadata": {"labels": {"a": "b"}}})
        changed = await api.patch(resources.PODS, "demo", "web", {"metadata": {"labels": {"a": "b"}}})
        assert await lines.next() == {"type": "MODIFIED", "object": changed}


async def test_a_name_in_the_path(wire: Http, api: Api) -> None:
    await api.create(resources.PODS, "demo", pod("other"))
    made = await api.create(resources.PODS, "demo", pod())
    async with watching(wire, path=f"{PODS}/web") as lines:
        assert await lines.next() == {"type": "ADDED", "object": made}


async def test_tables_say_their_columns_once(wire: Http, api: Api, clock: ManualClock) -> None:
    start = (await api.list(resources.PODS)).resource_version
    async with watching(wire, f"resourceVersion={start}", accept=TABLE) as lines:
        await api.create(resources.PODS, "demo", pod())
        first = (await lines.next())["object"]
        assert [column["name"] for column in first["columnDefinitions"]][:2] == ["Name", "Ready"]
        assert first["rows"][0]["cells"] == ["web", "0/1", "Pending", "0", "0s", "<none>", "<none>", "<none>", "<none>"]
        clock.advance(3)
        await api.patch(resources.PODS, "demo", "web", {"metadata": {"labels": {"a": "b"}}})
        second = (await lines.next())["object"]
        assert second["columnDefinitions"] is None
        assert second["rows"][0]["cells"][4] == "3s"
        assert second["metadata"]["resourceVersion"] == second["rows"][0]["object"]["metadata"]["resourceVersion"]


async def test_the_timeout_ends_it(wire: Http, clock: ManualClock) -> None:
    async with watching(wire, "timeoutSeconds=30") as lines:
        ending = asyncio.ensure_future(lines.next())
        await until(lambda: clock.next_wake() is not None)
        clock.advance(30)
        assert await ending is None


async def test_bookmarks_come_every_minute_to_those_who_ask(wire: Http, server: ApiServer, clock: ManualClock) -> None:
    housekeeping = asyncio.ensure_future(server.run())
    async with watching(wire, "resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=9999") as lines:
        next_line = asyncio.ensure_future(lines.next())
        await until(lambda: (clock.next_wake() or 9999) <= 60)
        clock.advance(60)
        bookmark = await next_line
    assert (bookmark["type"], bookmark["object"]["metadata"]) == ("BOOKMARK", {"resourceVersion": "5"})
    housekeeping.cancel()


async def test_a_forgotten_version_is_told_in_the_stream(
    clock: ManualClock, wire: Http, server: ApiServer, api: Api
) -> None:
    for index in range(100):
        await api.create(
            resources.EVENTS, "demo", {"metadata": {"name": f"e{index}"}, "involvedObject": {"namespace": "demo"}}
        )
    async with watching(wire, "resourceVersion=1") as lines:
        error = await lines.next()
        assert (error["type"], error["object"]["code"], error["object"]["reason"]) == ("ERROR", 410, "Expired")
        assert await lines.next() is None


async def test_a_version_of_the_future_is_refused(wire: Http) -> None:
    answer = await wire.send("GET", f"{PODS}?watch=true&resourceVersion=999")
    assert (answer.code, answer.body["reason"]) == (504, "Timeout")


async def test_initial_events_need_their_match(wire: Http) -> None:
    answer = await wire.send("GET", f"{PODS}?watch=true&sendInitialEvents=true")
    assert (answer.code, answer.body["message"]) == (
        422,
        (
            'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        ),
    )


def test_watchers_of_a_form_share_one_line() -> None:
    rendered: list[Object] = []

    def render(obj: Object) -> Object:
        rendered.append(obj)
        return {"seen": obj["metadata"]["name"]}

    stored = stamped(Key("pods", "demo", "web"), {"metadata": {"name": "web"}}, 7)
    lines, event = Events(), StoreEvent("MODIFIED", stored)
    first = lines.line(event, ("table", "v1"), render)
    assert lines.line(event, ("table", "v1"), render) is first
    assert lines.line(event, ("partial", "v1"), render) is not first
    assert first == b'{"type":"MODIFIED","object":{"seen":"web"}}\n'
    assert len(rendered) == 2
    plain = b'{"type":"MODIFIED","object":{"metadata":{"name":"web","resourceVersion":"7"}}}\n'
    assert lines.line(event, ("object",), render) == plain


async def test_a_client_that_goes_before_its_watch_begins_leaves_nothing(server: ApiServer) -> None:
    async def gone(request: web.Request, response: web.StreamResponse) -> None:
        if not isinstance(response, web.Response) and request.transport is not None:
            request.transport.abort()
            raise ConnectionResetError("Cannot write to closing transport")

    app = server.app()
    app.on_response_prepare.append(gone)
    async with TestClient(TestServer(app)) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.get(PODS, params={"watch": "true"}, headers=headers)
        await until(lambda: not server._services.store._history._watches)


async def test_a_client_that_goes_leaves_nothing(wire: Http, server: ApiServer, api: Api) -> None:
    for _ in range(20):
        async with watching(wire, "resourceVersion=5"):
            pass
    store: Store = server._services.store
    await until(lambda: not store._history._watches)
    assert (await wire.send("GET", PODS, token=TOKEN)).code == 200


async def test_a_client_that_breaks_off_hurts_nobody(wire: Http, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """Its connection is reset while events are on their way; another watch goes on, and nothing is logged."""
    host, port = wire.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET {PODS}?watch=true&resourceVersion=5 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    writer.write(request.encode())
    await reader.readuntil(b"\r\n\r\n")
    async with watching(wire, "resourceVersion=5") as lines:
        await api.create(resources.PODS, "demo", pod("first"))
        writer.transport.abort()
        for index in range(20):
            await api.create(resources.PODS, "demo", pod(f"p{index}"))
        names = [(await lines.next())["object"]["metadata"]["name"] for _ in range(21)]
    assert names == ["first", *(f"p{index}" for index in range(20))]
    assert caplog.records == []


async def test_a_slow_client_hurts_nobody(wire: Http, api: Api) -> None:
    """One that reads nothing falls behind the history and is told so, while others read on."""
    async with watching(wire, "resourceVersion=5") as slow:
        big = {"metadata": {"name": "big"}, "data": {"a": "x" * 100_000}}
        async with (
            watching(wire, "resourceVersion=5", path="/api/v1/configmaps") as stuck,
            watching(wire, "resourceVersion=5", path="/api/v1/configmaps") as lines,
        ):
            await api.create(resources.CONFIG_MAPS, "demo", big)
            for index in range(200):
                await api.patch(resources.CONFIG_MAPS, "demo", "big", {"data": {"n": str(index)}})
                assert (await lines.next())["type"] in ("ADDED", "MODIFIED")
            last = None
            while (line := await stuck.next()) is not None:
                last = line
            assert last is not None
            assert (last["type"], last["object"]["code"]) == ("ERROR", 410)
        await api.create(resources.PODS, "demo", pod())
        assert (await slow.next())["object"]["metadata"]["name"] == "web"


@pytest.fixture
async def outliving() -> AsyncIterator[list[asyncio.StreamWriter]]:
    """Connections that stay open until after the server has stopped, when asked for before `wire`."""
    writers: list[asyncio.StreamWriter] = []
    yield writers
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_client_that_never_reads_cannot_keep_the_server_from_stopping(
    outliving: list[asyncio.StreamWriter], wire: Http, api: Api
) -> None:
    """The server is stopped by its fixture afterwards: it would wait a minute for this client."""
    host, port = wire.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1)
    outliving.append(writer)
    path = "/api/v1/configmaps?watch=true&resourceVersion=5"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    await writer.drain()
    big = {"metadata": {"name": "big"}, "data": {"a": "x" * 100_000}}
    async with watching(wire, "resourceVersion=5", path="/api/v1/configmaps") as lines:
        await api.create(resources.CONFIG_MAPS, "demo", big)
        for index in range(200):
            await api.patch(resources.CONFIG_MAPS, "demo", "big", {"data": {"n": str(index)}})
            assert await lines.next() is not None
