"""Layers applied to a tree: whiteouts, links, and everything that a hostile image may try."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fulldisk import files_end_at
from tests.runtime import tars
from tests.runtime.tars import Item, directory, file, hardlink, symlink

from pullscope.oci.digest import Digest
from pullscope.runtime.archive import Allowance, LayerError
from pullscope.runtime.unpack import unpack


def listing(root: Path) -> dict[str, str]:
    """What is below `root`: contents of files, `/` for directories, `-> target` for links."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink().as_posix()}"
        else:
            found[name] = "/" if path.is_dir() else path.read_text()
    return found


def unpacked(target: Path, *layers: list[Item]) -> dict[str, str]:
    unpack([tars.layer(*items) for items in layers], target, Allowance())
    return listing(target)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([[]], {}),
        ([[file("a/b/c", b"1")]], {"a": "/", "a/b": "/", "a/b/c": "1"}),
        ([[file("./a", b"1"), directory("./b/")]], {"a": "1", "b": "/"}),
        ([[file("a", b"1")], [file("a", b"2")]], {"a": "2"}),
        ([[file("a/b", b"1")], [directory("a", 0o700), file("a/c", b"2")]], {"a": "/", "a/b": "1", "a/c": "2"}),
        ([[file("a/b", b"1")], [file("a", b"2")]], {"a": "2"}),
        ([[file("a", b"1")], [file("a/b", b"2"), file(".wh.c")]], LayerError("a is not a directory: a is a file")),
        ([[symlink("l", "d"), file("d/a", b"1")], [file("l/b", b"2")]], {"d": "/", "d/a": "1", "d/b": "2", "l": "-> d"}),
        ([[symlink("l", "d"), file("d/a", b"1")], [directory("l")]], {"d": "/", "d/a": "1", "l": "/"}),
        ([[file("a", b"1"), hardlink("b", "a")]], {"a": "1", "b": "1"}),
        ([[file("a", b"1"), hardlink("b", "a")], [file("b", b"2")]], {"a": "1", "b": "2"}),
        # whiteouts speak of the layers below only
        ([[file("a", b"1"), file("b", b"1")], [file(".wh.a")]], {"b": "1"}),
        ([[file("a/b", b"1"), file("a/c/d", b"1")], [file("a/.wh.c")]], {"a": "/", "a/b": "1"}),
        ([[file(".wh.a"), file("a", b"1")]], {"a": "1"}),
        ([[file("a", b"1")], [file("a", b"2"), file(".wh.a")]], {"a": "2"}),
        ([[file("a", b"1")], [file(".wh.missing"), file("x/.wh.y")]], {"a": "1"}),
        ([[file("a/b", b"1"), file("a/c", b"1")], [file("a/new", b"2"), file("a/.wh..wh..opq")]], {"a": "/", "a/new": "2"}),
        ([[file("a/b/c", b"1")], [file("a/b/new", b"2"), file("a/.wh..wh..opq")]], {"a": "/", "a/b": "/", "a/b/new": "2"}),
        ([[symlink("l", "d"), file("d/a", b"1")], [file("l/.wh.a")]], {"d": "/", "l": "-> d"}),
        ([[file("a", b"1")], [file(".wh..wh.plnk")]], {"a": "1"}),
    ],
)  # fmt: skip
def test_layers(tmp_path: Path, layers: list[list[Item]], expected: dict[str, str] | LayerError) -> None:
    if isinstance(expected, LayerError):
        with pytest.raises(LayerError, match=str(expected)):
            unpacked(tmp_path / "tree", *layers)
        assert list(tmp_path.iterdir()) == []
    else:
        assert unpacked(tmp_path / "tree", *layers) == expected


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([file("../a")], "leads out of the root: '../a'"),
        ([file("a/../../b")], "leads out of the root"),
        ([file("/etc/passwd")], "absolute: '/etc/passwd'"),
        ([symlink("a", "/etc")], "the link a is absolute"),
        ([symlink("a/b", "../../etc")], "the link a/b leads out of the root"),
        ([symlink("a", "")], "has no target"),
        ([hardlink("a", "/etc/passwd")], "the hard link a is absolute"),
        ([hardlink("a", "../etc/passwd")], "the hard link a leads out"),
        ([hardlink("a", "b")], "no other file of the image"),
        ([file("a"), hardlink("a", "a")], "no other file of the image"),
        ([file("d/a"), hardlink("d", "d/a")], "no other file of the image"),
        ([symlink("l", "x"), hardlink("a", "l")], "no other file of the image"),
        ([tars.other("console", tarfile.CHRTYPE)], "console is a character device"),
        ([tars.other("disk", tarfile.BLKTYPE)], "disk is a block device"),
        ([tars.other("pipe", tarfile.FIFOTYPE)], "pipe is a fifo"),
        ([tars.other("x", b"Z")], "x is of the unknown type b'Z'"),
        ([file(".wh.")], "whiteout without a name"),
        ([file(".wh...")], "whiteout without a name"),
        ([symlink("a", "b"), symlink("b", "a"), file("a/x")], "too many links"),
        ([file("b\udcff")], "not UTF-8"),
    ],
)  # fmt: skip
def test_hostile_layers_are_refused_by_name_and_leave_nothing(tmp_path: Path, items: list[Item], message: str) -> None:
    with pytest.raises(LayerError, match=message):
        unpacked(tmp_path / "tree", items)
    assert list(tmp_path.iterdir()) == []


