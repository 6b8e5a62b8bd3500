"""Several nodes: names of images belong to each, content is shared, and pods have addresses of their own node."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.world import push, running

from pullscope.content import api as blobs
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.kube import resources
from pullscope.lab import assembly, names, nodes
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.lab.nodes import SharedContent
from pullscope.oci.digest import Digest


def test_networks_do_not_overlap() -> None:
    pairs = itertools.combinations([nodes.network(index) for index in range(names.MOST_NODES)], 2)
    assert not any(one.overlaps(other) for one, other in pairs)


# ------------------------------------------------------------------------------------------------ a lab with three


async def image_id(lab: Lab, name: str, image: str, node: str) -> str:
    """Run a pod on a node; returns the image that it runs."""
    return str((await running(lab, name, image, node))["imageID"])


async def test_a_pod_that_moves_meets_another_cache(tmp_path: Path) -> None:
    """The stale image of one node is not the stale image of another."""
    async with assembly.running(LabConfig(root=tmp_path, nodes=3)) as lab:
        name = f"{lab.registry}/demo/app:v1"
        old = await push(lab.registry, name, "node.war")
        assert await image_id(lab, "first", name, "crc-2") == f"{lab.registry}/demo/app@{old}"
        new = await push(lab.registry, name, "registry.war")
        assert await image_id(lab, "again", name, "crc-2") == f"{lab.registry}/demo/app@{old}"
        assert await image_id(lab, "moved", name, "crc-3") == f"{lab.registry}/demo/app@{new}"
        listed = {node.name: len(await node.images.list_images()) for node in lab.nodes}
        assert listed == {"crc": 0, "crc-2": 1, "crc-3": 1}
        found = (await lab.api.list(resources.NODES)).items
        assert [each["spec"]["podCIDR"] for each in found] == ["10.128.0.0/18", "10.128.64.0/18", "10.128.128.0/18"]
        pods = (await lab.api.list(resources.PODS, "default")).items
        addresses = {each["metadata"]["name"]: each["status"]["podIP"] for each in pods}
        assert addresses == {"first": "10.128.64.4", "again": "10.128.64.5", "moved": "10.128.128.4"}


async def test_a_blob_stays_as_long_as_any_node_needs_it(tmp_path: Path) -> None:
    config, stored = LabConfig(root=tmp_path, nodes=2), DiskStore(tmp_path / "content")
    async with assembly.running(config) as lab:
        one, other = (node.images for node in lab.nodes)
        name = f"{lab.registry}/demo/app:v1"
        await push(lab.registry, name, "node.war")
        await one.pull_image(name)
        shared = set(stored.digests())
        await other.pull_image(name)
        assert set(stored.digests()) == shared
        await one.remove_image(name)
        assert set(stored.digests()) == shared
    async with assembly.running(config) as lab:  # what the images name counts, not what a process remembers
        one, other = (node.images for node in lab.nodes)
        assert set(stored.digests()) == shared
        await other.remove_image(name)
        assert set(stored.digests()) == set()


async def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    stored = DiskStore(tmp_path / "content")
    blobs.put(stored, b"of a pull that never ended")
    half = stored.writer()
    half.write(b"half a blob")
    half.close()
    async with assembly.running(LabConfig(root=tmp_path)):
        assert list(stored.digests()) == []
        assert list((tmp_path / "content" / "uploads").iterdir()) == []


# ------------------------------------------------------------------------------------------------ deleting blobs


@dataclass
class Node:
    """What one node needs, and whether it pulls."""

    needed: set[Digest] = field(default_factory=set)
    pulling: bool = False

    def blobs(self) -> set[Digest]:
        return self.needed


def test_nothing_is_deleted_beside_a_pull_of_another_node() -> None:
    content, puller, other = SharedContent(MemoryStore()), Node(pulling=True), Node()
    content.join(puller)
    content.join(other)
    counted_on, unneeded = (blobs.put(content.blobs, data) for data in (b"counted on", b"unneeded"))
    content.release({counted_on, unneeded})
    assert set(content.blobs.digests()) == {counted_on, unneeded}
    puller.pulling, puller.needed = False, {counted_on}
    content.release(())
    assert set(content.blobs.digests()) == {counted_on}
