"""A lab at work in a thread of its own, and the way to ask it for something from other threads."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent import futures
from typing import Any, TypeVar

from pullscope.base.errors import PullscopeError
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig

T = TypeVar("T")

STOP_SECONDS = 30.0
"""Long enough for whatever still runs; a lab that takes longer is left behind."""


class LabEndedError(PullscopeError):
    """The lab is not there any more. What ended it, if it was not `stop`, is the cause."""


class Background:
    """One lab: `start` it, `call` what it is to do, `stop` it. None of them may be called in the lab's own thread."""

    _loop: asyncio.AbstractEventLoop
    _stop: asyncio.Event

    def __init__(self, config: LabConfig) -> None:
        self._config = config
        self._started: futures.Future[assembly.Lab] = futures.Future()
        self._ended: futures.Future[None] = futures.Future()
        self._gate = threading.Lock()  # nothing is called once `_over`
        self._over = False
        # A daemon: should nobody call `stop`, the process ends all the same.
        self._thread = threading.Thread(target=self._work, name="pullscope-lab", daemon=True)

    def start(self) -> assembly.Lab:
        """The lab, when it is ready. Raises what kept it from starting."""
        self._thread.start()
        try:
            futures.wait((self._started,))
        except BaseException:  # interrupted while it was on its way
            if not self._started.cancel():
                self.stop()
            raise
        return self._started.result()

    def stop(self) -> None:
        """End the lab and return when it is over. Raises LabEndedError when it had ended before, or does not end."""
        with self._gate:
            if not self._over:
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            raise LabEndedError(f"the lab did not stop within {STOP_SECONDS:.0f} s")
        if self.failure is not None:
            raise self._gone()

    @property
    def failure(self) -> BaseException | None:
        """What ended the lab before it was stopped."""
        return self._ended.exception() if self._ended.done() else None

    def check(self) -> None:
        """Raise LabEndedError when there is no lab any more."""
        if self._over:
            raise self._gone()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns or raises, done in the lab's loop. Raises LabEndedError when there is no lab any more."""
        with self._gate:
            if self._over:
                work.close()
                raise self._gone()
            doing = asyncio.run_coroutine_threadsafe(work, self._loop)
        either: set[futures.Future[Any]] = {doing, self._ended}
        try:
            futures.wait(either, return_when=futures.FIRST_COMPLETED)
            if doing.done() and not doing.cancelled():
                return doing.result()
        finally:
            doing.cancel()
        raise self._gone()

    def _gone(self) -> LabEndedError:
        self._thread.join(STOP_SECONDS)  # what ended it is told when all has ended
        failure = self.failure
        why = f": {type(failure).__name__}: {failure}" if failure else ""
        error = LabEndedError(f"the lab has ended{why}")
        error.__cause__ = failure
        return error

    # ------------------------------------------------------------------------------------- in the thread

    def _work(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is told in the foreground)
            self._tell(error)
        else:
            self._ended.set_result(None)

    def _tell(self, error: BaseException) -> None:
        self._ended.set_exception(error)
        if not self._started.done():
            self._started.set_exception(error)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with assembly.running(self._config) as lab:
                if self._started.set_running_or_notify_cancel():
                    self._started.set_result(lab)
                    await self._stop.wait()
        finally:
            with self._gate:
                self._over = True


def apart(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns or raises, done in a loop of its own: there may be no lab any more, and a loop here already."""
    with futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
