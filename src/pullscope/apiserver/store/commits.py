"""Group commit: writers that wait at the same time share one transaction, and with it one sync of the disk.

The protocol, for one write: `await free(key)`, then, without a further await, check, `number()` and `await commit()`.
From `commit` until it is published the key is taken, so that the next writer of that key is checked against what is
really there, also when the first writer was cancelled meanwhile. Without a file a write is published at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pullscope.apiserver.store.database import Database, Row
from pullscope.apiserver.store.records import Event, Key
from pullscope.kube import status

# What a writer waits for: None when its write is published, else why it failed.
_Outcome = asyncio.Future[status.ApiError | None]


class Committer:
    """Numbers writes, makes them durable in order, and publishes them."""

    def __init__(self, database: Database | None, revision: int, publish: Callable[[Event], None]) -> None:
        self._database = database
        self._numbered = revision
        self._publish = publish
        self._taken: dict[Key, _Outcome] = {}
        self._queue: list[tuple[Event, _Outcome]] = []
        self._worker = ThreadPoolExecutor(1, "store") if database else None
        self._draining: asyncio.Task[None] | None = None
        self._closed = False

    async def free(self, key: Key) -> None:
        """Return when no write of `key` is under way. Raises ApiError 500 after `close`."""
        while (other := self._taken.get(key)) is not None:
            await asyncio.wait([other])
        if self._closed:
            raise status.internal("the store is closed")

    def number(self) -> int:
        """The revision of the write that comes next."""
        self._numbered += 1
        return self._numbered

    async def commit(self, event: Event) -> None:
        """Return when `event` is durable and published. Raises ApiError 500 when it could not be written."""
        if self._database is None:
            self._publish(event)
            return
        loop = asyncio.get_running_loop()
        outcome: _Outcome = loop.create_future()
        self._taken[event.key] = outcome
        self._queue.append((event, outcome))
        if self._draining is None:
            self._draining = loop.create_task(self._drain(self._database))
        if (failure := await asyncio.shield(outcome)) is not None:
            raise failure

    async def _drain(self, database: Database) -> None:
        while self._queue:
            batch, self._queue = self._queue, []
            failure = await self._write(database, [_row(event) for event, _ in batch])
            for event, outcome in batch:
                del self._taken[event.key]
                if failure is None:
                    self._publish(event)
                outcome.set_result(failure)
        self._draining = None

    async def _write(self, database: Database, rows: Sequence[Row]) -> status.ApiError | None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._worker, database.commit, rows)
        except Exception as error:  # noqa: BLE001 (whatever it was, the writers must hear of it rather than wait on)
            return status.internal(f"state file {database.path} could not be written: {error}")
        return None

    async def close(self) -> None:
        """Refuse new writes, finish those under way, close the file. May be called twice."""
        self._closed = True
        if self._draining is not None:
            await asyncio.wait([self._draining])
        if self._worker is not None:
            self._worker.shutdown()
        if self._database is not None:
            self._database.close()


def _row(event: Event) -> Row:
    value = None if event.type == "DELETED" else event.current.value
    return Row(*event.key, event.revision, value)
