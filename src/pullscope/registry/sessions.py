"""Uploads in progress: who writes to one, how long it may rest, and the ids that clients see.

Between two requests an upload's file stays open, so that the next chunk goes on at once; the longest-resting ones are
closed when there are many (and resumed from disk when asked for) and given up after a week, as docker's registry does.
An id carries a mark of its repository, so an upload that was started in one cannot be finished in another.
"""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta

from pullscope.base.clock import Clock
from pullscope.content.api import BlobStore, Writer
from pullscope.oci import errors

PATIENCE = timedelta(days=7)

_OPEN_FILES = 100
_MARK = 16  # characters


class Upload:
    """An upload that a request holds. Whoever commits or aborts `writer` sets `ended`."""

    def __init__(self, id: str, writer: Writer) -> None:  # noqa: A002 (the spec's word)
        self.id = id
        self.writer = writer
        self.ended = False


class _Session:
    """An upload and its turns. `upload` is None while its file is closed."""

    def __init__(self, upload: Upload | None) -> None:
        self.upload = upload
        self.rested_since = 0.0
        self.turn = asyncio.Lock()


class Sessions:
    """The uploads of one registry. Belongs to one event loop."""

    def __init__(self, blobs: BlobStore, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock
        self._sessions: dict[str, _Session] = {}  # the longest-resting first

    async def start(self, repository: str) -> Upload:
        """Begin an upload."""
        await self._give_up_old()
        writer = await asyncio.to_thread(self._blobs.writer)
        upload = Upload(writer.id + _mark(writer.id, repository), writer)
        self._rest(writer.id, _Session(upload))
        return upload

    @contextlib.asynccontextmanager
    async def held(self, repository: str, id: str) -> AsyncIterator[Upload]:  # noqa: A002 (the spec's word)
        """The upload of that id for one request alone; others wait. Raises BLOB_UPLOAD_UNKNOWN."""
        own = _own_id(repository, id)
        session = self._sessions.setdefault(own, _Session(None))
        async with session.turn:
            upload = await self._opened(own, id, session)
            try:
                yield upload
            finally:
                self._sessions.pop(own, None)
                if not upload.ended:
                    self._rest(own, session)

    def size(self, repository: str, id: str) -> int | None:  # noqa: A002 (the spec's word)
        """Bytes received, also while a request is writing; None when its file is closed or it is not known."""
        session = self._sessions.get(_own_id(repository, id))
        return session.upload.writer.size if session and session.upload else None

    def close(self) -> None:
        """Release the files; on disk the uploads can be resumed later."""
        for session in self._sessions.values():
            if session.upload:
                session.upload.writer.close()
        self._sessions.clear()

    async def _opened(self, own: str, id: str, session: _Session) -> Upload:  # noqa: A002 (the spec's word)
        if session.upload is None:
            writer = await asyncio.to_thread(self._blobs.resume, own)
            session.upload = Upload(id, writer) if writer else None
        if session.upload is None or session.upload.ended:
            self._sessions.pop(own, None)
            raise errors.BLOB_UPLOAD_UNKNOWN.error({"upload": id})
        return session.upload

    def _rest(self, own: str, session: _Session) -> None:
        session.rested_since = self._clock.monotonic()
        self._sessions[own] = session
        resting = [other for other in self._sessions.values() if other.upload and not other.turn.locked()]
        for other in resting[:-_OPEN_FILES]:
            if other.upload:
                other.upload.writer.close()
                other.upload = None

    async def _give_up_old(self) -> None:
        deadline = self._clock.monotonic() - PATIENCE.total_seconds()
        for own, session in list(self._sessions.items()):
            if session.rested_since > deadline:
                break
            if not session.turn.locked():
                del self._sessions[own]
                writer = session.upload.writer if session.upload else await asyncio.to_thread(self._blobs.resume, own)
                if writer:
                    writer.abort()


def _mark(own: str, repository: str) -> str:
    return hashlib.blake2s(repository.encode(), key=own.encode(), digest_size=_MARK // 2).hexdigest()


def _own_id(repository: str, id: str) -> str:  # noqa: A002 (the spec's word)
    """The store's id for what the client calls `id`. Raises BLOB_UPLOAD_UNKNOWN."""
    own, mark = id[:-_MARK], id[-_MARK:]
    if not 0 < len(own) <= 32 or not hmac.compare_digest(mark.encode(), _mark(own, repository).encode()):
        raise errors.BLOB_UPLOAD_UNKNOWN.error({"upload": id})
    return own
