"""Paths in a container's root, with links and volumes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.runtime.rootfs import Root, Volume


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    base = tmp_path_factory.mktemp("root")
    for name in ("tree/a/b", "volume/c", "readonly"):
        (base / name).mkdir(parents=True)
    (base / "tree" / "absolute").symlink_to("/a/b")
    (base / "tree" / "a" / "relative").symlink_to("../a")
    (base / "tree" / "to-volume").symlink_to("/v")
    (base / "volume" / "to-tree").symlink_to("/a")
    (base / "volume" / "up").symlink_to("../../..")
    return Root(base / "tree", (Volume("/v", base / "volume"), Volume("/v/c/r", base / "readonly", readonly=True)))


@pytest.mark.parametrize(
    ("path", "directory", "real", "host", "readonly"),
    [
        ("/", "/", "/", "tree", True),
        ("a//./b/", "/", "/a/b", "tree/a/b", True),
        ("b", "/a", "/a/b", "tree/a/b", True),
        ("../../x", "/a/b", "/x", "tree/x", True),
        ("/absolute/x", "/", "/a/b/x", "tree/a/b/x", True),
        ("/a/relative/b", "/", "/a/b", "tree/a/b", True),
        ("/v/x", "/", "/v/x", "volume/x", False),
        ("/to-volume/c", "/", "/v/c", "volume/c", False),
        ("/v/c/r/x", "/", "/v/c/r/x", "readonly/x", True),
        ("/v/to-tree/b", "/", "/a/b", "tree/a/b", True),
        ("/v/up/x", "/", "/x", "tree/x", True),
        ("/vx", "/", "/vx", "tree/vx", True),
    ],
)
def test_find(root: Root, path: str, directory: str, real: str, host: str, readonly: bool) -> None:
    found = root.find(path, directory)
    assert (found.path, found.host, found.readonly) == (real, root.tree.parent / host, readonly)


@pytest.mark.parametrize("path", ["a\0b"])
def test_names_that_cannot_be(root: Root, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        root.find(path)


@given(
    st.lists(
        st.sampled_from(["..", "a", "absolute", "relative", "v", "up", "to-tree", "to-volume", "c", "r"]), max_size=8
    )
)
def test_nothing_is_found_outside(root: Root, parts: list[str]) -> None:
    host = root.find("/".join(parts)).host
    inside = [root.tree, *(volume.host for volume in root.volumes)]
    assert any(host.resolve().is_relative_to(place) for place in inside)
