"""The registry on the wire, beyond the spec's table: hostile requests, large content, lost clients."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registry.serving import Served, serving

from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.oci.platform import Platform

CONFIG = b"{}"
MEGABYTE = 1 << 20


async def raw(served: Served, request: bytes) -> bytes:
    """What comes back for exactly these bytes."""
    host, _, port = served.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request + b"Host: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "path",
    [
        "/v2/../../etc/passwd", "/v2/%2e%2e/%2e%2e/etc/passwd/manifests/v1", "/v2/a/manifests/../../../x",
        "/v2/a/blobs/sha256:../../../../etc/passwd", "/v2/a/blobs/sha256:%2e%2e%2f%2e%2e", "/v2/a%00b/tags/list",
        "/v2/a/manifests/%0d%0aSet-Cookie:x", "//v2/", "/v2//tags/list", "/v2/a/referrers/%ff%fe",
        "/v2/" + "a" * 4000 + "/tags/list", "/v2/a/tags/list?n=%F3%F3", "/v2/_catalog?last=%00",
    ],
)  # fmt: skip
async def test_hostile_paths_get_an_error_and_nothing_else(served: Served, path: str) -> None:
    answer = await raw(served, f"GET {path} HTTP/1.1\r\n".encode())
    status = int(answer.split(b" ", 2)[1])
    assert status in (200, 400, 404)
    assert b"root:" not in answer
    assert b"Set-Cookie" not in answer.partition(b"\r\n\r\n")[0]
    if status == 200:
        assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"repositories": []}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "BREW"]),
    segments=st.lists(
        st.sampled_from(["v2", "a", "blobs", "uploads", "manifests", "tags", "list", "referrers", "_catalog", "", "sha256:" + "a" * 64])
        | st.text(alphabet="abc._-%2F:@", max_size=8),
        max_size=7,
    ),
    query=st.sampled_from(["", "?n=1", "?digest=x", "?mount=x&from=y", "?last=%00&n=9", "?artifactType=%20"]),
)  # fmt: skip
async def test_no_request_breaks_it(method: str, segments: list[str], query: str) -> None:
    async with serving(None) as served, served.request(method, f"/v2/{'/'.join(segments)}{query}") as response:
        assert response.status < 500, (method, segments, query)


async def test_memory_stays_flat(tmp_path: Path) -> None:
    """40 MB in and out; a client and a server in one process never hold more than some pieces of a megabyte."""
    piece, count = bytes(MEGABYTE), 40
    digest = Digest.of(piece * count)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield piece

    async with serving(tmp_path) as served:
        tracemalloc.start()
        try:
            async with served.request("POST", f"/v2/a/blobs/uploads/?digest={digest}", data=pieces()) as response:
                assert response.status == 201
            received = 0
            async with served.request("GET", f"/v2/a/blobs/{digest}") as response:
                while data := await response.content.readany():
                    received += len(data)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert received == count * MEGABYTE
    assert peak < 12 * MEGABYTE


async def test_a_docker_list_is_an_image_for_old_clients(served: Served) -> None:
    image = Manifest.of(Descriptor.of(media.DOCKER_CONFIG, CONFIG), [], media_type=media.DOCKER_MANIFEST)
    entry = Descriptor(image.media_type, image.digest, len(image.raw), platform=Platform("linux", "amd64"))
    other = Descriptor(image.media_type, image.digest, len(image.raw), platform=Platform("linux", "s390x"))
    lists = {tag: Index.of([one], media_type=media.DOCKER_LIST) for tag, one in (("amd64", entry), ("s390x", other))}
    async with served.request("POST", f"/v2/a/blobs/uploads/?digest={Digest.of(CONFIG)}", data=CONFIG) as response:
        assert response.status == 201
    for name, document in (str(image.digest), image), *lists.items():
        headers = {"Content-Type": document.media_type}
        async with served.request("PUT", f"/v2/a/manifests/{name}", data=document.raw, headers=headers) as response:
            assert response.status == 201
    for path, accepted, status, digest in (
        ("amd64", "", 200, image.digest),
        ("amd64", media.DOCKER_LIST, 200, lists["amd64"].digest),
        (str(lists["amd64"].digest), "", 200, lists["amd64"].digest),
        ("s390x", "", 404, None),
    ):
        async with served.request("GET", f"/v2/a/manifests/{path}", headers={"Accept": accepted}) as response:
            assert response.status == status
            assert response.headers.get("Docker-Content-Digest") == (str(digest) if digest else None)


async def test_the_largest_manifest_comes_back(served: Served) -> None:
    big = Manifest.of(Descriptor.of(media.OCI_CONFIG, CONFIG), [], annotations={"x": "x" * 3_500_000})
    async with served.request("POST", f"/v2/a/blobs/uploads/?digest={Digest.of(CONFIG)}", data=CONFIG) as response:
        assert response.status == 201

    async def body() -> AsyncIterator[bytes]:
        yield big.raw

    async with served.request("PUT", "/v2/a/manifests/v1", data=body()) as response:
        assert response.status == 201
    async with served.request("GET", "/v2/a/manifests/v1", headers={"Accept": media.OCI_MANIFEST}) as response:
        assert await response.read() == big.raw


async def test_a_blob_that_is_deleted_while_it_is_sent(served: Served) -> None:
    data = bytes(8 * MEGABYTE)

    async def body() -> AsyncIterator[bytes]:
        yield data

    url = f"/v2/a/blobs/{Digest.of(data)}"
    async with served.request("POST", f"/v2/a/blobs/uploads/?digest={Digest.of(data)}", data=body()) as response:
        assert response.status == 201
    async with served.request("GET", url) as response:
        async with served.request("DELETE", url) as deleted:
            assert deleted.status == 202
        assert await response.read() == data
    async with served.request("GET", url) as response:
        assert response.status == 404


async def test_a_fault_of_ours_is_a_500_in_the_log_too(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(None) as served:
        served.registry.close()
        async with served.request("GET", "/v2/a/tags/list") as response:
            assert response.status == 500
        assert "closed database" in caplog.text
        assert [record.status for record in served.log.records()] == [500]
