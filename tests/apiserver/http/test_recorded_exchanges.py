"""Our server beside a real one: what kubectl and oc asked of it, asked of ours, with the same objects at the same second.

Status, content type and body must be the same, down to every text, default, time and managed field. What differs is listed
here with its reason, and a difference that is gone has to go from the list.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from tests.apiserver import recorded
from tests.apiserver.recorded import Command, Exchange
from tests.apiserver.support import ADMIN, TOKEN

from pullscope.apiserver.http import app as http
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store import records
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Object

COMMANDS = {command.id: command for command in recorded.commands()}
CRITICAL = {"value": 1_000_000_000, "preemptionPolicy": "PreemptLowerPriority"}
NOW = "2026-11-21T12:00:00Z"
AROUND: list[Object] = [
    {
        "kind": kind,
        "apiVersion": version,
        "metadata": {"name": name, "uid": f"{kind}-{name}", "creationTimestamp": NOW, **metadata},
        **more,
    }
    for kind, version, name, metadata, more in (
        ("Namespace", "v1", "http3", {}, {}),
        ("ServiceAccount", "v1", "default", {"namespace": "http"}, {}),
        ("ServiceAccount", "v1", "default", {"namespace": "http3"}, {}),
        ("PriorityClass", "scheduling.k8s.io/v1", "openshift-user-critical", {}, CRITICAL),
    )
]


@dataclass(frozen=True)
class Known:
    """A difference that is meant: the exchange and the place, as regular expressions, and why."""

    exchange: str
    place: str
    why: str

    def explains(self, exchange: str, text: str) -> bool:
        return bool(re.fullmatch(self.exchange, exchange) and re.match(self.place, text))


ABSENT = "cronjobs|horizontalpodautoscalers|limitranges|persistentvolumeclaims|replicationcontrollers|resourcequotas|statefulsets"
KNOWN = (
    Known("GET /version", r"\$\.(gitVersion|gitCommit|buildDate|goVersion|compiler|platform)\b", "it says who we are"),
    Known(".*", r"\$(\.object)?\.columnDefinitions\[\d+\]\.description", "columns are explained in our own words"),
    Known("GET .*/deployments", r"\$\.object\.(spec|status) is missing", "bookmarks have a version and nothing else"),
    Known("GET /api", r"\$\./v1/namespaces/finalize\.verbs", "a patch finalizes as an update does"),
    Known("GET /api", r"\$\./v1/nodes/proxy\.verbs", "only what a kubelet has counted can be read"),
    Known("GET .*/horizontalpodautoscalers", "status 404", "not served as v2"),
    Known("GET /apis?", rf"\$\.\w*/v1/({ABSENT})\.verbs", "there are none, and none can be made"),
    Known(f"GET .*/({ABSENT})", r"\$\.columnDefinitions", "of what there is none no columns are needed"),
)


@dataclass(frozen=True)
class Replay:
    """Our server with the objects that the real one had."""

    command: Command
    server: ApiServer
    store: Store
    clock: ManualClock
    session: aiohttp.ClientSession
    url: str

    async def differences(self) -> AsyncIterator[tuple[str, str]]:
        """Every difference of every answer, with the exchange that it is in."""
        for exchange in self.command.exchanges:
            self.clock.advance((exchange.at - self.clock.now()).total_seconds())
            async with self.asked(exchange) as response:
                async for text in self.of_answer(exchange, response):
                    yield str(exchange), text

    def asked(self, exchange: Exchange) -> Any:
        path = re.sub(r"(?<=[?&]resourceVersion=)\d+", str(self.store.revision), exchange.path)
        path = re.sub(r"(?<=/v1\?)hash=\w+&", "", path)  # the hash of their document
        headers = {**exchange.headers, "Authorization": f"Bearer {TOKEN}"}
        if exchange.status == 304:  # as of the time at which our document was made
            headers["If-Modified-Since"] = self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        skipped, body = ["Content-Type", "Accept", "User-Agent"], exchange.body
        return self.session.request(
            exchange.method, self.url + path, data=body, headers=headers, skip_auto_headers=skipped
        )

    async def of_answer(self, exchange: Exchange, response: aiohttp.ClientResponse) -> AsyncIterator[str]:
        if response.status != exchange.status:
            yield f"status {response.status} instead of {exchange.status}"
            return
        for text in of_heads(exchange, response):
            yield text
        if exchange.lines:
            async for text in self.of_lines(exchange, response):
                yield text
        elif exchange.answer is not None:
            body = await response.read()
            ours = orjson.loads(body) if response.content_type == "application/json" else body.decode()
            for text in recorded.of_answers(exchange.answer, ours):
                yield text

    async def of_lines(self, exchange: Exchange, response: aiohttp.ClientResponse) -> AsyncIterator[str]:
        if "sendInitialEvents" not in exchange.path:  # what the recorded watch saw: the pod begins to go
            pod = self.command.given[-1]["metadata"]["name"]
            await self.server.client(ADMIN).delete(resources.PODS, "http", pod)
        for line in exchange.lines:
            for text in recorded.differences(line, orjson.loads(await response.content.readline())):
                yield text
        response.close()


def of_heads(exchange: Exchange, response: aiohttp.ClientResponse) -> Iterator[str]:
    for name, theirs in exchange.answered.items():
        ours = response.headers.get(name)
        wanted = "application/json" if "protobuf" in theirs else theirs  # which every client takes too
        if ours is None or (ours != wanted and name not in ("Etag", "Last-Modified")):
            yield f"{name}: {ours!r} instead of {wanted!r}"


@asynccontextmanager
async def replaying(command: Command) -> AsyncIterator[Replay]:
    store, clock = Store.open(None), ManualClock(command.exchanges[0].at)
    server = ApiServer(store, clock)
    server.tokens.add(TOKEN, ADMIN)
    served = {endpoint.resource.kind: endpoint.resource for endpoint in server._endpoints if not endpoint.subresource}
    for obj in (*command.given, *AROUND):
        metadata = obj["metadata"]
        key = records.key(served[obj["kind"]], metadata.get("namespace"), metadata["name"])
        await store.create(key, obj)
    runner = web.AppRunner(server.app(), **http.RUNNER_OPTIONS)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        yield Replay(command, server, store, clock, session, f"http://{host}:{port}")
    await runner.cleanup()
    await store.close()


@pytest.mark.parametrize("name", COMMANDS)
async def test_answers_are_those_of_a_real_server(name: str) -> None:
    async with replaying(COMMANDS[name]) as replay:
        found = [difference async for difference in replay.differences()]
    assert [difference for difference in found if not any(known.explains(*difference) for known in KNOWN)] == []


async def test_every_known_difference_is_there() -> None:
    found = []
    for command in COMMANDS.values():
        async with replaying(command) as replay:
            found += [difference async for difference in replay.differences()]
    assert [known for known in KNOWN if not any(known.explains(*difference) for difference in found)] == []
