"""Which names a registry knows: repositories, their manifests and tags, and which blobs each may see.

One SQLite database, in a file (WAL, synchronous FULL: what `Catalog.writing` committed survives a crash) or in memory.
Rows only, no rules: those are `store.Registry`'s. All may be called from any thread; a writer waits for the disk, so
an event loop writes in a thread.
"""

import contextlib
import errno
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pullscope.base.errors import PullscopeError
from pullscope.oci import documents
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Index, Manifest

_VERSION = 1
_SCHEMA = f"""
CREATE TABLE repositories (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE blobs (repository TEXT, digest TEXT, PRIMARY KEY (repository, digest)) WITHOUT ROWID;
CREATE INDEX blobs_by_digest ON blobs (digest);
CREATE TABLE manifests (
    repository TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, content BLOB NOT NULL,
    subject TEXT, artifact_type TEXT NOT NULL, PRIMARY KEY (repository, digest)
);
CREATE INDEX manifests_by_subject ON manifests (repository, subject, digest) WHERE subject IS NOT NULL;
CREATE TABLE tags (repository TEXT, tag TEXT, digest TEXT NOT NULL, PRIMARY KEY (repository, tag)) WITHOUT ROWID;
CREATE INDEX tags_by_digest ON tags (repository, digest);
PRAGMA user_version = {_VERSION};
"""
_ENTRY = "SELECT digest, media_type, content, subject, artifact_type FROM manifests WHERE repository = ?"


@dataclass(frozen=True)
class Entry:
    """A manifest or index of a repository. `subject` is what it refers to, if anything."""

    digest: Digest
    media_type: str
    content: bytes
    subject: Digest | None = None
    artifact_type: str = ""

    @property
    def document(self) -> Manifest | Index:
        """The content, read."""
        return documents.parse(self.content, self.media_type)


