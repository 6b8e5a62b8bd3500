"""Digests of one image in all their forms, and of images that differ."""

import pytest
from tests.why.making import NEW, OLD, OTHER, REPOSITORY

from pullscope.why import identity
from pullscope.why.facts import Node, RegistryImage
from pullscope.why.identity import Running

HEX = OLD.removeprefix("sha256:")
AMD, ARM = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
INDEX = RegistryImage("found", NEW, manifests={"linux/amd64": AMD, "linux/arm64/v8": ARM})
IMPORTED = Running(OLD, "docker.io/library/import-2026-11-21")
MINE = Running(OLD, REPOSITORY)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"{REPOSITORY}@{OLD}", MINE),
        (f"docker-pullable://{REPOSITORY}@{OLD}", MINE),
        (f"busybox@{OLD}", Running(OLD, "docker.io/library/busybox")),
        (f"localhost:5000/a/b@{OLD}", Running(OLD, "localhost:5000/a/b")),
        (OLD, Running(OLD)),
        (HEX, Running(OLD)),
        (f"docker://{OLD}", Running(OLD)),
        ("", None),
        ("busybox:latest", None),
        ("sha256:short", None),
        (f"team/UPPER@{OLD}", None),
        (f"{REPOSITORY}@md5:{HEX}", None),
    ],
)
def test_an_image_id_is_read_in_every_form(text: str, read: Running | None) -> None:
    assert identity.read(text) == read


def single(digest: str, config: str = "") -> RegistryImage:
    return RegistryImage("found", digest, config=config)


@pytest.mark.parametrize(
    ("running", "wanted", "known", "on", "answer"),
    [
        (MINE, single(OLD), {}, "", "same"),
        (Running(OLD, "other.example/copy"), single(OLD), {}, "", "same"),
        (MINE, single(NEW, OTHER), {}, "", "different"),
        (MINE, single(NEW), {}, "", "cannot tell"),
        (IMPORTED, single(NEW, OTHER), {}, "", "cannot tell"),
        (IMPORTED, single(NEW, OTHER), {str(IMPORTED): single(OLD, OTHER)}, "", "same"),
        (MINE, single(NEW), {str(MINE): single(OLD)}, "", "cannot tell"),
        (Running(NEW, REPOSITORY), INDEX, {}, "linux/amd64", "same"),
        (Running(AMD, REPOSITORY), INDEX, {}, "linux/amd64", "same"),
        (MINE, INDEX, {}, "linux/amd64", "different"),
        (Running(OLD), single(NEW, config=OLD), {}, "", "same"),
        (Running(OLD), single(NEW, config=OTHER), {}, "", "different"),
        (Running(OLD), single(NEW), {}, "", "cannot tell"),
        (Running(OLD), INDEX, {}, "linux/amd64", "cannot tell"),
        (Running(OLD), INDEX, {f"{REPOSITORY}@{AMD}": single(AMD, config=OLD)}, "linux/amd64", "same"),
        (Running(OLD), INDEX, {f"{REPOSITORY}@{AMD}": single(AMD, config=OTHER)}, "linux/amd64", "different"),
        (Running(OLD), INDEX, {f"{REPOSITORY}@{AMD}": single(AMD, config=OTHER)}, "", "cannot tell"),
        (Running(OLD), INDEX, {f"{REPOSITORY}@{ARM}": single(ARM, config=OLD)}, "linux/arm64", "same"),
        (MINE, INDEX, {str(MINE): RegistryImage("found", OLD, manifests={"linux/amd64": AMD})}, "linux/amd64", "same"),
        (
            MINE,
            INDEX,
            {str(MINE): RegistryImage("found", OLD, manifests={"linux/amd64": OTHER, "linux/arm64/v8": ARM})},
            "linux/amd64",
            "different",
        ),
        (
            MINE,
            INDEX,
            {str(MINE): RegistryImage("found", OLD, manifests={"linux/amd64": OTHER, "linux/arm64/v8": ARM})},
            "",
            "cannot tell",
        ),
        (MINE, single(ARM), {str(MINE): RegistryImage("found", OLD, manifests=INDEX.manifests)}, "linux/amd64", "same"),
        (MINE, single(AMD), {str(MINE): RegistryImage("found", OLD, manifests={"linux/amd64": AMD})}, "", "same"),
        (MINE, single(NEW, OTHER), {str(MINE): single(OLD, OTHER)}, "", "same"),
        (MINE, single(NEW, OTHER), {str(MINE): RegistryImage("no tag")}, "", "different"),
        (MINE, RegistryImage("unreachable"), {}, "", "cannot tell"),
    ],
)
def test_two_digests_are_compared(
    running: Running, wanted: RegistryImage, known: dict[str, RegistryImage], on: str, answer: str
) -> None:
    assert identity.compare(running, [REPOSITORY], wanted, known, on) == answer


def test_a_loaded_image_is_told_by_its_name() -> None:
    assert [each.loaded for each in (Running(OLD), IMPORTED, MINE)] == [True, True, False]


def test_a_platform_needs_both_of_its_parts() -> None:
    assert identity.platform(Node("n", os="linux", architecture="arm64")) == "linux/arm64"
    assert identity.platform(Node("n", os="linux")) == ""
    assert identity.platform(None) == ""
