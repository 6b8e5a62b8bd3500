"""A directory as a build takes it."""

import gzip
import io
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from pullscope.oc import packing
from pullscope.oc.errors import OcError


def packed(root: Path) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(gzip.decompress(b"".join(packing.directory(root)))))


def test_names_are_relative_and_git_stays_out(tmp_path: Path) -> None:
    for name in (".git/config", ".s2i/environment", "a/b/node.war", "a/.git/x", "long/" + "n" * 120):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 9)
    (tmp_path / "empty.war").touch()
    archive = packed(tmp_path)
    names = {".s2i", ".s2i/environment", "a", "a/b", "a/b/node.war", "empty.war", "long", "long/" + "n" * 120}
    assert set(archive.getnames()) == names
    content = archive.extractfile("a/b/node.war")
    assert content is not None
    assert content.read() == b"a/b/node.war" * 9
    assert all((each.uid, each.gid) == (0, 0) for each in archive.getmembers())


@pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
def test_links_stay_links_and_modes_stay(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("../outside")
    archive = packed(tmp_path)
    assert (archive.getmember("run").mode, archive.getmember("link").linkname) == (0o755, "../outside")


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes in directories")
def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OcError, match="pipe is neither a file nor a directory nor a link"):
        packed(tmp_path)


def test_memory_does_not_grow_with_the_directory(tmp_path: Path) -> None:
    with (tmp_path / "app.war").open("wb") as file:
        file.truncate(16 << 20)
    tracemalloc.start()
    try:
        sent = sum(map(len, packing.directory(tmp_path)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0 < sent < 16 << 20
    assert peak < 2 << 20