class View:
    """Reads: committed rows, or inside a transaction the newest ones."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.RLock) -> None:
        self._connection = connection
        self._lock = lock

    def has_repository(self, name: str) -> bool:
        return bool(self._rows("SELECT 1 FROM repositories WHERE name = ?", name))

    def has_blob(self, repository: str, digest: Digest) -> bool:
        """Whether the repository may see that blob."""
        return bool(self._rows("SELECT 1 FROM blobs WHERE repository = ? AND digest = ?", repository, str(digest)))

    def is_linked(self, digest: Digest) -> bool:
        """Whether any repository may see that blob."""
        return bool(self._rows("SELECT 1 FROM blobs WHERE digest = ? LIMIT 1", str(digest)))

    def linked(self) -> set[Digest]:
        """All blobs that any repository may see."""
        return {Digest.parse(row[0]) for row in self._rows("SELECT DISTINCT digest FROM blobs")}

    def tagged(self, repository: str, tag: str) -> Digest | None:
        """What the tag points to."""
        rows = self._rows("SELECT digest FROM tags WHERE repository = ? AND tag = ?", repository, tag)
        return Digest.parse(rows[0][0]) if rows else None

    def manifest(self, repository: str, digest: Digest) -> Entry | None:
        rows = self._rows(f"{_ENTRY} AND digest = ?", repository, str(digest))
        return _entry(rows[0]) if rows else None

    def has_manifest(self, repository: str, digest: Digest) -> bool:
        return bool(self._rows("SELECT 1 FROM manifests WHERE repository = ? AND digest = ?", repository, str(digest)))

    def tags(self, repository: str, *, after: str, limit: int) -> list[str]:
        """Tags in the order of their bytes; those behind `after`, at most `limit` (negative: all)."""
        query = "SELECT tag FROM tags WHERE repository = ? AND tag > ? ORDER BY tag LIMIT ?"
        return [row[0] for row in self._rows(query, repository, after, limit)]

    def repositories(self, *, after: str, limit: int) -> list[str]:
        """Repositories, in the same way."""
        query = "SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ?"
        return [row[0] for row in self._rows(query, after, limit)]

    def referrers(self, repository: str, subject: Digest, artifact_type: str, *, after: str, limit: int) -> list[Entry]:
        """Manifests that name `subject`, of one type or (empty) of all, by digest, in the same way."""
        query = f"{_ENTRY} AND subject = ? AND (? IN ('', artifact_type)) AND digest > ? ORDER BY digest LIMIT ?"
        return [_entry(row) for row in self._rows(query, repository, str(subject), artifact_type, after, limit)]

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()


class Transaction(View):
    """Writes, and reads of what was written."""

    def add_repository(self, name: str) -> None:
        self._do("INSERT OR IGNORE INTO repositories VALUES (?)", name)

    def link_blob(self, repository: str, digest: Digest) -> None:
        self._do("INSERT OR IGNORE INTO blobs VALUES (?, ?)", repository, str(digest))

    def unlink_blob(self, repository: str, digest: Digest) -> bool:
        return self._do("DELETE FROM blobs WHERE repository = ? AND digest = ?", repository, str(digest))

    def unlink_unmentioned(self, digest: Digest) -> None:
        """Unlink the blob from all repositories in which no manifest speaks of it."""
        self._do(
            "DELETE FROM blobs WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM manifests m"
            " WHERE m.repository = blobs.repository AND instr(m.content, CAST(? AS BLOB)))",
            *(str(digest), str(digest)),
        )

    def put_manifest(self, repository: str, entry: Entry) -> None:
        subject = str(entry.subject) if entry.subject else None
        self._do(
            "INSERT OR REPLACE INTO manifests (repository, digest, media_type, content, subject, artifact_type)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(repository, str(entry.digest), entry.media_type, entry.content, subject, entry.artifact_type),
        )

    def put_tag(self, repository: str, tag: str, digest: Digest) -> None:
        self._do("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", repository, tag, str(digest))

    def delete_manifest(self, repository: str, digest: Digest) -> bool:
        """With all tags that point to it."""
        self._do("DELETE FROM tags WHERE repository = ? AND digest = ?", repository, str(digest))
        return self._do("DELETE FROM manifests WHERE repository = ? AND digest = ?", repository, str(digest))

    def delete_tag(self, repository: str, tag: str) -> bool:
        return self._do("DELETE FROM tags WHERE repository = ? AND tag = ?", repository, tag)

    def _do(self, statement: str, *values: Any) -> bool:
        """Whether the statement changed a row."""
        return self._connection.execute(statement, values).rowcount > 0


class Catalog:
    """The database at `path`, or one in memory when that is None. `view` reads, `writing` changes."""

    def __init__(self, path: Path | None) -> None:
        self._connection = _connect(path)
        _prepare(self._connection, path)
        self._lock = threading.RLock()
        # A database in memory belongs to its one connection: there, readers wait for writers (who wait for no disk).
        self._reader = _connect(path) if path else self._connection
        self.view = View(self._reader, threading.RLock() if path else self._lock)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """One transaction: all of it becomes visible and durable at its end, or nothing. Writers wait for each other.

        Raises OSError when the disk is full.
        """
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection, self._lock)
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:  # a full disk may have rolled it back already
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise OSError(errno.ENOSPC, "no space left for the catalog") from error
                raise

    def close(self) -> None:
        """Release the file."""
        self._reader.close()
        self._connection.close()


def _connect(path: Path | None) -> sqlite3.Connection:
    return sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise PullscopeError(f"{path} cannot be used: {error}", hint="move it away, or take another --root") from error
    if version not in (0, _VERSION):
        connection.close()
        raise PullscopeError(
            f"{path} was written by another version of pullscope (format {version}, this one reads {_VERSION})",
            hint="use that version, or another --root",
        )


def _entry(row: Sequence[Any]) -> Entry:
    digest, media_type, content, subject, artifact_type = row
    return Entry(Digest.parse(digest), media_type, content, Digest.parse(subject) if subject else None, artifact_type)
