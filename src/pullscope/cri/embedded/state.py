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
CREATE TABLE IF NOT EXISTS records (kind TEXT, id TEXT, value BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""
_PUT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?)"


class State:
    """Records as JSON objects. One process at a time, on one thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises DamagedFileError when it is no database."""
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._database.executescript(_PREPARE)
        except sqlite3.DatabaseError as error:
            self._database.close()
            if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            hint = "remove it: the node then pulls its images again"
            raise DamagedFileError(path, error, hint=hint) from error

    def put(self, kind: str, values: Mapping[str, object]) -> None:
        """Write records (dataclasses) by their ids, all or none. Raises CriError when the disk is full."""
        rows = [(kind, key, orjson.dumps(value, default=dict)) for key, value in values.items()]
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
            self._database.execute("DELETE FROM records WHERE kind = ? AND id = ?", (kind, key))

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every record of a kind."""
        rows = self._database.execute("SELECT value FROM records WHERE kind = ?", (kind,))
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
