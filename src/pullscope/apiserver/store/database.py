"""The state file: SQLite with a write-ahead log, synced at every commit, held by one process at a time.

It holds the current objects and the revision counter; history is not kept over a restart (watches then get 410 and list
anew). All of it runs in the store's worker thread, except `open_database`, `load` and `close`.
"""

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from pullscope.base import files
from pullscope.base.errors import PullscopeError

T = TypeVar("T")

# "Pull" in ASCII: tells our files from other SQLite databases.
APPLICATION_ID = 0x50756C6C
SCHEMA_VERSION = 2
# An object's place in the table is its first revision, which no other has: what is new comes at the end, and what changes
# costs one page of the log, since there is no index. The counter is written when the last change is a deletion.
_SCHEMA = """
CREATE TABLE objects (
    id INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    revision INTEGER NOT NULL, value BLOB NOT NULL
);
CREATE TABLE counter (revision INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""
_LOAD = "SELECT id, resource, namespace, name, revision, value FROM objects"
_PUT, _ROW = "INSERT OR REPLACE INTO objects VALUES ", "(?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM objects WHERE id IN"
_COUNT = "UPDATE counter SET revision = ?"
_CHUNK = 128  # rows in one statement: SQLite before 3.32 takes 999 values


class StateFileError(PullscopeError):
    """The state file cannot be opened: in use, of another version, damaged, or not ours."""


class Row(NamedTuple):
    """One object's line. `id` is its first revision, `resource` the qualified plural; `value` None deletes the line."""

    id: int
    resource: str
    namespace: str
    name: str
    revision: int
    value: bytes | None


class Database:
    """One open state file."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection

    def load(self) -> tuple[int, list[Row]]:
        """The last committed revision and all objects, in no particular order. Raises StateFileError, file closed."""
        try:
            (revision,) = self._connection.execute("SELECT revision FROM counter").fetchone()
            rows = [Row(*line) for line in self._connection.execute(_LOAD)]
        except sqlite3.Error as error:
            self.close()
            raise _explained(self.path, error) from error
        return max([int(revision), *(row.revision for row in rows)]), rows

    def commit(self, rows: Sequence[Row]) -> None:
        """Write `rows` (one or more, of ascending revisions, each of another object) in one durable transaction.

        Raises sqlite3.Error with nothing of them written.
        """
        steps = [*_steps(rows)]
        if len(steps) == 1:  # a transaction of its own
            self._connection.execute(*steps[0])
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for step in steps:
                self._connection.execute(*step)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self._connection.close()


def _steps(rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[object]]]:
    """The statements that write `rows`, as few as can be: at each of them the thread may wait for the others."""
    put = [row for row in rows if row.value is not None]
    for some in _chunks(put):
        yield _PUT + ", ".join([_ROW] * len(some)), list(itertools.chain.from_iterable(some))
    for gone in _chunks([row.id for row in rows if row.value is None]):
        yield f"{_DELETE} ({', '.join('?' * len(gone))})", gone
    if rows[-1].value is None:
        yield _COUNT, (rows[-1].revision,)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def open_database(path: Path) -> Database:
    """Open the state file, making it when it is not there. Raises StateFileError with the reason and what to do."""
    connection: sqlite3.Connection | None = None
    try:
        if not path.exists():
            path.touch(mode=0o600)
            files.sync_directory(path.parent)
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        _prepare(connection, path)
    except (OSError, sqlite3.Error, StateFileError) as error:
        if connection is not None:
            connection.close()
        raise error if isinstance(error, StateFileError) else _explained(path, error) from error
    return Database(connection, path)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    # Before anything is changed: the file may be somebody else's.
    empty = _check(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if empty:
        _create(connection)


def _check(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is empty. Raises StateFileError when it is neither that nor ours."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and application != APPLICATION_ID:
        raise StateFileError(f"{path} is not a state file of Pullscope", hint="name another file or directory")
    if tables and version != SCHEMA_VERSION:
        why = f"state file {path} has schema version {version}, this Pullscope reads version {SCHEMA_VERSION}"
        raise StateFileError(why, hint="use the Pullscope that made it, or delete the lab and start anew")
    return not tables


def _create(connection: sqlite3.Connection) -> None:
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {marks} COMMIT;")


def _explained(path: Path, error: Exception) -> StateFileError:
    if "locked" in str(error):
        return StateFileError(f"state file {path} is in use by another process", hint="stop the lab that uses it")
    if "not a database" in str(error) or "malformed" in str(error):
        return StateFileError(f"state file {path} is damaged: {error}", hint="delete the lab and start anew")
    return StateFileError(f"state file {path} cannot be opened: {error}")
