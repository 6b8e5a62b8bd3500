"""Uploads that are unpacked, and those that are refused."""

import io
import zipfile
from pathlib import Path

import pytest
from tests.builder.archives import Content, tar, zipped

from pullscope.builder import uploads
from pullscope.runtime.archive import Allowance, LayerError


def unpacked(tmp_path: Path, data: bytes, allowance: Allowance | None = None) -> Path:
    upload, target = tmp_path / "upload", tmp_path / "inputs"
    upload.write_bytes(data)
    uploads.unpack(upload, target, allowance or Allowance(what="the upload"))
    return target


FILES: dict[str, Content] = {"ROOT.war": b"archive", "sub/": b"", "sub/a.txt": b"a", "link.war": "-> ROOT.war"}


def _named(value: object) -> str:
    """What a case is called: archives hold the time at which they were made, and every worker makes its own."""
    return value if isinstance(value, str) else "archive"


@pytest.mark.parametrize("data", [tar(FILES), tar(FILES, "w"), tar(FILES, "w:bz2"), zipped(FILES)], ids=_named)
def test_every_form_of_archive(tmp_path: Path, data: bytes) -> None:
    inputs = unpacked(tmp_path, data)
    assert {path.name: path.read_text() for path in inputs.rglob("*") if path.is_file()} == {
        "ROOT.war": "archive",
        "a.txt": "a",
        "link.war": "archive",
    }
    assert (inputs / "link.war").is_symlink()


def test_modes_are_kept(tmp_path: Path) -> None:
    script = io.BytesIO()
    with zipfile.ZipFile(script, "w") as archive:
        info = zipfile.ZipInfo("run.sh")
        info.external_attr = 0o755 << 16
        archive.writestr(info, b"#!")
    assert (unpacked(tmp_path, script.getvalue()) / "run.sh").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (tar({"../../etc/cron.d/x": b"1"}), r"the name leads out of the root: '\.\./\.\./etc/cron\.d/x'"),
        (tar({"/etc/passwd": b"1"}), "the name is absolute: '/etc/passwd'"),
        (tar({"a": "-> /etc/passwd"}), "the link a is absolute: '/etc/passwd'"),
        (tar({"a/b": "-> ../../secret"}), r"the link a/b leads out of the root"),
        (tar({"a": "=> ../secret"}), r"the hard link a leads out of the root"),
        (tar({"a": "=> nothing"}), "which is no other file"),
        (tar({"tty": "device"}), "tty is a character device"),
        (tar({"disk": "block"}), "disk is a block device"),
        (tar({"pipe": "fifo"}), "pipe is a fifo"),
        (tar({"d/.wh.app": b""}), r"d/\.wh\.app would hide files of the base image"),
        (tar({"f": b"1", "f/g": b"2"}), "f is a file"),
        (tar({"d/" * 101 + "f": b"1"}), "d/d/d/.*… lies more than 100 directories deep"),
        (b"PK\x03\x04" + b"0" * 100, "not a readable zip: it has no end"),
        (zipped({"../x": b"1"}), r"the name leads out of the root: '\.\./x'"),
        (zipped({"/x": b"1"}), "the name is absolute: '/x'"),
        (zipped({"a": "-> ../x"}), "the link a leads out of the root"),
        (zipped({"a": "fifo"}), "a is neither a file nor a directory nor a link"),
        (zipped({"a": b"12345"}).replace(b"34261", b"44261"), "not a readable zip: Error -3"),
        (b"<html>not an archive</html>", "not a readable tar"),
        (tar({"a": b"0" * 4000})[:60], "not a readable tar"),
        (tar({"a": b"0" * 4000}, "w:bz2")[:60], "not a readable bzip2"),
        (tar({"a": b"0" * 4000}, "w")[:2000], "not a readable tar"),
    ],
    ids=_named,
)
def test_what_cannot_be_made_safely_is_refused_by_name(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(LayerError, match=why):
        unpacked(tmp_path, data)
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_links_are_not_followed_out_of_the_directory(tmp_path: Path) -> None:
    """Each link stays inside, and both together would not."""
    (tmp_path / "secret").write_text("old")
    data = tar({"a/b/c/up": "-> ../../..", "x/out": "-> ../a/b/c/up/../secret", "x/out/new": b"1"})
    inputs = unpacked(tmp_path, data)
    assert (tmp_path / "secret").read_text() == "old"
    assert (inputs / "secret" / "new").read_text() == "1"


@pytest.mark.parametrize("data", [tar({"zeros": bytes(10_000_000)}), zipped({"zeros": bytes(10_000_000)})], ids=_named)
def test_bombs_are_refused_before_they_fill_the_disk(tmp_path: Path, data: bytes) -> None:
    assert len(data) < 20_000
    with pytest.raises(LayerError, match="the upload: too large when unpacked"):
        unpacked(tmp_path, data, Allowance(bytes=5_000_000, what="the upload"))
    many = {str(number): b"" for number in range(20)}
    for archive in (tar(many), zipped(many)):
        with pytest.raises(LayerError, match="the upload: too many files"):
            unpacked(tmp_path, archive, Allowance(files=10, what="the upload"))


def test_lists_of_files_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"1"}))
    data[-10:-6] = (1 << 30).to_bytes(4, "little")
    with pytest.raises(LayerError, match="a zip of too many files"):
        unpacked(tmp_path, bytes(data))
    small = zipped({"a": b"1"})
    with pytest.raises(LayerError, match="a zip of too many files"):
        unpacked(tmp_path, small[:-22] + b"PK\x06\x07" + bytes(16) + small[-22:])


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"1"}))
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    with pytest.raises(LayerError, match="a is encrypted"):
        unpacked(tmp_path, bytes(data))
