"""The contract of `content.api.BlobStore`, run on every backend."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pullscope.content import api
from pullscope.content.api import BlobStore, BlobUnknownError, DigestMismatchError
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.oci.digest import Digest

DATA = b"the quick brown fox" * 1000
DIGEST = Digest.of(DATA)


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return MemoryStore() if request.param == "memory" else DiskStore(tmp_path)


def _chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def test_what_is_committed_is_there(store: BlobStore) -> None:
    writer = store.writer()
    for chunk in _chunks(DATA, 700):
        writer.write(chunk)
    assert writer.size == len(DATA)
    assert store.size(DIGEST) is None, "nothing shows before it is whole"
    assert list(store.digests()) == []
    writer.commit(DIGEST)
    assert store.size(DIGEST) == len(DATA)
    assert api.get(store, DIGEST) == DATA
    assert list(store.digests()) == [DIGEST]
    assert store.resume(writer.id) is None


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_both_algorithms_are_verified(store: BlobStore, algorithm: str) -> None:
    digest = api.put(store, DATA, algorithm=algorithm)
    assert digest == Digest(algorithm, hashlib.new(algorithm, DATA).hexdigest())
    assert api.get(store, digest) == DATA
    assert list(store.digests()) == [digest]
    writer = store.writer()
    writer.write(DATA + b"!")
    with pytest.raises(DigestMismatchError, match=f"the content is {algorithm}:.*, not {digest}"):
        writer.commit(digest)


def test_a_wrong_digest_keeps_nothing(store: BlobStore) -> None:
    writer = store.writer()
    writer.write(b"something else")
    with pytest.raises(DigestMismatchError):
        writer.commit(DIGEST)
    assert store.size(DIGEST) is None
    assert store.resume(writer.id) is None
    assert list(store.digests()) == []


def test_a_closed_upload_is_resumed_where_it_stood(store: BlobStore) -> None:
    writer = store.writer()
    writer.write(DATA[:5000])
    writer.close()
    resumed = store.resume(writer.id)
    assert resumed is not None
    assert (resumed.id, resumed.size) == (writer.id, 5000)
    resumed.write(DATA[5000:])
    resumed.commit(DIGEST)
    assert api.get(store, DIGEST) == DATA


def test_an_aborted_upload_is_gone(store: BlobStore) -> None:
    writer = store.writer()
    writer.write(DATA)
    writer.abort()
    assert store.resume(writer.id) is None


@pytest.mark.parametrize(
    "hostile",
    ["", ".", "..", "../blobs", "/etc/passwd", "..\\x", "a" * 31, "A" * 32, "a" * 32 + "\n", "\0" * 32, "a/" * 16],
)
def test_foreign_upload_ids_are_unknown(store: BlobStore, hostile: str) -> None:
    assert store.resume(hostile) is None


def test_upload_ids_are_not_guessable(store: BlobStore) -> None:
    writers = [store.writer() for _ in range(50)]
    for writer in writers:
        writer.close()
    ids = {writer.id for writer in writers}
    assert len(ids) == 50
    assert all(len(bytes.fromhex(id_)) == 16 for id_ in ids)


def test_what_is_not_there_is_said(store: BlobStore) -> None:
    assert store.size(DIGEST) is None
    assert store.delete(DIGEST) is False
    with pytest.raises(BlobUnknownError, match=str(DIGEST)):
        store.open(DIGEST)


def test_an_open_reader_outlives_the_blob(store: BlobStore) -> None:
    if os.name == "nt" and isinstance(store, DiskStore):
        pytest.skip("Windows removes no file that is open (DiskStore.delete says so)")
    api.put(store, DATA)
    with store.open(DIGEST) as reader:
        assert reader.read(10) == DATA[:10]
        assert store.delete(DIGEST) is True
        assert reader.read() == DATA[10:]
    assert store.size(DIGEST) is None


def test_a_reader_seeks(store: BlobStore) -> None:
    api.put(store, DATA)
    with store.open(DIGEST) as reader:
        reader.seek(100)
        assert reader.read(5) == DATA[100:105]


def test_the_same_blob_twice_is_one(store: BlobStore) -> None:
    first, second = store.writer(), store.writer()
    for writer in (first, second):
        writer.write(DATA)
    first.commit(DIGEST)
    second.commit(DIGEST)
    assert list(store.digests()) == [DIGEST]
    assert api.get(store, DIGEST) == DATA


def test_the_empty_blob(store: BlobStore) -> None:
    digest = api.put(store, b"")
    assert store.size(digest) == 0
    assert api.get(store, digest) == b""


def test_writers_in_several_threads(store: BlobStore) -> None:
    blobs = [bytes([number]) * 50_000 for number in range(8)]

    def write(blob: bytes) -> None:
        writer = store.writer()
        for chunk in _chunks(blob, 1000):
            writer.write(chunk)
        writer.commit(Digest.of(blob))

    threads = [threading.Thread(target=write, args=(blob,)) for blob in blobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {api.get(store, digest) for digest in store.digests()} == set(blobs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chunks=st.lists(st.binary(max_size=40), max_size=6), interrupted=st.booleans(), kind=st.sampled_from([bytes, bytearray, memoryview])
)  # fmt: skip
def test_any_chunks_make_the_same_blob(
    store: BlobStore, chunks: list[bytes], interrupted: bool, kind: type[memoryview]
) -> None:
    whole = b"".join(chunks)
    writer = store.writer()
    for chunk in chunks:
        writer.write(kind(chunk))
        if interrupted:
            writer.close()
            resumed = store.resume(writer.id)
            assert resumed is not None
            writer = resumed
    writer.commit(Digest.of(whole))
    assert api.get(store, Digest.of(whole)) == whole
