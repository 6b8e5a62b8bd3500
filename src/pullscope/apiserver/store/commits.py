"""Group commit: writers that wait at the same time share one transaction, and with it one sync of the disk.

The protocol, for one write: `await free(key)`, then, without a further await, check, `number()` and `await commit()`.
From `commit` until it is published the key is taken, so that the next writer of that key is checked against what is
really there, also when the first writer was cancelled meanwhile. Without a file a write is published at once.

One thread of its own does the writing, fed by a queue: an executor's futures would cost as much again as the commit.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable

from pullscope.apiserver.store.database import Database, Row
from pullscope.apiserver.store.records import Event, Key
from pullscope.kube import status

# What a writer waits for: None when its write is published, else why it failed.
_Outcome = asyncio.Future[status.ApiError | None]
_Batch = list[tuple[Event, _Outcome]]


class Committer:
    """Numbers writes, makes them durable in order, and publishes them."""

    def __init__(self, database: Database | None, revision: int, publish: Callable[[Event], None]) -> None:
        self._worker = _Worker(database) if database else None
        self._numbered = revision
        self._publish = publish
        self._taken: dict[Key, list[asyncio.Future[None]]] = {}
        self._queue: _Batch = []
        self._idle: asyncio.Future[None] | None = None
        self._closed = False

    async def free(self, key: Key) -> None:
        """Return when no write of `key` is under way. Raises ApiError 500 after `close`."""
        while (waiting := self._taken.get(key)) is not None:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting.append(turn)
            await turn
        if self._closed:
            raise status.internal("the store is closed")

    @property
    def next_number(self) -> int:
        """What `number` will give."""
        return self._numbered + 1

    def number(self) -> int:
        """The revision of the write that comes next."""
        self._numbered += 1
        return self._numbered

    async def commit(self, event: Event) -> None:
        """Return when `event` is durable and published. Raises ApiError 500 when it could not be written."""
        if self._worker is None:
            self._publish(event)
            return
        loop = asyncio.get_running_loop()
        outcome: _Outcome = loop.create_future()
        self._taken[event.key] = []
        self._queue.append((event, outcome))
        if self._idle is None:
            self._idle = loop.create_future()
            self._send(self._worker)
        if (failure := await outcome) is not None:
            raise failure

    def _send(self, worker: "_Worker") -> None:
        """Hand all that waits to the worker, or fall idle."""
        if not self._queue:
            assert self._idle is not None, "busy until now"
            self._idle.set_result(None)
            self._idle = None
            return
        batch, self._queue = self._queue, []
        loop = asyncio.get_running_loop()

        def finished(failure: status.ApiError | None) -> None:
            self._settle(batch, failure)
            # After the writers that this wakes: what they write next shares the next transaction.
            loop.call_soon(self._send, worker)

        def report(failure: status.ApiError | None) -> None:
            # A loop that is gone has no writers left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(finished, failure)

        worker.write([_row(event) for event, _ in batch], report)

    def _settle(self, batch: _Batch, failure: status.ApiError | None) -> None:
        for event, outcome in batch:
            if failure is None:
                self._publish(event)
            for turn in self._taken.pop(event.key):
                if not turn.done():
                    turn.set_result(None)
            if not outcome.done():
                outcome.set_result(failure)

    async def close(self) -> None:
        """Refuse new writes, finish those under way, close the file. May be called twice."""
        self._closed = True
        if self._idle is not None:
            await asyncio.shield(self._idle)
        if self._worker is not None:
            self._worker.close()


def _row(event: Event) -> Row:
    value = None if event.type == "DELETED" else event.current.value
    return Row(event.current.born, *event.key, event.revision, value)


_Report = Callable[[status.ApiError | None], None]


class _Worker:
    """The thread that writes. It dies with the process, as after kill -9: what was acknowledged is on the disk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._work: queue.SimpleQueue[tuple[list[Row], _Report] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def write(self, rows: list[Row], report: _Report) -> None:
        """Commit `rows`, then call `report` in the thread, with None or the reason why nothing was written."""
        self._work.put((rows, report))

    def close(self) -> None:
        """End the thread after the work it has and close the file."""
        self._work.put(None)
        self._thread.join()
        self._database.close()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            rows, report = work
            report(self._commit(rows))

    def _commit(self, rows: list[Row]) -> status.ApiError | None:
        try:
            self._database.commit(rows)
        except Exception as error:  # noqa: BLE001 (whatever it was, the writers must hear of it rather than wait on)
            return status.internal(f"state file {self._database.path} could not be written: {error}")
        return None
