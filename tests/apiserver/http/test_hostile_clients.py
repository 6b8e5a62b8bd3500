"""Clients that mean harm, or are broken: what they get is what a real API server gives, and the log stays empty."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson
import pytest
from tests.apiserver.support import PODS, TOKEN, Http, pod, until

from pullscope.apiserver.decoding import BODY_MAX
from pullscope.apiserver.http import receiving, streaming
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TOKEN_LINE = f"Authorization: Bearer {TOKEN}\r\n".encode()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> object:
    """Nothing that a client does is worth a line in the log, least of all a traceback."""
    caplog.set_level(logging.INFO)
    yield None
    assert caplog.records == []


@asynccontextmanager
async def connected(wire: Http) -> AsyncIterator[Connection]:
    host, port = wire.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def head(method: str, target: bytes, *more: bytes) -> bytes:
    lines = (method.encode() + b" " + target + b" HTTP/1.1", b"Host: x", TOKEN_LINE.strip(), *more, b"", b"")
    return b"\r\n".join(lines)


def request(
    method: str, target: str | bytes, body: bytes = b"", content_type: str | None = "application/json"
) -> bytes:
    target = target.encode() if isinstance(target, str) else target
    typed = [f"Content-Type: {content_type}".encode()] if content_type else []
    return head(method, target, b"Connection: close", b"Content-Length: %d" % len(body), *typed) + body


async def said(wire: Http, sent: bytes) -> tuple[int, str]:
    """The code and the body of the answer to raw bytes."""
    async with connected(wire) as (reader, writer):
        writer.write(sent)
        start, _, rest = (await reader.read()).partition(b"\r\n\r\n")
    return int(start.split(b" ", 2)[1]), rest.decode()


NOT_HTTP = {
    "a method that is none": b"FROB / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 3 + b"\r\n\r\n",
    "a version that is none": b"GET /version HTTP/3.9\r\nHost: x\r\n\r\n",
    "no host": b"GET /version HTTP/1.1\r\n\r\n",
    "a header without a colon": b"GET /version HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
    "two lengths": b"POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "a negative length": b"POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a length beyond numbers": b"POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "a length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a header of 100 kB": b"GET /version HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    "a thousand headers": b"GET /version HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 1000 + b"\r\n",
    "a URL of 100 kB": b"GET /version?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a zero byte in the path": b"GET /api\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a chunk size that is none": head("POST", PODS.encode(), b"Transfer-Encoding: chunked") + b"ZZ\r\n\r\n",
}


@pytest.mark.parametrize("name", NOT_HTTP)
async def test_what_is_no_http(wire: Http, name: str) -> None:
    code, _ = await said(wire, NOT_HTTP[name])
    assert code == 400


@dataclass(frozen=True)
class Row:
    """A request and the code and words of its answer."""

    sent: bytes
    code: int
    words: str = ""


POD = orjson.dumps(pod())
LONG = b"a" * 20_000
NAMESPACE = "/api/v1/namespaces/demo"
PATHS = {
    "dots": Row(request("GET", f"{NAMESPACE}/../default/pods"), 404),
    "coded dots": Row(request("GET", f"{NAMESPACE}/%2e%2e/default/pods"), 404),
    "a coded slash": Row(request("GET", f"{PODS}/a%2fb"), 404),
    "a way out by coded slashes": Row(request("GET", "/api/v1/namespaces/demo%2f..%2fkube-system/secrets"), 404),
    "a zero byte": Row(request("GET", f"{PODS}/a%00b"), 404, 'pods \\"a\\u0000b\\" not found'),
    "no UTF-8": Row(request("GET", f"{PODS}/%ff%fe"), 404, "not found"),
    "a code that is none": Row(request("GET", f"{PODS}/%zz"), 404, 'pods \\"%zz\\" not found'),
    "slashes in plenty": Row(request("GET", "//api//v1//namespaces//demo//pods//"), 200, "PodList"),
    "a backslash": Row(request("GET", b"/api/v1\\pods"), 404),
    "a longer way": Row(request("GET", f"{PODS}/a/b/c/d/e"), 404),
    "20 kB": Row(request("GET", PODS.encode() + b"?labelSelector=a%3D" + LONG), 400, "must be no more than 63"),
    "another host": Row(request("GET", b"http://evil.example" + PODS.encode()), 200, "PodList"),
}
BODIES = {
    "nothing": Row(request("POST", PODS), 400, "unexpected end of JSON input"),
    "text": Row(request("POST", PODS, POD, "text/plain"), 415, "accepted media types include: application/json"),
    "no type is JSON": Row(request("POST", PODS, POD, None), 201),
    "a number that is none": Row(request("POST", PODS, b'{"a":NaN}'), 400, "json parse error"),
    "a number beyond doubles": Row(request("POST", PODS, b'{"a":' + b"9" * 400 + b"}"), 400, "json parse error"),
    "no UTF-8": Row(request("POST", PODS, b'{"kind":"\xff\xfe"}'), 400, "not valid UTF-8"),
    "half a character": Row(request("POST", PODS, b'{"kind":"\\ud800"}'), 400, "json parse error"),
    "a deep list": Row(request("POST", PODS, b"[" * 100_000), 400, "depth limit exceeded"),
    "a deep object": Row(request("POST", PODS, b'{"a":' * 50_000), 400, "depth limit exceeded"),
    "deep YAML": Row(request("POST", PODS, b"[" * 100_000, "application/yaml"), 400, "yaml: exceeded max depth"),
    "a YAML bomb": Row(
        request("POST", PODS, b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "application/yaml"),
        400,
        "aliases are not supported",
    ),
    "YAML that calls": Row(request("POST", PODS, b'!!python/object/apply:os.system ["id"]', "application/yaml"), 400),
    "two documents": Row(request("POST", PODS, b"a: 1\n---\nb: 2\n", "application/yaml"), 400, "single document"),
    "no protobuf": Row(request("POST", PODS, b"k8s\0" + b"\xff" * 50, "application/vnd.kubernetes.protobuf"), 400),
    "a deep merge patch": Row(
        request("PATCH", f"{PODS}/web", b'{"a":' * 900 + b"1" + b"}" * 900, "application/merge-patch+json"), 404
    ),
    "10 MB": Row(
        request("POST", PODS, b'"' + b"x" * 10_000_000 + b'"'),
        413,
        f'"message":"Request entity too large: limit is {BODY_MAX}","reason":"RequestEntityTooLarge"',
    ),
    "packed": Row(head("POST", PODS.encode(), b"Connection: close", b"Content-Encoding: gzip", b"Content-Length: 2") + b"\x1f\x8b", 400),
    "a call to a pod that is none": Row(request("POST", f"{NAMESPACE}/pods/web/log", POD), 405),
    "a method that nobody has": Row(request("PURGE", PODS), 405, "does not allow this method"),
}  # fmt: skip
QUERIES = {
    "a timeout that is none": Row(
        request("GET", f"{PODS}?timeout=abc"),
        400,
        'invalid timeout specified in the request URL - time: invalid duration \\"abc\\"',
    ),
    "a timeout without unit": Row(request("GET", f"{PODS}?timeout=5"), 400, 'missing unit in duration \\"5\\"'),
    "a limit beyond numbers": Row(request("GET", f"{PODS}?limit={'9' * 20}"), 400, "value out of range"),
    "a limit that is none": Row(request("GET", f"{PODS}?limit=1;watch"), 400, "invalid syntax"),
    "a version that is none": Row(request("GET", f"{PODS}?resourceVersion=abc"), 400, "strconv.ParseUint"),
    "a token that is none": Row(request("GET", f"{PODS}?continue=%25%25"), 400, "continue key is not valid"),
    "a deep token": Row(request("GET", f"{PODS}?continue={'W1tbW1tb' * 3000}"), 400, "continue key is not valid"),
    "a selector that is none": Row(request("GET", f"{PODS}?labelSelector={'a,' * 9000}"), 400, "found ''"),
    "a field that is none": Row(request("GET", f"{PODS}?fieldSelector=spec.x%3Da"), 400, "field label not supported"),
    "5,000 parameters": Row(request("GET", f"{PODS}?{'&'.join(f'a{n}=1' for n in range(5000))}"), 200),
    "a watch that is over": Row(request("GET", f"{PODS}?watch=1&timeoutSeconds=-5"), 200),
}
ROWS = [pytest.param(row, id=name) for table in (PATHS, BODIES, QUERIES) for name, row in table.items()]


@pytest.mark.parametrize("row", ROWS)
async def test_what_is_http_and_no_more(wire: Http, row: Row) -> None:
    code, body = await said(wire, row.sent)
    assert code == row.code, body
    assert row.words in body


async def test_who_may_not_come_in(wire: Http) -> None:
    for line, code in (
        (b"", 403),
        (b"Authorization: Basic eA==\r\n", 403),
        (b"Authorization: Bearer of-another-lab\r\n", 401),
        (b"Authorization: Bearer \xff\xe9\r\n", 401),
        (b"Authorization: Bearer " + LONG + b"\r\n", 401),
    ):
        sent = request("GET", PODS).replace(TOKEN_LINE, line)
        assert (await said(wire, sent))[0] == code, line


async def test_a_body_of_many_labels(wire: Http) -> None:
    labels = {f"l{number}": "x" for number in range(30_000)}
    code, _ = await said(
        wire, request("POST", PODS, orjson.dumps({**pod(), "metadata": {"name": "a", "labels": labels}}))
    )
    assert code == 201


async def test_a_body_that_does_not_come(wire: Http, clock: ManualClock) -> None:
    async with connected(wire) as (reader, writer):
        writer.write(head("POST", PODS.encode(), b"Content-Length: 100") + b'{"a":')
        await until(lambda: clock.next_wake() is not None)
        clock.advance(receiving.PATIENCE_SECONDS)
        answer = await reader.readuntil(b'"code":504}')
    assert b"request did not complete within the allotted timeout" in answer


async def test_a_body_that_breaks_off(wire: Http, clock: ManualClock) -> None:
    async with connected(wire) as (reader, writer):
        writer.write(head("POST", PODS.encode(), b"Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
        await until(lambda: clock.next_wake() is not None)
        writer.write(b"ZZ\r\n")
        await until(lambda: clock.next_wake() is not None)
        clock.advance(receiving.PATIENCE_SECONDS)
        assert (await reader.readline()).split()[1] in (b"400", b"504")
    async with connected(wire) as (_, writer):
        writer.write(head("POST", PODS.encode(), b"Content-Length: 100") + b"abc")
        await writer.drain()
    assert (await wire.send("GET", PODS)).code == 200


async def test_a_watch_that_is_not_read_is_dropped(wire: Http, api: Api, clock: ManualClock) -> None:
    """Half-open connections look like that: what was sent is never acknowledged."""
    big = {"metadata": {"name": "big"}, "data": {"a": "x" * 900_000}}
    async with connected(wire) as (reader, writer):
        writer.write(head("GET", b"/api/v1/configmaps?watch=true"))
        await reader.readline()
        await api.create(resources.CONFIG_MAPS, "demo", big)
        for number in range(30):  # more than the buffers between us hold
            await api.patch(resources.CONFIG_MAPS, "demo", "big", {"data": {"n": str(number)}})
        metrics = "apiserver_longrunning_requests"

        async def watches() -> str:
            text = str((await wire.send("GET", "/metrics")).body)
            return next(line.split()[-1] for line in text.splitlines() if line.startswith(f"{metrics}{{"))

        assert await watches() == "1"
        for _ in range(3):
            clock.advance(streaming.STALLED_SECONDS)
            await wire.send("GET", "/version")
        assert await watches() == "0"
