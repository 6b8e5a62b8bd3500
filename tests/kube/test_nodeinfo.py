"""What the versions of a node tell."""

import pytest

from pullscope.kube import nodeinfo


@pytest.mark.parametrize(
    ("version", "release"),
    [("v1.36.2", (1, 36)), ("1.34", (1, 34)), ("v1.35.0+c1e1b4d", (1, 35)), ("", None), ("devel", None)],
)
def test_the_release_of_a_kubelet(version: str, release: tuple[int, int] | None) -> None:
    assert nodeinfo.release(version) == release


@pytest.mark.parametrize(
    ("version", "runtimes"),
    [
        ("cri-o://1.37.0", ("cri-o",)),
        ("containerd://1.6.20", ("containerd",)),
        ("embedded://0.1.0+containerd", ("embedded", "containerd")),
        ("", ("",)),
    ],
)
def test_whose_rules_a_runtime_follows(version: str, runtimes: tuple[str, ...]) -> None:
    assert nodeinfo.runtimes(version) == runtimes
