"""What every namespace is given: user ids and SELinux categories of its own, labels for pod security."""

import pytest
from tests.controllers.world import World

from pullscope.controllers import namespacesecurity
from pullscope.kube import resources
from pullscope.kube.api import Object

LABELS = {
    "pod-security.kubernetes.io/audit": "restricted",
    "pod-security.kubernetes.io/audit-version": "latest",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/warn-version": "latest",
}


def namespace(name: str = "demo", **metadata: object) -> Object:
    return {"metadata": {"name": name, **metadata}, "status": {"phase": "Active"}}


# Blocks and categories as real clusters have given them.
@pytest.mark.parametrize(("block", "level"), [(0, "s0:c1,c0"), (68, "s0:c26,c15"), (82, "s0:c29,c4"), (1, "s0:c3,c2")])
def test_categories(block: int, level: str) -> None:
    assert namespacesecurity.categories(block) == level


def test_no_two_blocks_have_the_same_categories() -> None:
    levels = [namespacesecurity.categories(block) for block in range(5000)]
    assert len(set(levels)) == len(levels)


def test_the_lowest_free_block() -> None:
    patch = namespacesecurity.plan(namespace(), {0, 1, 3})
    ids = "1000020000/10000"
    assert patch == {
        "metadata": {
            "annotations": {
                "openshift.io/sa.scc.uid-range": ids,
                "openshift.io/sa.scc.supplemental-groups": ids,
                "openshift.io/sa.scc.mcs": "s0:c5,c0",
            },
            "labels": LABELS,
        }
    }
    assert namespacesecurity.plan(namespace(**patch["metadata"]), {0, 1, 2, 3}) is None


def test_what_is_there_stays() -> None:
    given = {"openshift.io/sa.scc.uid-range": "1/1", "openshift.io/sa.scc.mcs": "mine"}
    assert namespacesecurity.block_of(namespace(annotations=given)) is None
    labels = {**LABELS, "pod-security.kubernetes.io/warn": "privileged"}
    assert namespacesecurity.plan(namespace(annotations=given, labels=labels), ()) is None


@pytest.mark.parametrize(
    ("name", "wanted", "labelled"),
    [
        ("demo", None, True),
        ("demo", "false", False),
        ("default", None, False),
        ("kube-system", None, False),
        ("openshift", None, False),
        ("openshift-config", None, False),
        ("openshift-mine", "true", True),
    ],
)
def test_which_namespaces_are_labelled(name: str, wanted: str | None, labelled: bool) -> None:
    labels = {"security.openshift.io/scc.podSecurityLabelSync": wanted} if wanted else {}
    patch = namespacesecurity.plan(namespace(name, labels=labels), ())
    assert patch is not None
    assert ("labels" in patch["metadata"]) == labelled


def test_a_namespace_that_goes_is_left_alone() -> None:
    assert namespacesecurity.plan({"metadata": {"name": "x"}, "status": {"phase": "Terminating"}}, ()) is None


async def test_every_namespace_has_its_own(world: World) -> None:
    for number in range(10):
        await world.make(resources.NAMESPACES, {"metadata": {"name": f"n{number}"}}, None)
    ids: list[str] = []

    async def all_have() -> bool:
        found = [each["metadata"].get("annotations") or {} for each in await world.items(resources.NAMESPACES, None)]
        ids[:] = [each["openshift.io/sa.scc.uid-range"] for each in found if "openshift.io/sa.scc.uid-range" in each]
        return len(ids) == len(found)

    await world.until(resources.NAMESPACES, all_have)
    assert len(set(ids)) == len(ids) > 10
