"""Looking facts up: what nodes have under a name, and which image stream's tag a name goes through."""

from dataclasses import replace

import pytest
from tests.why.making import INTERNAL, NEW, OLD, OTHER, REPOSITORY, TAGGED, facts, node, nodes, running, stream

from pullscope.why.facts import NodeImage
from pullscope.why.world import Held, World


def world(*names: str) -> World:
    """Where node-1 has one image under these names."""
    return World(facts(nodes=nodes(node("node-1", *names))))


@pytest.mark.parametrize(
    ("names", "held"),
    [
        ((TAGGED, f"{REPOSITORY}@{OLD}"), Held((OLD,))),
        ((f"other.example/copy@{OTHER}", TAGGED, f"{REPOSITORY}@{OLD}"), Held((OLD, OTHER))),
        ((TAGGED,), Held(())),
        ((f"{REPOSITORY}@{OLD}",), None),
        ((f"{REPOSITORY}:v2", f"{REPOSITORY}@{OLD}"), None),
        (("<none>@<none>", "<none>:<none>"), None),
        ((), None),
    ],
)
def test_what_a_node_has_under_a_tag(names: tuple[str, ...], held: Held | None) -> None:
    """Its own repository's digests come first; what has lost its tag is not under it."""
    seen = world(*names)
    assert seen.held("node-1", seen.reference(TAGGED)) == held


def test_what_a_node_has_by_digest() -> None:
    seen = world(TAGGED, f"{REPOSITORY}@{OLD}")
    assert seen.held("node-1", seen.reference(f"{REPOSITORY}:other@{OLD}")) == Held((OLD,))
    assert seen.held("node-1", seen.reference(f"{REPOSITORY}@{NEW}")) is None
    assert seen.held("node-2", seen.reference(TAGGED)) is None


def test_a_short_name_is_the_one_of_docker_hub() -> None:
    seen = world("docker.io/library/busybox:latest", f"docker.io/library/busybox@{OLD}")
    assert seen.held("node-1", seen.reference("busybox")) == Held((OLD,))


def test_the_first_of_two_images_with_one_name_counts() -> None:
    two = replace(
        node(), images=(NodeImage((TAGGED, f"{REPOSITORY}@{OLD}")), NodeImage((TAGGED, f"{REPOSITORY}@{NEW}")))
    )
    seen = World(facts(nodes=nodes(two)))
    assert seen.held("node-1", seen.reference(TAGGED)) == Held((OLD,))


@pytest.mark.parametrize(("image", "tag"), [(f"{INTERNAL}:v1", "demo/app:v1"), (TAGGED, None), ("no reference!", None)])
def test_a_name_of_the_internal_registry_is_a_tag_of_a_stream(image: str, tag: str | None) -> None:
    seen = World(facts(streams=stream(NEW)))
    reference = seen.reference(image)
    found = seen.stream_of(reference) if reference else None
    assert (str(found) if found else None) == tag


@pytest.mark.parametrize(
    ("namespace", "image", "found"),
    [
        ("demo", "app:v1", True),
        ("demo", "app", True),
        ("demo", f"app@{OLD}", False),
        ("demo", "team/app:v1", False),
        ("other", "app:v1", False),
    ],
)
def test_a_short_name_may_be_a_stream(namespace: str, image: str, found: bool) -> None:
    seen = World(facts(streams=stream(NEW, lookup_local=True)))
    assert (seen.looked_up(namespace, image) is not None) == found


def test_without_local_lookup_a_short_name_is_none() -> None:
    assert World(facts(streams=stream(NEW))).looked_up("demo", "app:v1") is None


def test_containers_of_one_written_image_are_together() -> None:
    first, second = running(), running(pod="app-2", uid="uid-2")
    seen = World(facts(first, second, running(f"{REPOSITORY}:v2"), running(namespace="other")))
    assert list(seen.siblings(first)) == [first, second]


def test_what_is_common_is_made_once() -> None:
    seen, made = World(facts()), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert (seen.once("key", make), seen.once("key", make), len(made)) == (1, 1, 1)
