"""`pullscope node` on a cluster that is no lab of ours to it: what its API tells, and what a debug pod sees and does."""

from contextlib import aclosing
from typing import Any

import pytest

from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.cli import nodecluster
from pullscope.cli.nodewhere import Part, Where
from pullscope.clusters.cluster import connect
from pullscope.kube import resources
from pullscope.testing.lab import Lab


def there(lab: Lab, *, access: bool = True) -> Where:
    return Where("default", kubeconfig=lab.kubeconfig, access=access)


async def do(where: Where, command: str, *words: str, **arguments: Any) -> list[Part]:
    return [part async for part in nodecluster.COMMANDS[command](where, {"words": list(words), **arguments})]


def tags(parts: list[Part]) -> set[str]:
    return {tag for part in parts for tag in part["repoTags"]}


async def debug_namespaces(lab: Lab) -> list[str]:
    async with connect(lab.kubeconfig) as cluster:
        found = (await cluster.list(resources.NAMESPACES)).items
    names = [each["metadata"]["name"] for each in found if not each["metadata"].get("deletionTimestamp")]
    return [name for name in names if name.startswith("openshift-debug-")]


async def test_a_debug_pod_does_what_crictl_does(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    image = str(lab.push("a.war", "nodecluster/app:v1"))
    (pulled,) = await do(there(lab), "pull", image)
    (found,) = [part for part in await do(there(lab), "images") if image in part["repoTags"]]
    assert (found["id"], found["source"]) == (pulled["image"], "crictl")
    would = await do(there(lab), "prune", dry_run=True)
    assert image in {name for part in would for name in part["deleted"]}
    (removed, missing) = await do(there(lab), "rmi", "crc", image, "nosuch:v1")
    assert removed == {"deleted": [image]}
    assert missing == {"failed": 'error of removing image "nosuch:v1": no such image nosuch:v1'}
    with pytest.raises(PullscopeError, match=r"^pulling image: unable to pull image .*manifest unknown$"):
        await do(there(lab), "pull", f"{lab.registry}/nodecluster/app:v2")
    assert await debug_namespaces(lab) == []
    assert "crictl on crc, through a debug pod" in capsys.readouterr().err


async def test_a_report_says_how_old_and_how_short_it_is(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    reported = await do(there(lab, access=False), "images", "crc")
    seen = await do(there(lab), "images", "crc")
    assert tags(reported) <= tags(seen)
    assert all(part["source"] == "node.status.images" and part["age_seconds"] >= 0 for part in reported)
    told = capsys.readouterr().err.splitlines()[0]
    assert told.startswith("node.status.images of crc, ")
    assert "its 50 largest images, at most five names each" in told


@pytest.mark.parametrize("access", [False, True])
async def test_a_cluster_is_asked_again_and_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, access: bool
) -> None:
    monkeypatch.setattr(nodecluster, "_REPORTED_EVERY" if not access else "_SEEN_EVERY", 0.05)
    image = str(lab.push("a.war", f"nodecluster/watched-{access}:v1".lower()))
    async with aclosing(nodecluster.watch(there(lab, access=access), {"words": ["crc"]})) as parts:
        first = await anext(parts)
        assert first["pulls"] == []
        await do(there(lab), "pull", image)
        seen: list[Part] = []
        while not any(image in part["image"]["repoTags"] for part in seen):
            seen.append(await anext(parts))
    assert {part["type"] for part in seen} <= {"ADDED", "MODIFIED", "DELETED"}
    told = "asked every 0.05 s; pulls under way cannot be seen there, `kubectl get events -A -w` tells of their begin and end"
    assert told in capsys.readouterr().err


async def test_what_cannot_be_done_is_said(lab: Lab) -> None:
    with pytest.raises(UsageError, match="nobody can remove images on nodes through the API"):
        await do(there(lab, access=False), "rmi", "x")
    with pytest.raises(UsageError, match='nodes "crc-9" not found'):
        await do(there(lab), "images", "crc-9")
    developer = Where("default", context=lab.developer_context, kubeconfig=lab.kubeconfig)
    with pytest.raises(UnreachableError, match="you may not read nodes"):
        await do(developer, "images")


@pytest.fixture
def lab(pullscope_lab: Lab) -> Lab:
    return pullscope_lab