def test_a_link_made_before_is_not_a_way_out(tmp_path: Path) -> None:
    """Through links inside the image a path may name anything, and still stays inside."""
    (tmp_path / "outside").mkdir()
    layers = [
        [directory("d/e"), symlink("d/e/up", "../.."), symlink("over", "d/e/up/d/e/up")],
        [symlink("d/e/up", ".."), file("over/over/file", b"1")],
    ]
    found = unpacked(tmp_path / "tree", *layers)
    assert [name for name, what in found.items() if what == "1"] != []
    assert list((tmp_path / "outside").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "tree"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["file", "directory", "symlink", "hardlink", "whiteout", "opaque"]),
            st.lists(st.sampled_from(["a", "b", "..", "."]), min_size=1, max_size=3),
            st.lists(st.sampled_from(["a", "b", "..", ".", ""]), max_size=4),
        ),
        max_size=12,
    )
)
def test_nothing_ever_lies_outside(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[str], list[str]]]
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    layers = []
    for kind, path, target in steps:
        name, to = "/".join(path), "/".join(target)
        made = {
            "file": file(name, b"x"), "directory": directory(name), "symlink": symlink(name, to),
            "hardlink": hardlink(name, to), "whiteout": file(f"{name}/.wh.a"), "opaque": file(f"{name}/.wh..wh..opq"),
        }  # fmt: skip
        layers.append(tars.layer(made[kind]))
    try:
        unpack(layers, outside / "tree", Allowance())
    except LayerError:
        assert list(outside.iterdir()) == []
        return
    assert [path.name for path in outside.iterdir()] == ["tree"]
    root = outside / "tree"
    for found in root.rglob("*"):
        assert not found.is_symlink() or Path(os.path.normpath(found.parent / found.readlink())).is_relative_to(root)


def test_modes_are_kept_and_the_owner_can_always_remove(tmp_path: Path) -> None:
    unpacked(tmp_path / "tree", [directory("d", 0o000), file("d/p", b"", 0o555), file("d/q", b"", 0o000)])
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tree").rglob("*")}
    assert modes == {"d": 0o700, "p": 0o755, "q": 0o600}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a readable tar"),
        (b"no tar at all" * 100, "not a readable tar"),
        (gzip.compress(tars.tar([file("a", b"1" * 5000)]))[:-40], "not a readable tar"),
        (tars.tar([file("a", b"1" * 5000)])[:3000], "not a readable tar"),
        (tars.tar([file("a", b"1"), file("b", b"2")])[:1024] + b"garbage!" * 64, "not a readable tar"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "compressed with zstd"),
    ],
    ids=["empty", "text", "cut gzip", "cut tar", "garbage after a member", "zstd"],
)
def test_unreadable_layers(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        unpack([(io.BytesIO(data), Digest.of(b""))], tmp_path / "tree", Allowance())
    assert list(tmp_path.iterdir()) == []


def test_a_plain_tar_is_a_layer_too(tmp_path: Path) -> None:
    plain = tars.tar([file("a", b"1")])
    unpack([(io.BytesIO(plain), Digest.of(plain))], tmp_path / "tree", Allowance())
    assert listing(tmp_path / "tree") == {"a": "1"}


def test_what_the_config_promised_is_checked(tmp_path: Path) -> None:
    blob, _ = tars.layer(file("a", b"1"))
    with pytest.raises(LayerError, match="layers diffID mismatch"):
        unpack([(blob, Digest.of(b"else"))], tmp_path / "tree", Allowance())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("allowance", "message"),
    [(Allowance(bytes=20_000), "too large"), (Allowance(files=2), "too many files")],
)
def test_sizes_are_bounded_over_all_layers(tmp_path: Path, allowance: Allowance, message: str) -> None:
    layers = [tars.layer(file("a", bytes(8_000)), file("b")), tars.layer(file("c", bytes(8_000)))]
    with pytest.raises(LayerError, match=message):
        unpack(layers, tmp_path / "tree", allowance)
    assert list(tmp_path.iterdir()) == []


def test_a_header_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 2**32
    data = header.tobuf(tarfile.GNU_FORMAT) + bytes(10_240)
    with pytest.raises(LayerError, match="a header of 4294967296 bytes"):
        unpack([(io.BytesIO(data), Digest.of(data))], tmp_path / "tree", Allowance())


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_SPARSE, 0
    data = header.tobuf(tarfile.GNU_FORMAT) + bytes(10_240)
    with pytest.raises(LayerError, match="x is a sparse file"):
        unpack([(io.BytesIO(data), Digest.of(data))], tmp_path / "tree", Allowance())


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with files_end_at(50_000), pytest.raises(OSError, match="File too large"):
        unpacked(tmp_path / "tree", [file("a", bytes(100_000))])
    assert list(tmp_path.iterdir()) == []
