"""A lab in a thread: what is asked of it is done there, and its end is told here, whatever brought it about."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import pytest

from pullscope.base.errors import UsageError
from pullscope.lab.config import LabConfig, Seams
from pullscope.testing import background
from pullscope.testing.background import Background, LabEndedError


class BrokenError(Exception):
    pass


class Fuse:
    """A runtime whose events end in an error once `blown`."""

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime
        self._loop = asyncio.get_running_loop()
        self._blown = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    def container_events(self) -> "Fuse":
        return self

    def __aiter__(self) -> "Fuse":
        return self

    async def __anext__(self) -> None:
        await self._blown.wait()
        raise BrokenError("a part broke")

    def blow(self) -> None:
        self._loop.call_soon_threadsafe(self._blown.set)


@pytest.fixture
def made() -> Iterator[Background]:
    lab = Background(LabConfig())
    lab.start()
    yield lab
    lab.stop()


async def thread() -> str:
    return threading.current_thread().name


def test_what_is_called_is_done_in_the_labs_thread(made: Background) -> None:
    assert made.call(thread()) == "pullscope-lab"


def test_several_may_call_at_once(made: Background) -> None:
    with futures.ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: made.call(thread()), range(20))) == {"pullscope-lab"}


def test_what_it_raises_is_raised_here(made: Background) -> None:
    async def fail() -> None:
        raise BrokenError("mine")

    with pytest.raises(BrokenError, match="mine"):
        made.call(fail())


def test_nothing_is_called_after_the_end() -> None:
    lab = Background(LabConfig())
    lab.start()
    lab.stop()
    lab.stop()
    with pytest.raises(LabEndedError, match=r"^the lab has ended$"):
        lab.call(thread())
    with pytest.raises(LabEndedError):
        lab.check()
    assert not lab._thread.is_alive()


def test_what_keeps_it_from_starting_is_raised_as_it_is() -> None:
    with pytest.raises(UsageError, match="a lab cannot have 0 nodes"):
        Background(LabConfig(nodes=0)).start()


def test_a_lab_that_breaks_tells_whoever_waits_and_whoever_comes() -> None:
    fuses: list[Fuse] = []

    def plant(runtime: Any) -> Any:
        fuses.append(Fuse(runtime))
        return fuses[0]

    lab = Background(LabConfig(seams=Seams(runtime=plant)))
    lab.start()
    with futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(lab.call, asyncio.Event().wait())
        fuses[0].blow()
        with pytest.raises(LabEndedError, match=r"^the lab has ended: BrokenError: a part broke$") as caught:
            waiting.result()
    assert isinstance(caught.value.__cause__, BrokenError)
    assert isinstance(lab.failure, BrokenError)
    for late in (lab.stop, lab.check, lambda: lab.call(thread())):
        with pytest.raises(LabEndedError, match="a part broke"):
            late()


@pytest.mark.parametrize("late", [False, True])
def test_an_interrupt_while_it_starts_leaves_nothing(monkeypatch: pytest.MonkeyPatch, *, late: bool) -> None:
    lab = Background(LabConfig())
    wait = futures.wait

    def interrupt(waiting: Any) -> None:
        if late:  # between its being ready and our hearing of it
            wait(waiting)
        raise KeyboardInterrupt

    monkeypatch.setattr(futures, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.start()
    lab._thread.join(background.STOP_SECONDS)
    assert not lab._thread.is_alive()
    assert lab.failure is None


def test_a_lab_that_does_not_end_is_left_behind(made: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked, over = threading.Event(), threading.Event()

    async def block() -> None:
        blocked.set()
        over.wait()

    with futures.ThreadPoolExecutor() as pool:
        blocking = pool.submit(made.call, block())
        blocked.wait()
        monkeypatch.setattr(background, "STOP_SECONDS", 0.05)
        with pytest.raises(LabEndedError, match=r"did not stop within 0 s"):
            made.stop()
        monkeypatch.undo()
        over.set()
        blocking.result()
