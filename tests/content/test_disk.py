"""What only the disk has: crashes, a full disk, old uploads, memory that stays flat."""

import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fulldisk import files_end_at

from pullscope.content import api
from pullscope.content.disk import DiskStore
from pullscope.oci.digest import Digest

MEGABYTE = 1 << 20


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_full_disk_takes_nothing_half(tmp_path: Path) -> None:
    """The refused piece is not in the upload, which goes on when there is space again."""
    store = DiskStore(tmp_path)
    writer = store.writer()
    writer.write(b"a" * 3000)
    with files_end_at(5000), pytest.raises(OSError, match="too large"):
        writer.write(b"b" * 3000)  # 2000 bytes of it fit
    assert writer.size == 3000
    assert [path.stat().st_size for path in _files(tmp_path)] == [3000]
    writer.write(b"c" * 10)
    data = b"a" * 3000 + b"c" * 10
    writer.commit(Digest.of(data))
    assert api.get(store, Digest.of(data)) == data


def test_an_upload_given_up_on_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    writer = store.writer()
    with files_end_at(1000), pytest.raises(OSError, match="too large"):
        writer.write(b"x" * 2000)
    writer.abort()
    assert _files(tmp_path) == []


def test_an_upload_survives_kill_9(tmp_path: Path) -> None:
    """Another process writes and is killed; what it wrote is resumed, and its blobs were whole or not there."""
    program = (
        "import os, signal, sys; from pathlib import Path; from pullscope.content import api, disk\n"
        f"store = disk.DiskStore(Path({str(tmp_path)!r}))\n"
        "api.put(store, b'whole'); writer = store.writer(); writer.write(b'half of ')\n"
        "print(writer.id, flush=True); os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))"
    )
    id_ = subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.PIPE, text=True).stdout.strip()
    store = DiskStore(tmp_path)
    assert list(store.digests()) == [Digest.of(b"whole")]
    writer = store.resume(id_)
    assert writer is not None
    writer.write(b"it")
    writer.commit(Digest.of(b"half of it"))
    assert api.get(store, Digest.of(b"half of it")) == b"half of it"


def test_blobs_are_found_by_the_next_process(tmp_path: Path) -> None:
    digest = api.put(DiskStore(tmp_path), b"data", algorithm="sha512")
    assert api.get(DiskStore(tmp_path), digest) == b"data"
    assert (tmp_path / "blobs" / "sha512" / digest.hex).read_bytes() == b"data"


def test_foreign_files_are_no_blobs(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    (tmp_path / "blobs" / "sha256" / ".DS_Store").write_bytes(b"")
    assert list(store.digests()) == []


def test_old_uploads_are_purged(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    writer = store.writer()
    writer.write(b"x")
    writer.close()
    written = datetime.fromtimestamp(next(iter(_files(tmp_path))).stat().st_mtime, UTC)
    assert store.purge_uploads(written - timedelta(seconds=1)) == 0
    assert store.purge_uploads(written + timedelta(seconds=1)) == 1
    assert store.resume(writer.id) is None


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_memory_stays_flat(tmp_path: Path, algorithm: str) -> None:
    """30 MB pass through, resumed half way; Python never holds more than the piece in hand and some buffers."""
    store = DiskStore(tmp_path)
    piece = bytes(MEGABYTE)
    digest = Digest.of(piece * 30, algorithm=algorithm)
    tracemalloc.start()
    try:
        writer = store.writer()
        for _ in range(15):
            writer.write(piece)
        writer.close()
        resumed = store.resume(writer.id)
        assert resumed is not None
        for _ in range(15):
            resumed.write(piece)
        resumed.commit(digest)
        with store.open(digest) as reader:
            while reader.read(MEGABYTE):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * MEGABYTE
