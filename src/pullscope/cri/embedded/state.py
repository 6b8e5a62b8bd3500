"""What the runtime remembers over a restart: small records by kind and id, in one SQLite file.

A record is written whole or not at all, also when the process is killed. Losing power may lose the last ones (no write waits
for the disk): images are then pulled again, and containers have ended anyway.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from pullscope.base.errors import DamagedFileError
from pullscope.cri.api import CriError

_PREPARE = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS numbered (number INTEGER PRIMARY KEY, kind TEXT, id TEXT, value BLOB);
"""
_PUT = "INSERT OR REPLACE INTO numbered VALUES (?, ?, ?, ?)"


class State:
    """Records as JSON objects. One process at a time, on one thread.

    They lie in the order of their numbers, which are known here: an index by their ids, which are random, would make each
    write three times as long, and a start waits for three of them.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises DamagedFileError when it is no database."""
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._database.executescript(_PREPARE)
            rows = self._database.execute("SELECT kind, id, number FROM numbered")
            self._numbers: dict[tuple[str, str], int] = {(kind, key): number for kind, key, number in rows}
        except sqlite3.DatabaseError as error:
            self._database.close()
            if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            hint = "remove it: the node then pulls its images again"
            raise DamagedFileError(path, error, hint=hint) from error
        self._last = max(self._numbers.values(), default=0)

    def _number(self, kind: str, key: str) -> int:
        if (kind, key) not in self._numbers:
            self._last += 1
            self._numbers[kind, key] = self._last
        return self._numbers[kind, key]

    def put(self, kind: str, values: Mapping[str, object]) -> None:
        """Write records (dataclasses) by their ids, all or none. Raises CriError when the disk is full."""
        rows = [
            (self._number(kind, key), kind, key, orjson.dumps(value, default=dict)) for key, value in values.items()
        ]
        with _translated():
            if len(rows) == 1:  # a transaction of its own
                self._database.execute(_PUT, rows[0])
                return
            self._database.execute("BEGIN")
            try:
                self._database.executemany(_PUT, rows)
                self._database.execute("COMMIT")
            except sqlite3.Error:
                self._database.execute("ROLLBACK")
                raise

    def delete(self, kind: str, key: str) -> None:
        """Remove a record; it need not be there. Raises CriError."""
        with _translated():
            self._database.execute("DELETE FROM numbered WHERE number = ?", (self._numbers.get((kind, key)),))
        self._numbers.pop((kind, key), None)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every record of a kind."""
        rows = self._database.execute("SELECT value FROM numbered WHERE kind = ?", (kind,))
        return [orjson.loads(value) for (value,) in rows]

    def close(self) -> None:
        """Leave the file; nothing may be called afterwards."""
        self._database.close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise CriError(f"writing the runtime's state: {error}") from error
