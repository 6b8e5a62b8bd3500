"""The access log is evidence: what it says was asked was asked, and what it counts was sent."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from typing import Any

from tests.registry.serving import Served, serving

from pullscope.base.clock import ManualClock
from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Manifest
from pullscope.registry import accesslog
from pullscope.registry.accesslog import AccessLog, Record

DATA = b"a blob" * 1000
MANIFEST = Manifest.of(Descriptor.of(media.OCI_CONFIG, DATA), [])
BLOB = f"/v2/team/app/blobs/{Digest.of(DATA)}"


async def push(served: Served) -> None:
    for method, path, data in (
        ("POST", f"/v2/team/app/blobs/uploads/?digest={Digest.of(DATA)}", DATA),
        ("PUT", "/v2/team/app/manifests/v1", MANIFEST.raw),
    ):
        async with served.request(method, path, data=data) as response:
            assert response.status == 201


async def log(served: Served, query: str = "") -> dict[str, Any]:
    async with served.request("GET", f"{accesslog.PATH}{query}") as response:
        assert response.status == 200
        document: dict[str, Any] = json.loads(await response.read())
        return document


async def test_each_request_with_what_it_brought() -> None:
    async with serving(None, ManualClock()) as served:
        await push(served)
        requests: list[tuple[str, str, dict[str, str]]] = [
            ("GET", BLOB, {"User-Agent": "cri-o/1.37"}),
            ("HEAD", BLOB, {}),
            ("GET", BLOB, {"Range": "bytes=0-9"}),
            ("GET", "/v2/team/app/manifests/v1", {"Accept": media.OCI_MANIFEST}),
            ("GET", "/v2/team/app/manifests/v2", {}),
            ("GET", "/favicon.ico", {}),
        ]
        for method, path, headers in requests:
            async with served.request(method, path, headers=headers) as response:
                await response.read()
        document = await log(served)
    found = document["requests"]
    assert document["schema"] == "pullscope.requests/v1"
    assert [record["seq"] for record in found] == list(range(1, 9))
    assert document["last"] == 8
    assert found[2] == {
        "seq": 3,
        "time": "2026-01-01T00:00:00.000000Z",
        "method": "GET",
        "path": BLOB,
        "kind": "blob",
        "repository": "team/app",
        "reference": str(Digest.of(DATA)),
        "digest": str(Digest.of(DATA)),
        "status": 200,
        "bytes": len(DATA),
        "user_agent": "cri-o/1.37",
        "remote": "127.0.0.1",
    }
    shown = [(record["kind"], record["status"], record["bytes"], record["digest"]) for record in found]
    blob, manifest = str(Digest.of(DATA)), str(MANIFEST.digest)
    assert shown[:6] == [
        ("uploads", 201, 0, blob),
        ("manifest", 201, 0, manifest),
        ("blob", 200, len(DATA), blob),
        ("blob", 200, 0, blob),
        ("blob", 206, 10, blob),
        ("manifest", 200, len(MANIFEST.raw), manifest),
    ]
    assert [(kind, status, digest) for kind, status, _, digest in shown[6:]] == [
        ("manifest", 404, ""),
        ("other", 404, ""),
    ]


async def test_only_what_is_new_and_of_one_repository(served: Served) -> None:
    await push(served)
    async with served.request("GET", "/v2/other/tags/list") as response:
        assert response.status == 404
    assert [record["kind"] for record in (await log(served, "?repository=team/app"))["requests"]] == [
        "uploads",
        "manifest",
    ]
    assert [record["kind"] for record in (await log(served, "?since=1&repository=team/app"))["requests"]] == [
        "manifest"
    ]
    later = await log(served, "?since=3")
    assert (later["requests"], later["last"]) == ([], 3)
    for since in ("x", "-1", "٣", ""):
        async with served.request("GET", f"{accesslog.PATH}?since={since}") as response:
            assert response.status == 400


async def test_a_download_that_was_broken_off_counts_what_was_sent() -> None:
    big = bytes(20 << 20)
    async with serving(None) as served:
        async with served.request("POST", f"/v2/a/blobs/uploads/?digest={Digest.of(big)}", data=_one(big)) as response:
            assert response.status == 201
        host, _, port = served.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET /v2/a/blobs/{Digest.of(big)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readexactly(1 << 20)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        while len(served.log.records()) < 2:
            async with served.request("GET", accesslog.PATH) as response:
                await response.read()
        record = served.log.records()[1]
    assert record.status == accesslog.CLIENT_CLOSED_REQUEST
    assert 0 < record.bytes < len(big)


async def _one(data: bytes) -> Any:
    yield data


def test_the_ring_is_bounded_and_counts_on() -> None:
    kept = AccessLog()
    for _ in range(10_005):
        kept.add(Record(datetime(2026, 1, 1, tzinfo=UTC), "GET", "/v2/", "base", "", "", "", 200, 2, "", ""))
    records = kept.records()
    assert (len(records), records[0].seq, records[-1].seq, kept.last) == (10_000, 6, 10_005, 10_005)
    assert [record.seq for record in kept.records(since=10_003)] == [10_004, 10_005]


async def test_long_texts_are_cut(served: Served) -> None:
    async with served.request("GET", f"/v2/{'a/' * 2000}x/tags/list", headers={"User-Agent": "u" * 5000}) as response:
        assert response.status == 400
    record = served.log.records()[0]
    assert max(len(record.path), len(record.repository), len(record.user_agent)) == accesslog.LONGEST
