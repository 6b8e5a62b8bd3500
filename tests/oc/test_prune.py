"""`oc adm prune images` in a lab of its own: it takes away what nobody needs, and that alone."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from tests.lab import world
from tests.oc.conftest import Oc

from pullscope.content.memory import MemoryStore
from pullscope.cri.api import AuthConfig, CriError
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.oci import reference
from pullscope.openshift import streams
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login

NOW = ("--keep-younger-than=0s", "--keep-tag-revisions=1")
WARS = ("first.war", "second.war", "third.war")


@dataclass
class Place:
    """A lab whose stream default/app had three images, oldest first, and the one who prunes it."""

    lab: Lab
    session: aiohttp.ClientSession
    oc: Oc
    images: list[str]

    def internal(self) -> RegistryClient:
        return RegistryClient(self.session, self.lab.internal_registry, auth=Login("u", self.lab.access.token))

    async def known(self, digest: str) -> bool:
        """Whether there is an Image of that digest."""
        try:
            await self.lab.api.get(resources.IMAGES, None, digest)
        except ApiError:
            return False
        return True

    async def pull(self, digest: str) -> None:
        auth = AuthConfig("u", self.lab.access.token)
        await self.lab.nodes[0].images.pull_image(f"{INTERNAL_REGISTRY}/default/app@{digest}", auth)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with assembly.running(LabConfig()) as lab, aiohttp.ClientSession() as session:
        made = Place(lab, session, Oc(lab.kubeconfig), [])
        for war in WARS:
            store = MemoryStore()
            root = probe.variant(store, war)
            name = reference.parse(f"{lab.internal_registry}/default/app:v1")
            await transfer.push(made.internal(), name, store, root)
            made.images.append(str(root.digest))
        yield made


async def nobody_else_may(place: Place) -> None:
    refused = await place.oc("--context", place.lab.access.developer_context, "adm", "prune", "images", "--confirm")
    assert (refused.exit, refused.stderr.partition(":")[0]) == (1, "Error from server (Forbidden)")
    url = f"http://{place.lab.internal_registry}/admin/blobs/{place.images[0]}"
    token = {"Authorization": f"Bearer {place.lab.access.developer_token}"}
    for method, headers, status in (("DELETE", {}, 401), ("DELETE", token, 401), ("GET", token, 405)):
        async with place.session.request(method, url, headers=headers) as response:
            assert response.status == status


async def what_a_deleted_stream_left_goes(place: Place) -> None:
    await place.lab.api.delete(resources.IMAGE_STREAMS, "default", "app")
    kept = await place.oc("adm", "prune", "images", "--confirm")
    assert kept.stdout == "Summary: deleted 0 objects\n"  # it is younger than an hour
    await place.oc.done("adm", "prune", "images", *NOW, "--confirm")
    assert [await place.known(digest) for digest in place.images] == [False, False, False]
    again = await place.oc("adm", "prune", "images", *NOW, "--confirm")
    assert again.stdout == "Summary: deleted 0 objects\n"


async def test_what_nobody_needs_goes(place: Place) -> None:
    await nobody_else_may(place)
    oldest, middle, newest = place.images
    plain = f"{place.lab.registry}/team/app:v1"
    await world.push(place.lab.registry, plain, "first.war")  # the same layer, in the registry's other face
    await world.running(place.lab, "app", f"{place.lab.internal_registry}/default/app@{middle}", place.lab.node)

    dry = await place.oc("adm", "prune", "images", *NOW)
    assert dry.stderr == "Dry run enabled - no modifications will be made. Add --confirm to remove images\n"
    assert await place.known(oldest)
    done = await place.oc("adm", "prune", "images", *NOW, "--confirm")
    assert (done.exit, done.stderr, done.stdout) == (0, "", dry.stdout)
    assert done.stdout.startswith(
        "Deleting 1 items from image stream default/app\n"
        "Deleting manifest link DIGEST in repository default/app\n"
        "Deleting blob DIGEST\n"
    )
    assert "Deleting image DIGEST\n" in done.stdout
    assert re.search(
        r"\nSummary: deleted \d image object\(s\), deleted 1 image stream tag item\(s\), updated 1 image stream\(s\), "
        r"deleted 1 manifest link\(s\), deleted \d blob\(s\)\n$",
        done.stdout,
    )
    stream = await place.lab.api.get(resources.IMAGE_STREAMS, "default", "app")
    assert [item["image"] for item in streams.history(stream, "v1")] == [newest, middle]
    assert not await place.known(oldest)
    with pytest.raises(
        CriError, match=f"reading manifest {oldest} in {INTERNAL_REGISTRY}/default/app: manifest unknown"
    ):
        await place.pull(oldest)
    await place.pull(middle)
    await place.pull(newest)
    await place.lab.nodes[0].images.pull_image(plain)  # what is not the cluster's stays whole
    await what_a_deleted_stream_left_goes(place)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["prune", "builds"], "error: `pullscope oc adm` can `prune images`, and nothing else\n"),
        (
            ["prune", "images", "--keep-younger-than=1 day"],
            'error: invalid argument "1 day" for "--keep-younger-than" flag: time: invalid duration "1 day"\n',
        ),
        (
            ["prune", "images", "--keep-younger-than=-5m"],
            "error: --keep-younger-than must be greater than or equal to 0\n",
        ),
        (
            ["prune", "images", "--keep-tag-revisions=x"],
            (
                'error: invalid argument "x" for "--keep-tag-revisions" flag: '
                'strconv.ParseInt: parsing "x": invalid syntax\n'
            ),
        ),
        (
            ["prune", "images", "--confirm", "--registry-url=127.0.0.1:1"],
            "error: failed to ping registry HOST: registry HOST: connection refused\n",
        ),
    ],
)
async def test_what_is_refused(kubeadmin: Oc, words: list[str], told: str) -> None:
    screen = await kubeadmin("adm", *words)
    assert (screen.exit, screen.stderr) == (1, told)
