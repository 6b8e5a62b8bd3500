"""What is where in an image, without unpacking it."""

import io
import tarfile
from collections.abc import Sequence

import pytest

from pullscope.base.errors import PullscopeError
from pullscope.images import tree
from pullscope.images.tree import Tree
from pullscope.runtime.archive import Allowance


def layer(*members: str) -> io.BytesIO:
    """`name/` is a directory, `name -> target` a link, anything else a file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for text in members:
            name, arrow, target = text.partition(" -> ")
            member = tarfile.TarInfo(name)
            if arrow:
                member.type, member.linkname = tarfile.SYMTYPE, target
            elif name.endswith("/"):
                member.type = tarfile.DIRTYPE
            archive.addfile(member)
    buffer.seek(0)
    return buffer


def asked(path: str, *layers: Sequence[str]) -> tuple[bool, list[int]]:
    """The answer, and which layers it took, lowest layer first."""
    image, read = Tree(len(layers)), list[int]()

    def learn(number: int) -> None:
        read.append(number)
        image.learn(number, tree.listing(layer(*layers[number]), Allowance()))

    return tree.answered(lambda: image.is_directory(path), learn), read


@pytest.mark.parametrize(
    ("path", "layers", "expected"),
    [
        ("/", [], True),
        ("/a", [["a/"]], True),
        ("/a", [["./a/b"]], True),
        ("/a/b", [["a/b"]], False),
        ("/a/b/c", [["a/b"]], False),
        ("/nothing", [["a/"]], False),
        ("/var/run/x", [["run/x/"], ["var/run -> /run"]], True),
        ("/opt/current", [["opt/v1/"], ["opt/current -> v1"]], True),
        ("/opt/a/up", [["opt/v1/", "opt/a/up -> ../v1"]], True),
        ("/a", [["a/"], ["a"]], False),
        ("/a", [["a/"], [".wh.a"]], False),
        ("/a/b", [["a/b/"], [".wh.a"]], False),
        ("/a/b", [["a/b/"], ["a/.wh..wh..opq"]], False),
        ("/a", [["a/b/"], ["a/.wh..wh..opq"]], True),
        ("/a/b", [["a/b/"], ["a/.wh..wh..opq", "a/b/"]], True),
    ],
)
def test_directories(path: str, layers: list[list[str]], expected: bool) -> None:
    assert asked(path, *layers)[0] is expected


def test_no_layer_is_read_in_vain() -> None:
    assert asked("/a", ["b/"], ["a/"], ["c/"])[1] == [2, 1]
    assert asked("/", ["b/"])[1] == []


def test_a_loop_of_links_ends() -> None:
    with pytest.raises(PullscopeError, match="too many levels of symbolic links in the base image: /a"):
        asked("/a", ["a -> b", "b -> a"])
