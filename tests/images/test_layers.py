"""Layers: reproducible, streamed, whole or not there."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from pullscope.content import api as content
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.images import layers
from pullscope.images.layers import Entry, Layer
from pullscope.oci import media
from pullscope.oci.digest import Digest


def unpacked(store: content.BlobStore, layer: Layer) -> tarfile.TarFile:
    plain = gzip.decompress(content.get(store, layer.descriptor.digest))
    assert Digest.of(plain) == layer.diff_id
    return tarfile.open(fileobj=io.BytesIO(plain))


def test_a_layer_holds_its_files_and_the_directories_above_them() -> None:
    store = MemoryStore()
    layer = layers.write(store, [Entry("deployments/a.war", b"archive"), Entry("probe", b"program", 0o555)])
    with unpacked(store, layer) as archive:
        found = [(member.name, member.type, member.mode, member.mtime, member.uid) for member in archive]
        file = archive.extractfile("deployments/a.war")
        assert file is not None
        assert file.read() == b"archive"
    assert found == [
        ("deployments", tarfile.DIRTYPE, 0o755, 0, 0),
        ("deployments/a.war", tarfile.REGTYPE, 0o644, 0, 0),
        ("probe", tarfile.REGTYPE, 0o555, 0, 0),
    ]
    assert layer.descriptor.media_type == media.OCI_LAYER_GZIP
    assert layer.descriptor.size == store.size(layer.descriptor.digest)


def test_the_same_files_give_the_same_bytes_wherever_they_are(tmp_path: Path) -> None:
    large = bytes(range(256)) * 5000
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_bytes(large)
    memory, disk = MemoryStore(), DiskStore(tmp_path / "store")
    first = layers.write(memory, [Entry("x/a", tmp_path / "one" / "a"), Entry("b", b"")])
    second = layers.write(disk, [Entry("b", b""), Entry("x/a", tmp_path / "other" / "a")])
    assert first == second
    header = content.get(disk, second.descriptor.digest)[:10]
    assert header == b"\x1f\x8b\x08\x00" + b"\0\0\0\0" + b"\x02\xff"  # no name, no time, unknown system


def test_a_file_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    with pytest.raises(FileNotFoundError):
        layers.write(store, [Entry("a", b"data"), Entry("b", tmp_path / "missing")])
    assert list(store.digests()) == []
    assert list((tmp_path / "uploads").iterdir()) == []
