"""Requests made up at random, in the shape of real ones: whatever they ask, the answer is a Status or what was asked for."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apiserver.support import ADMIN, TOKEN, deployment, pod

from pullscope.apiserver.http import app as http
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources

VECTORS = Path(__file__).parents[2] / "kube" / "data" / "protobuf-vectors.jsonl"
PROTOBUF = [bytes.fromhex(json.loads(line)["hex"]) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
PATHS = [
    *("/api/v1/pods", "/api/v1/namespaces/demo/pods", "/api/v1/namespaces/demo/pods/web", "/api/v1/nodes/crc"),
    *("/apis/apps/v1/namespaces/demo/deployments", "/apis/apps/v1/namespaces/demo/deployments/web"),
    *("/api/v1/namespaces/demo/pods/web/status", "/apis/apps/v1/namespaces/demo/deployments/web/scale"),
    *("/api/v1/namespaces/demo/pods/web/log", "/api/v1/namespaces/demo/pods/web/eviction"),
    *(
        "/api/v1/namespaces/demo/pods/web/binding",
        "/api/v1/namespaces/demo/configmaps",
        "/api/v1/namespaces/nosuch/pods",
    ),
    *("/api", "/apis", "/openapi/v3", "/openapi/v3/api/v1", "/version", "/metrics", "/apis/apps/v1", "/nosuch"),
]
odd = st.sampled_from(
    ["", "0", "1", "-1", "true", "false", "All", "abc", "1" * 30, "\x00", "é", "Exact", "NotOlderThan"]
)
texts = odd | st.text(max_size=10)
selectors = texts | st.sampled_from(
    [
        "a=b",
        "a in (b,c)",
        "a notin (b)",
        "!a",
        "a>1",
        "a,,b",
        "a==",
        "in",
        "a in",
        "(",
        "metadata.name=web",
        "status.phase!=x",
    ]
)
queries: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("labelSelector", "fieldSelector"), selectors),
        **dict.fromkeys(("resourceVersion", "resourceVersionMatch", "continue", "limit", "sendInitialEvents"), texts),
        **dict.fromkeys(("dryRun", "fieldManager", "fieldValidation", "force", "propagationPolicy"), texts),
        **dict.fromkeys(("gracePeriodSeconds", "timeout", "includeObject", "tailLines", "container"), texts),
    },
)
leaves = st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats(allow_nan=False) | st.text(max_size=8)
names = st.sampled_from(
    ["metadata", "spec", "status", "name", "labels", "containers", "template", "apiVersion", "kind"]
)
values = st.recursive(
    leaves,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(names | st.text(max_size=4), below, max_size=4),
    max_leaves=8,
)
pointers = st.lists(names | st.sampled_from(["0", "-", "~1", "~2", ""]), max_size=4).map(
    lambda parts: "".join(f"/{p}" for p in parts)
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]), "path": pointers | texts},
    optional={"value": values, "from": pointers},
)
typed = values | st.builds(lambda more: {**deployment(), **more}, st.dictionaries(names, values, max_size=2))
typed |= st.builds(lambda more: {**pod(), **more}, st.dictionaries(names, values, max_size=2))


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "replace")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A protobuf body with some of its bytes changed, or its end cut off."""
    body = bytearray(draw(st.sampled_from(PROTOBUF)))
    for _ in range(draw(st.integers(0, 4))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return bytes(body[: draw(st.integers(0, len(body)))]) if draw(st.booleans()) else bytes(body)


bodies = st.one_of(
    st.tuples(st.just("application/json"), typed.map(encoded)),
    st.tuples(st.just("application/json-patch+json"), (st.lists(operations, max_size=3) | values).map(encoded)),
    st.tuples(st.just("application/merge-patch+json"), typed.map(encoded)),
    st.tuples(st.just("application/strategic-merge-patch+json"), typed.map(encoded)),
    st.tuples(st.just("application/apply-patch+yaml"), typed.map(encoded) | st.text(max_size=30).map(str.encode)),
    st.tuples(st.just("application/yaml"), st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace"))),
    st.tuples(st.just("application/vnd.kubernetes.protobuf"), damaged()),
    st.tuples(st.sampled_from(["text/plain", "", ";", "application/json;charset=x"]), st.binary(max_size=20)),
)
accepts = st.sampled_from(
    [
        *("application/json", "*/*", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "text/html"),
        *(
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            "application/json;as=Nosuch",
            ";;",
            "a;q=x",
        ),
        "application/vnd.kubernetes.protobuf,application/json",
    ]
)
methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
requests = st.tuples(methods, st.sampled_from(PATHS), queries, accepts, bodies)
Request = tuple[str, str, dict[str, str], str, tuple[str, bytes]]


FEWER = settings().max_examples // 10  # each has fifteen


async def judge(asked: list[Request]) -> None:
    store = Store.open(None)
    server = ApiServer(store, ManualClock())
    server.tokens.add(TOKEN, ADMIN)
    api = server.client(ADMIN)
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": "demo"}})
    await api.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    await api.create(resources.PODS, "demo", pod())
    await api.create(resources.DEPLOYMENTS, "demo", deployment())
    runner = web.AppRunner(server.app(), shutdown_timeout=1, **http.RUNNER_OPTIONS)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        for each in asked:
            await check(session, f"http://{host}:{port}", each)
    await runner.cleanup()
    await store.close()


async def check(session: aiohttp.ClientSession, url: str, asked: Request) -> None:
    method, path, query, accept, (content_type, body) = asked
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": accept, "Content-Type": content_type}
    data = body if method in ("POST", "PUT", "PATCH", "DELETE") else None
    target = f"{url}{path}?{urlencode(query, errors='replace')}"
    async with session.request(
        method, target, data=data, headers=headers, timeout=aiohttp.ClientTimeout(20)
    ) as response:
        text = await response.read()
    assert response.status < 500 or response.status == 504, (asked, text)
    if response.status >= 400 and response.content_type == "application/json" and method != "HEAD":
        status = orjson.loads(text)
        assert (status["kind"], status["code"]) == ("Status", response.status), asked


@settings(
    max_examples=FEWER, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # the log is empty throughout
@given(asked=st.lists(requests, min_size=15, max_size=15))
def test_any_request_has_an_answer(caplog: pytest.LogCaptureFixture, asked: list[Request]) -> None:
    caplog.set_level(logging.WARNING)
    asyncio.run(judge(asked))
    assert caplog.records == []
