"""When a broken download is taken up again: CRI-O's heuristics and containerd's, and what a pull comes to then."""

from pathlib import Path

import pytest
from aiohttp import web
from tests.cri.test_pulls import registry_of
from tests.cri.world import World, world

from pullscope.base.clock import ManualClock
from pullscope.cri.api import CriError
from pullscope.cri.embedded import reconnecting
from pullscope.remote.errors import LostError

MIB = 1 << 20
LOST = LostError("r.test", "unexpected EOF")


class PassingClock(ManualClock):
    """Who waits for it lets its time pass."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


@pytest.mark.parametrize(
    ("second", "later", "again"),
    [(MIB, 0, True), (MIB - 1, 0, False), (0, 60, True), (0, 59, False)],
    ids=["enough came", "too little came", "after a minute", "before a minute"],
)
async def test_crio_reconnects_once_and_then_for_a_reason(second: int, later: float, *, again: bool) -> None:
    clock = PassingClock()
    resume = reconnecting.of("cri-o", clock)
    await resume(7, LOST)
    assert clock.monotonic() == 1
    clock.advance(later)
    if again:
        await resume(7 + second, LOST)
        return
    with pytest.raises(LostError) as failed:
        await resume(7 + second, LOST)
    at = f"{(1 + later) * 1000:.3f} ms"
    since = f"{later * 1000:.3f} ms"
    assert failed.value.why == (
        f"(heuristic tuning data: total {7 + second} @{at}, last retry 7 @{since}, last progress @ {since}): unexpected EOF"
    )


async def test_containerd_reconnects_while_something_comes_and_thrice_when_nothing_does() -> None:
    resume = reconnecting.of("containerd", PassingClock())
    for offset in (0, 0, 0, 1, 1, 1):
        await resume(offset, LOST)
    with pytest.raises(LostError) as failed:
        await resume(1, LOST)
    assert failed.value is LOST
    with pytest.raises(LostError, match="reset"):
        await resume(2, LostError("r.test", "Connection reset by peer"))


async def pull(w: World, cuts: int) -> int:
    """Pull through a registry that breaks so many downloads of blobs in the middle; how many were begun."""
    asked = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        headers = {name: request.headers[name] for name in ("Accept", "Range") if name in request.headers}
        async with w.http.get(f"http://{w.registry}{request.path}", headers=headers) as real:
            body = await real.read()
        response = web.StreamResponse(status=real.status, headers={"Content-Length": str(len(body))})
        response.content_type = real.headers["Content-Type"]
        asked += "/blobs/" in request.path
        cut = "/blobs/" in request.path and asked <= cuts
        await response.prepare(request)
        await response.write(body[: len(body) // 2] if cut else body)
        if cut:
            assert request.transport is not None
            request.transport.close()
        return response

    async with registry_of(answer) as host:
        await w.runtime.pull_image(f"{host}/team/app:v1")
    return asked


async def test_a_pull_that_is_cut_goes_on_where_it_broke(tmp_path: Path) -> None:
    async with world(tmp_path, clock=PassingClock()) as w:
        await w.push(w.name())
        assert await pull(w, cuts=1) == 5  # config, three layers, and the rest of one of them
        assert len(await w.runtime.list_images()) == 1


async def test_a_pull_that_is_cut_again_and_again_fails_and_leaves_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, clock=PassingClock()) as w:
        await w.push(w.name())
        with pytest.raises(
            CriError, match=r"writing blob: happened during read: \(heuristic tuning data: total \d+ @.*unexpected EOF"
        ):
            await pull(w, cuts=100)
        assert (await w.runtime.list_images(), w.held()) == ([], set())
