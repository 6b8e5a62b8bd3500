"""Faults on demand, as clients meet them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from tests.registry.serving import Served, serving

from pullscope.base.clock import ManualClock
from pullscope.base.errors import UsageError
from pullscope.registry import app, faulty
from pullscope.registry.faults import WINDOW, Fault, Faults

BLOB = b"0123456789" * 10
DIGEST = f"sha256:{hashlib.sha256(BLOB).hexdigest()}"
PATH = f"/v2/a/blobs/{DIGEST}"
TAG = "/v2/a/manifests/v1"
INDEX = "application/vnd.oci.image.index.v1+json"
ANY = {"Accept": INDEX}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def faults(clock: ManualClock) -> Faults:
    return Faults(clock)


@pytest.fixture
async def served(clock: ManualClock, faults: Faults) -> AsyncIterator[Served]:
    async with serving(None, clock, handler=faulty.around(app.answer, faults, clock)) as running:
        async with running.request("POST", f"/v2/a/blobs/uploads/?digest={DIGEST}", data=BLOB) as answer:
            assert answer.status == 201
        index = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
        async with running.request("PUT", TAG, data=index, headers={"Content-Type": INDEX}) as answer:
            assert answer.status == 201
        yield running


async def status(served: Served, path: str, method: str = "GET") -> int:
    async with served.request(method, path, headers=ANY) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize(
    ("code", "said"),
    [(401, "UNAUTHORIZED"), (403, "DENIED"), (404, "MANIFEST_UNKNOWN"), (429, "TOOMANYREQUESTS"), (500, "UNKNOWN")],
)
async def test_a_status_comes_with_the_code_of_the_spec(served: Served, faults: Faults, code: int, said: str) -> None:
    faults.add(Fault(status=code))
    async with served.request("GET", TAG, headers=ANY) as answer:
        assert answer.status == code
        assert (await answer.json())["errors"][0]["code"] == said
        assert ("WWW-Authenticate" in answer.headers) == (code == 401)
    assert await status(served, "/v2/") == 200
    assert [record["status"] for record in served.log.as_json()["requests"][-2:]] == [code, 200]


async def test_a_fault_is_for_its_repository_and_so_many_requests(served: Served, faults: Faults) -> None:
    faults.add(Fault("a", status=503, times=2))
    assert await status(served, "/v2/b/manifests/v1") == 404
    assert [await status(served, TAG) for _ in range(3)] == [503, 503, 200]
    assert faults.active() == []


async def test_a_fault_ends_after_its_time(served: Served, faults: Faults, clock: ManualClock) -> None:
    faults.add(Fault(status=500, seconds=30))
    clock.advance(29)
    assert await status(served, TAG) == 500
    clock.advance(1)
    assert await status(served, TAG) == 200


async def test_what_is_cleared_is_over(served: Served, faults: Faults) -> None:
    first, second = faults.add(Fault(status=500)), faults.add(Fault("a", status=403))
    assert faults.clear([first.id]) == [first]
    assert await status(served, TAG) == 403
    assert faults.clear() == [second]
    assert await status(served, TAG) == 200
    with pytest.raises(UsageError, match="there is no fault 7"):
        faults.clear([7])


async def test_nothing_at_all_is_a_limit(served: Served, faults: Faults) -> None:
    """Zero is a number of pulls and of bytes, and none is said."""
    assert str(faults.add(Fault(rate_limit=0)).fault) == "rate-limit=0"
    assert await status(served, TAG) == 429
    faults.clear()
    assert str(faults.add(Fault(cut_after=0)).fault) == "cut-after=0"
    with pytest.raises(aiohttp.ClientError):
        await status(served, PATH)


async def test_a_rate_limit_counts_pulls_as_docker_hub_does(served: Served, faults: Faults, clock: ManualClock) -> None:
    faults.add(Fault(rate_limit=2))
    remaining = []
    for method in ("HEAD", "GET", "GET", "GET"):
        async with served.request(method, TAG, headers=ANY) as answer:
            remaining.append((answer.status, answer.headers.get("ratelimit-remaining")))
            body = await answer.text()
    assert remaining == [(200, "2;w=21600"), (200, "1;w=21600"), (200, "0;w=21600"), (429, "0;w=21600")]
    assert "You have reached your unauthenticated pull rate limit" in body
    clock.advance(WINDOW)
    assert await status(served, TAG) == 200


async def test_latency_and_bandwidth_take_the_clocks_time(served: Served, faults: Faults, clock: ManualClock) -> None:
    faults.add(Fault(latency=2.0, bandwidth=20))
    asking = asyncio.create_task(status(served, PATH))
    waited = []
    while not asking.done():
        if clock.next_wake() is None:
            await asyncio.wait([asking], timeout=0.01)
            continue
        waited.append(clock.next_wake())
        clock.advance(waited[-1] or 0)
    assert asking.result() == 200
    assert waited == [2.0, *[1.0] * 5]  # what a second allows at a time: nobody waits long for the next byte


async def test_a_blob_is_cut_where_it_should_be(served: Served, faults: Faults) -> None:
    faults.add(Fault(cut_after=30, times=1))
    async with served.request("GET", PATH) as answer:
        assert answer.headers["Content-Length"] == "100"
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert served.log.as_json()["requests"][-1]["bytes"] == 30
    assert await status(served, PATH) == 200


async def test_only_requests_that_a_fault_can_spoil_count(served: Served, faults: Faults) -> None:
    faults.add(Fault("a", cut_after=30, times=1))
    faults.add(Fault("a", wrong_digest=True, times=1))
    assert [await status(served, TAG, method) for method in ("HEAD", "GET")] == [200, 200]
    assert await status(served, PATH, "HEAD") == 200
    assert len(faults.active()) == 2
    with pytest.raises(aiohttp.ClientPayloadError):
        await status(served, PATH)
    assert faults.active() == []


async def test_an_index_and_its_manifest_are_one_pull(served: Served, faults: Faults) -> None:
    async with served.request("GET", TAG, headers=ANY) as answer:
        by_digest = f"/v2/a/manifests/{answer.headers['Docker-Content-Digest']}"
    faults.add(Fault(rate_limit=2))
    asked = (TAG, by_digest, by_digest, by_digest, by_digest)
    assert [await status(served, path) for path in asked] == [200, 200, 200, 200, 429]


async def test_a_spent_rate_limit_is_one_of_manifests(served: Served, faults: Faults) -> None:
    faults.add(Fault(rate_limit=0))
    assert [await status(served, path) for path in (TAG, PATH, "/v2/")] == [429, 200, 200]


async def test_a_repository_that_is_not_there(served: Served, faults: Faults) -> None:
    faults.add(Fault(no_repository=True))
    async with served.request("GET", TAG, headers=ANY) as answer:
        assert answer.status == 404
        assert (await answer.json())["errors"][0]["code"] == "NAME_UNKNOWN"
    assert await status(served, "/v2/") == 200


async def test_content_under_a_wrong_digest(served: Served, faults: Faults) -> None:
    async with served.request("GET", TAG, headers=ANY) as answer:
        by_digest = f"/v2/a/manifests/{answer.headers['Docker-Content-Digest']}"
        right = await answer.read()
    faults.add(Fault(wrong_digest=True))
    async with served.request("GET", PATH) as answer:
        blob = await answer.read()
    async with served.request("GET", by_digest, headers=ANY) as answer:
        manifest = await answer.read()
    assert (len(blob), blob[1:]) == (len(BLOB), BLOB[1:])
    assert blob != BLOB
    assert manifest == right + b"\n"


async def test_a_connection_that_ends_without_an_answer(served: Served, faults: Faults) -> None:
    faults.add(Fault(reset=True))
    with pytest.raises(aiohttp.ClientConnectionError):
        await status(served, "/v2/")
    faults.clear()
    assert await status(served, "/v2/") == 200


async def test_no_answer_ever(served: Served, faults: Faults) -> None:
    faults.add(Fault(hang=True))
    with pytest.raises(TimeoutError):
        async with served.request("GET", TAG, timeout=aiohttp.ClientTimeout(total=0.05)):
            pass
    faults.clear()
    assert await status(served, TAG) == 200


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(), "which fault?"),
        (Fault(status=200), "200 is no status of a failure"),
        (Fault(status=500, times=0), "must be positive"),
        (Fault(latency=-1.0), "must be positive"),
        (Fault(cut_after=-1), "cannot be negative"),
        (Fault("team/app:v1", status=503), "'team/app:v1' is no repository"),
        (Fault("a", refuse=True), "a registry refuses connections as a whole"),
    ],
)
def test_what_makes_no_sense_is_refused(faults: Faults, fault: Fault, text: str) -> None:
    with pytest.raises(UsageError, match=text.replace("?", r"\?")):
        faults.add(fault)
    assert faults.active() == []


def test_a_fault_reads_as_its_options() -> None:
    assert str(Fault("team/app", status=503, latency=0.2)) == "status=503 latency=0.2s of team/app"
    assert str(Fault(wrong_digest=True)) == "wrong-digest"
