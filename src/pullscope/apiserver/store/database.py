"""The state file: SQLite with a write-ahead log, synced at every commit, held by one process at a time.

It holds the current objects and the revision counter; history is not kept over a restart (watches then get 410 and list
anew). All of it runs in the store's worker thread, except `open_database`, `load` and `close`.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pullscope.base import files
from pullscope.base.errors import PullscopeError

# "Pull" in ASCII: tells our files from other SQLite databases.
APPLICATION_ID = 0x50756C6C
SCHEMA_VERSION = 1
# Rows in the order they come, the keys in an index of their own: half the pages of a table that is sorted by key.
_SCHEMA = """
CREATE TABLE objects (
    id INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    revision INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE (resource, namespace, name)
);
CREATE TABLE counter (revision INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""
_PUT = """
INSERT INTO objects (resource, namespace, name, revision, value) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (resource, namespace, name) DO UPDATE SET revision = excluded.revision, value = excluded.value
"""
_LOAD = "SELECT resource, namespace, name, revision, value FROM objects"
_DELETE = "DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?"


class StateFileError(PullscopeError):
    """The state file cannot be opened: in use, of another version, damaged, or not ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object's line: `resource` is the qualified plural; `value` None deletes the line."""

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
            return int(revision), [Row(*line) for line in self._connection.execute(_LOAD)]
        except sqlite3.Error as error:
            self.close()
            raise _explained(self.path, error) from error

    def commit(self, rows: Sequence[Row]) -> None:
        """Write `rows` (one or more, of ascending revisions) in one durable transaction.

        Raises sqlite3.Error with nothing of them written.
        """
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for row in rows:
                key = (row.resource, row.namespace, row.name)
                if row.value is None:
                    connection.execute(_DELETE, key)
                else:
                    connection.execute(_PUT, (*key, row.revision, row.value))
            connection.execute("UPDATE counter SET revision = ?", (rows[-1].revision,))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self._connection.close()


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
