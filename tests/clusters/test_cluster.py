"""The client against a real HTTPS server on loopback: what is asked, and what each answer becomes."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from pullscope.base.errors import UnreachableError
from pullscope.clusters import transport
from pullscope.clusters.cluster import connect
from pullscope.clusters.kubeconfig import load
from pullscope.kube import resources, status
from pullscope.kube.api import Api, DeleteOptions, LogOptions

Write = Callable[..., Path]
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "resourceVersion": "7", "uid": "u"}}


def answering(payload: Any, code: int = 200) -> Callable[[web.Request], Any]:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(payload, status=code)

    return handler


async def test_every_verb_asks_as_kubectl_does(serve: Any, kubeconfig: Write) -> None:
    async with serve(answering(POD)) as served, connect(kubeconfig(served.url, served.ca), "here") as cluster:
        api: Api = cluster
        assert await api.get(resources.PODS, "ns", "p") == POD
        await api.create(resources.PODS, "ns", POD)
        await api.update(resources.PODS, "ns", POD, subresource="status")
        await api.patch(resources.PODS, "ns", "p", {"a": 1}, type="strategic")
        await api.patch(resources.DEPLOYMENTS, "ns", "d", [{"op": "remove", "path": "/a"}], type="json")
        await api.delete(resources.PODS, "ns", "p")
        await api.delete(resources.PODS, "ns", "p", DeleteOptions(0, "Background", uid="u"))
        asked = [
            (method, path, headers.get("Content-Type"), json.loads(body) if body else None)
            for method, path, headers, body in served.asked
        ]
        assert all(headers["Authorization"] == "Bearer secret" for _, _, headers, _ in served.asked)
        assert all(headers["User-Agent"].startswith("pullscope/") for _, _, headers, _ in served.asked)
    pod, plain = "/api/v1/namespaces/ns/pods/p", "application/json"
    options = {"gracePeriodSeconds": 0, "propagationPolicy": "Background", "preconditions": {"uid": "u"}}
    assert asked == [
        ("GET", pod, None, None),
        ("POST", "/api/v1/namespaces/ns/pods", plain, POD),
        ("PUT", pod + "/status", plain, POD),
        ("PATCH", pod, "application/strategic-merge-patch+json", {"a": 1}),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/ns/deployments/d",
            "application/json-patch+json",
            [{"op": "remove", "path": "/a"}],
        ),
        ("DELETE", pod, plain, {}),
        ("DELETE", pod, plain, options),
    ]


async def test_listed_objects_say_what_they_are(serve: Any, kubeconfig: Write) -> None:
    listed = {"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": [{"metadata": {"name": "p"}}]}
    async with serve(answering(listed)) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        found = await cluster.list(resources.PODS, "ns", labels="app=x", fields="metadata.name=p")
        assert served.asked[0][1] == "/api/v1/namespaces/ns/pods?labelSelector=app%3Dx&fieldSelector=metadata.name%3Dp"
    assert found.resource_version == "9"
    assert found.items == [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}]


async def test_a_watch_yields_until_the_server_ends_it(serve: Any, kubeconfig: Write) -> None:
    big = {**POD, "data": "x" * 1_500_000}  # etcd's limit, far above aiohttp's default line length

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for event in ({"type": "ADDED", "object": POD}, {"type": "MODIFIED", "object": big}):
            await response.write(json.dumps(event).encode() + b"\n")
        return response

    async with serve(handler) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        events = [event async for event in cluster.watch(resources.PODS, "ns", resource_version="5")]
        assert "watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=5" in served.asked[0][1]
    assert [(event.type, event.object) for event in events] == [("ADDED", POD), ("MODIFIED", big)]


async def test_a_watch_that_breaks_has_ended(serve: Any, kubeconfig: Write) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(json.dumps({"type": "ADDED", "object": POD}).encode() + b"\n")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serve(handler) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        events = [event async for event in cluster.watch(resources.PODS, "ns", resource_version="5")]
    assert len(events) <= 1


async def test_a_stream_that_fell_silent_for_too_long_has_ended(serve: Any, kubeconfig: Write) -> None:
    done = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one\n")
        await done.wait()
        return response

    async with serve(handler) as served:
        access = await load(kubeconfig(served.url, served.ca), None)
        async with transport.open_transport(access) as opened, asyncio.timeout(10):
            assert [line async for line in opened.lines("/", {}, silence=0.3)] == [b"one\n"]
        done.set()


async def test_an_expired_watch_is_an_error(serve: Any, kubeconfig: Write) -> None:
    gone = {"type": "ERROR", "object": status.expired("too old resource version: 5 (9)").status()}
    async with serve(answering(gone)) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        with pytest.raises(status.ApiError, match="too old resource version") as caught:
            await anext(cluster.watch(resources.PODS, "ns", resource_version="5"))
    assert (caught.value.code, caught.value.reason) == (410, "Expired")


async def test_logs_are_text_and_can_be_followed(serve: Any, kubeconfig: Write) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b'Deployed "/deployments/node.war"\nready\n')

    async with serve(handler) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        text = await cluster.logs("ns", "p", LogOptions(container="app", tail_lines=5))
        lines = [line async for line in cluster.follow_logs("ns", "p", LogOptions(container="app"))]
        asked = [path for _, path, _, _ in served.asked]
    assert text.splitlines() == lines == ['Deployed "/deployments/node.war"', "ready"]
    assert asked == [
        "/api/v1/namespaces/ns/pods/p/log?container=app&tailLines=5",
        "/api/v1/namespaces/ns/pods/p/log?container=app&follow=true",
    ]


async def test_the_version(serve: Any, kubeconfig: Write) -> None:
    async with (
        serve(answering({"gitVersion": "v1.36.2"})) as served,
        connect(kubeconfig(served.url, served.ca)) as cluster,
    ):
        assert await cluster.version() == "v1.36.2"
        assert cluster.server == served.url


async def test_a_refusal_keeps_upstreams_status(serve: Any, kubeconfig: Write) -> None:
    refused = status.not_found(resources.PODS, "p")
    async with serve(answering(refused.status(), 404)) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        with pytest.raises(status.ApiError) as caught:
            await cluster.get(resources.PODS, "ns", "p")
    assert caught.value.status() == refused.status()


async def test_a_refusal_that_is_no_status_is_quoted(serve: Any, kubeconfig: Write) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<h1>Bad\n Gateway</h1>" + "x" * 1000)

    async with serve(handler) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        with pytest.raises(status.ApiError, match="answered 502 without a Status: <h1>Bad Gateway</h1>") as caught:
            await cluster.version()
    assert len(caught.value.message) < 400


async def test_nobody_listens(kubeconfig: Write, certificate: tuple[Path, Path]) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with connect(kubeconfig(f"https://127.0.0.1:{port}", certificate[0])) as cluster:
        with pytest.raises(UnreachableError, match=f"cannot connect to https://127.0.0.1:{port}: Connection refused"):
            await cluster.version()


async def test_a_certificate_of_another_ca(serve: Any, kubeconfig: Write) -> None:
    async with serve(answering({})) as served, connect(kubeconfig(served.url, None)) as cluster:
        with pytest.raises(UnreachableError, match=r"certificate of .* is not trusted: self-signed") as caught:
            await cluster.version()
    assert "certificate-authority" in caught.value.hint


async def test_a_certificate_for_another_name(serve: Any, kubeconfig: Write) -> None:
    async with serve(answering({})) as served:
        path = kubeconfig(served.url, served.ca, **{"tls-server-name": "other.test"})
        async with connect(path) as cluster:
            with pytest.raises(UnreachableError, match=r"not valid for 'other.test'"):
                await cluster.version()


async def test_insecure_skip_tls_verify(serve: Any, kubeconfig: Write) -> None:
    async with (
        serve(answering({"gitVersion": "v1"})) as served,
        connect(kubeconfig(served.url, None, **{"insecure-skip-tls-verify": True})) as cluster,
    ):
        assert await cluster.version() == "v1"


async def test_a_port_that_speaks_no_tls(kubeconfig: Write) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(kubeconfig(f"https://127.0.0.1:{port}", None)) as cluster:
            with pytest.raises(UnreachableError, match="no TLS connection to https://"):
                await cluster.version()


async def test_a_broken_client_key(serve: Any, kubeconfig: Write, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a key", encoding="utf-8")
    path = kubeconfig("https://127.0.0.1:1", None, {"client-certificate": str(broken), "client-key": str(broken)})
    with pytest.raises(UnreachableError, match="certificate or key of the kubeconfig cannot be used"):
        async with connect(path):
            pass


async def test_a_proxy_of_the_environment_is_not_asked_for_loopback(
    serve: Any, kubeconfig: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    async with serve(answering({"gitVersion": "v1"})) as served, connect(kubeconfig(served.url, served.ca)) as cluster:
        assert await cluster.version() == "v1"
