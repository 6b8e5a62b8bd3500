"""Uploads that go wrong: broken off, resumed after a restart, too large for the disk, by hostile hands, by many."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fulldisk import files_end_at
from tests.registry.serving import Served, serving

from pullscope.base.clock import ManualClock, SystemClock
from pullscope.oci.digest import Digest
from pullscope.registry import sessions

DATA = bytes(range(256)) * 16_000  # 4 MB
PATH = "/v2/app/blobs/uploads/"


async def start(served: Served, path: str = PATH) -> str:
    async with served.request("POST", path) as response:
        assert response.status == 202
        return response.headers["Location"]


async def finish(served: Served, location: str, data: bytes, rest: bytes = b"") -> int:
    async with served.request("PUT", f"{location}?digest={Digest.of(data)}", data=_pieces(rest)) as response:
        return response.status


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(data), 100_000):
        yield data[begin : begin + 100_000]


async def received(served: Served, location: str) -> int:
    async with served.request("GET", location) as response:
        assert response.status == 204
        end = int(response.headers["Range"].partition("-")[2])
        return end + 1 if end else 0


async def get(served: Served, data: bytes) -> bytes | None:
    async with served.request("GET", f"/v2/app/blobs/{Digest.of(data)}") as response:
        return await response.read() if response.status == 200 else None


async def break_off(served: Served, location: str, sent: bytes, *, method: str = "PATCH") -> None:
    """Promise all of DATA, send a part, hang up."""
    host, _, port = served.address.partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{method} {location} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(DATA)}\r\n\r\n".encode() + sent)
    await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_broken_upload_goes_on_where_it_stopped(served: Served) -> None:
    location = await start(served)
    await break_off(served, location, DATA[:1_500_000])
    async with served.request("PATCH", location, headers={"Content-Range": "0-0"}, data=b"x") as response:
        assert response.status == 416  # waits for the broken request to be over, and tells where to go on
        at = int(response.headers["Range"].partition("-")[2]) + 1
    assert at == 1_500_000
    assert await get(served, DATA) is None
    assert await finish(served, location, DATA, DATA[at:]) == 201
    assert await get(served, DATA) == DATA
    broken = next(record for record in served.log.records() if record.method == "PATCH")
    assert broken.status == 499


async def test_a_truncated_push_in_one_request_leaves_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        await break_off(served, f"{PATH}?digest={Digest.of(DATA)}", DATA[:100_000], method="POST")
        while not served.log.records():
            await SystemClock().sleep(0.01)
        assert list((tmp_path / "uploads").iterdir()) == []


async def test_an_upload_survives_a_restart(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        location = await start(served)
        async with served.request("PATCH", location, data=_pieces(DATA[:3_000_000])) as response:
            assert response.headers["Range"] == "0-2999999"
    async with serving(tmp_path) as served:
        assert await received(served, location) == 3_000_000
        assert await finish(served, location, DATA, DATA[3_000_000:]) == 201
        assert await get(served, DATA) == DATA


async def test_many_uploads_at_once(served: Served) -> None:
    blobs = [bytes([number]) * 300_000 for number in range(40)]

    async def one(data: bytes) -> int:
        location = await start(served)
        async with served.request("PATCH", location, data=_pieces(data[:200_000])) as response:
            assert response.status == 202
        return await finish(served, location, data, data[200_000:])

    assert set(await asyncio.gather(*(one(data) for data in blobs))) == {201}
    for data in blobs:
        assert await get(served, data) == data


async def test_resting_uploads_hold_few_files_and_can_go_on(served: Served) -> None:
    locations = [await start(served) for _ in range(130)]
    for location in locations:
        async with served.request("PATCH", location, data=b"half of ") as response:
            assert response.status == 202
    if Path("/proc/self/fd").exists():
        assert len([file for file in Path("/proc/self/fd").iterdir() if "/uploads/" in str(file.resolve())]) <= 101
    assert [await received(served, location) for location in locations] == [8] * 130
    assert await finish(served, locations[0], b"half of it", b"it") == 201
    assert await get(served, b"half of it") == b"half of it"


@pytest.mark.parametrize("kind", ["memory", "disk"])
async def test_old_uploads_are_given_up(tmp_path: Path, kind: str) -> None:
    clock = ManualClock()
    async with serving(tmp_path if kind == "disk" else None, clock) as served:
        old = await start(served)
        clock.advance(sessions.PATIENCE.total_seconds() - 1)
        young = await start(served)
        clock.advance(2)
        await start(served)
        async with served.request("GET", old) as response:
            assert response.status == 404
        assert await received(served, young) == 0


async def test_uploads_that_a_crash_left_are_purged_after_a_week(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        location = await start(served)
    now = (tmp_path / "uploads").stat().st_mtime
    clock = ManualClock()
    clock.advance(now - clock.now().timestamp() + 3600)
    async with serving(tmp_path, clock) as served:
        assert await received(served, location) == 0
    clock.advance(timedelta(days=7).total_seconds())
    async with serving(tmp_path, clock) as served, served.request("GET", location) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "id_",
    ["..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "0" * 48, "x" * 4000, "a%00b", "%C3%BC", "", "-" * 32 + "0" * 16],
)
async def test_hostile_upload_ids_are_unknown(served: Served, id_: str) -> None:
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        path = f"{PATH}{id_}" + (f"?digest={Digest.of(b'')}" if method == "PUT" else "")
        async with served.request(method, path) as response:
            assert response.status in (400, 404, 405)
            if response.content_type == "application/json":
                assert json.loads(await response.read())["errors"]


async def test_a_full_disk_is_said_and_the_upload_goes_on_later(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        location = await start(served)
        with files_end_at(2_500_000), contextlib.suppress(ConnectionError):
            async with served.request("PATCH", location, data=_pieces(DATA)) as response:
                assert response.status == 507
                assert "no space left" in await response.text()
        at = await received(served, location)
        assert 0 < at <= 2_500_000
        assert await finish(served, location, DATA, DATA[at:]) == 201
        assert await get(served, DATA) == DATA
        assert [record.status for record in served.log.records() if record.method == "PATCH"] == [507]


async def test_content_is_stored_as_it_was_sent(served: Served) -> None:
    """A body that calls itself gzip is not unpacked: its digest is that of the bytes on the wire."""
    location = await start(served)
    async with served.request("PATCH", location, headers={"Content-Encoding": "gzip"}, data=b"not gzip") as response:
        assert response.status == 202
    assert await finish(served, location, b"not gzip") == 201


async def test_a_blob_deleted_while_it_is_pushed_again(served: Served) -> None:
    """Whichever comes last wins; a push that was acknowledged and not followed by a deletion is there."""
    for _ in range(20):
        pushes = [finish(served, await start(served), b"data", b"data") for _ in range(3)]

        async def delete() -> int:
            async with served.request("DELETE", f"/v2/app/blobs/{Digest.of(b'data')}") as response:
                return response.status

        await asyncio.gather(*pushes, delete(), delete())
        if await finish(served, await start(served), b"data", b"data") == 201:
            assert await get(served, b"data") == b"data"


async def test_ids_say_nothing(served: Served) -> None:
    first, second = await start(served), await start(served)
    assert first != second
    assert re.fullmatch(rf"{PATH}[0-9a-f]{{48}}", first)
