"""The internal registry: everything is looked up through image streams, for those who may."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web
from tests.remote import peers

from pullscope.apiserver import authorization
from pullscope.apiserver.authorization import MASTER
from pullscope.apiserver.rbac import bootstrap
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.services import Imaging
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.oci.platform import WASI
from pullscope.openshift import streams
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.registry import app as plain
from pullscope.registry.openshift import app
from pullscope.registry.store import Registry
from pullscope.remote import errors, transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login, Registries

TOKENS = {"developer": authorization.DEVELOPER, "kubeadmin": authorization.ADMIN}


@dataclass
class World:
    """The face on a socket, the cluster behind it, and an outside registry that is called registry.test."""

    api: Api
    session: aiohttp.ClientSession
    address: str
    outside: Registries
    clock: ManualClock

    def client(self, who: str = "developer") -> RegistryClient:
        return RegistryClient(self.session, self.address, auth=Login("whoever", who))

    async def push(self, name: str, war: str = "node.war", who: str = "developer") -> Descriptor:
        store = MemoryStore()
        root = probe.variant(store, war)
        await transfer.push(self.client(who), reference.parse(f"{self.address}/{name}"), store, root)
        return root

    async def pull(self, name: str, who: str = "developer") -> Digest:
        parsed = reference.parse(f"{self.address}/{name}")
        return (await transfer.pull(self.client(who), parsed, MemoryStore(), [WASI])).root_digest

    async def contents(self, repository: str, root: Descriptor) -> dict[str, list[Digest]]:
        """The blobs and the manifests of an index, in the order in which a pruning removes them."""
        client = self.client("kubeadmin")
        index = Index.parse((await client.get_manifest(repository, str(root.digest))).raw, root.media_type)
        parts = [entry.digest for entry in index.manifests]
        manifests = [Manifest.parse((await client.get_manifest(repository, str(part))).raw) for part in parts]
        blobs = {each.digest for manifest in manifests for each in (manifest.config, *manifest.layers)}
        return {"blobs": sorted(blobs), "manifests": [root.digest, *parts]}

    async def delete(self, path: str) -> None:
        headers = {"Authorization": "Bearer kubeadmin"}
        async with self.session.delete(f"http://{self.address}{path}", headers=headers) as response:
            assert response.status in (202, 404)

    async def stream(self, namespace: str, name: str) -> Object:
        return await self.api.get(resources.IMAGE_STREAMS, namespace, name)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    store, clock = Store.open(None), ManualClock()
    async with peers.ours() as outside, aiohttp.ClientSession() as session:
        ways = Registries(session, {"registry.test": outside})
        server = ApiServer(store, clock, imaging=Imaging("127.0.0.1", ways))
        api = server.client(MASTER)
        for name in ("openshift", "mine", "other"):
            await api.create(resources.NAMESPACES, None, {"metadata": {"name": name}})
        await bootstrap.create(api)
        binding = {
            "metadata": {"name": "admin"},
            "roleRef": {"kind": "ClusterRole", "name": "admin"},
            "subjects": [{"kind": "User", "name": "developer"}],
        }
        await api.create(resources.ROLE_BINDINGS, "mine", binding)
        for token, user in TOKENS.items():
            server.tokens.add(token, user)
        registry = Registry.open(None)
        runner = plain.runner(plain.create(registry, clock=clock, handler=app.face(registry, api, ways)))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield World(api, session, f"127.0.0.1:{runner.addresses[0][1]}", ways, clock)
        await runner.cleanup()
        registry.close()
    await store.close()


async def test_a_push_makes_the_stream_and_the_tag(world: World) -> None:
    pushed = await world.push("mine/app:v1")
    stream = await world.stream("mine", "app")
    item = streams.newest(stream, "v1")
    assert item is not None
    assert item["dockerImageReference"] == f"{INTERNAL_REGISTRY}/mine/app@{pushed.digest}"
    assert streams.spec_tag(stream, "v1") is None
    assert await world.pull("mine/app:v1") == pushed.digest
    assert await world.client().tags("mine/app") == ["v1"]


async def test_whoever_has_no_rights_gets_nothing(world: World) -> None:
    await world.push("other/app:v1", who="kubeadmin")
    for name in ("other/app:v1", "other/app:v2"):
        with pytest.raises(errors.AuthenticationError):
            await world.pull(name)
    with pytest.raises(errors.AuthenticationError):
        await world.push("other/app:v1")
    with pytest.raises(errors.TokenRefusedError):
        await world.pull("mine/app:v1", who="somebody")
    async with world.session.get(f"http://{world.address}/v2/mine/app/manifests/v1") as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == f'Bearer realm="http://{world.address}/openshift/token"'
    with pytest.raises(errors.StatusError):
        await world.client().delete_manifest("mine/app", "v1")


async def test_without_its_stream_nothing_can_be_pulled_though_all_of_it_is_there(world: World) -> None:
    pushed = await world.push("mine/app:v1")
    await world.api.delete(resources.IMAGE_STREAMS, "mine", "app")
    with pytest.raises(errors.StatusError) as by_tag:
        await world.pull("mine/app:v1")
    assert (by_tag.value.status, by_tag.value.code) == (500, "NAME_UNKNOWN")
    with pytest.raises(errors.ManifestUnknownError):
        await world.pull(f"mine/app@{pushed.digest}")
    image = await world.api.get(resources.IMAGES, None, str(pushed.digest))
    assert image["dockerImageReference"].endswith(str(pushed.digest))
    await world.push("mine/app:v1")
    assert await world.pull("mine/app:v1") == pushed.digest


async def test_a_tag_is_what_its_stream_says(world: World) -> None:
    old = await world.push("mine/app:v1")
    new = await world.push("mine/app:v1", "registry.war")
    assert await world.pull("mine/app:v1") == new.digest
    assert await world.pull(f"mine/app@{old.digest}") == old.digest
    await world.api.delete(resources.IMAGE_STREAM_TAGS, "mine", "app:v1")
    with pytest.raises(errors.ManifestUnknownError):
        await world.pull("mine/app:v1")


async def test_a_tag_of_another_project_brings_its_content_along(world: World) -> None:
    pushed = await world.push("other/app:v1", who="kubeadmin")
    source = {"kind": "ImageStreamImage", "name": f"app@{pushed.digest}", "namespace": "other"}
    tag = {"metadata": {"name": "copy:v1"}, "tag": {"name": "v1", "from": source}}
    await world.api.create(resources.IMAGE_STREAM_TAGS, "mine", tag)
    assert await world.pull("mine/copy:v1") == pushed.digest


async def test_imported_images_are_passed_through_and_their_blobs_kept(world: World) -> None:
    name = reference.literal("registry.test/team/app:v1")
    store = MemoryStore()
    await transfer.push(world.outside.client(name), name, store, probe.variant(store, "node.war"))
    images = [{"from": {"kind": "DockerImage", "name": str(name)}, "to": {"name": "v1"}}]
    wanted = {"metadata": {"name": "app"}, "spec": {"import": True, "images": images}}
    done = await world.api.create(resources.IMAGE_STREAM_IMPORTS, "mine", wanted)
    [tag] = done["status"]["import"]["status"]["tags"]
    assert str(await world.pull("mine/app:v1")) == tag["items"][0]["image"]
    [layer, *_] = done["status"]["images"][0]["image"]["dockerImageLayers"]
    assert await world.client().blob_exists("mine/app", Digest.parse(layer["name"]))
    with pytest.raises(errors.BlobUnknownError):
        await world.client().get_blob("mine/app", Digest.of(b"other"), MemoryStore().writer())


@pytest.mark.parametrize("name", ["app:v1", "a/b/c:v1"])
async def test_repositories_are_streams(world: World, name: str) -> None:
    with pytest.raises(errors.StatusError) as caught:
        await world.push(name, who="kubeadmin")
    assert caught.value.status == 400


async def test_the_log_tells_what_was_asked_for(world: World) -> None:
    pushed = await world.push("mine/app:v1")
    await world.pull("mine/app:v1")
    log = await world.client().access_log("mine/app") or []
    asked = [each for each in log if each["kind"] == "manifest" and (each["method"], each["status"]) == ("GET", 200)]
    assert (asked[0]["reference"], asked[0]["digest"]) == ("v1", str(pushed.digest))


async def test_a_token_is_good_until_it_expires(world: World) -> None:
    pushed = await world.push("mine/app:v1")
    account = {"metadata": {"name": "robot"}}
    await world.api.create(resources.SERVICE_ACCOUNTS, "mine", account)
    binding = {
        "metadata": {"name": "pullers"},
        "roleRef": {"kind": "ClusterRole", "name": "system:image-puller"},
        "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": "mine"}],
    }
    await world.api.create(resources.ROLE_BINDINGS, "mine", binding)
    wanted = {**account, "spec": {"expirationSeconds": 600}}
    made = await world.api.create(resources.SERVICE_ACCOUNTS, "mine", wanted, subresource="token")
    token = made["status"]["token"]
    assert await world.pull("mine/app:v1", who=token) == pushed.digest
    with pytest.raises(errors.AuthenticationError):
        await world.push("mine/app:v2", who=token)
    world.clock.advance(700)
    with pytest.raises(errors.TokenRefusedError):
        await world.pull("mine/app:v1", who=token)


async def test_what_another_stream_was_tagged_from_outlives_a_pruning(world: World) -> None:
    old = await world.push("mine/app:v1")
    await world.push("mine/app:v1", "registry.war")
    tag = {"name": "v1", "from": {"kind": "ImageStreamImage", "name": f"app@{old.digest}"}}
    await world.api.create(resources.IMAGE_STREAM_TAGS, "mine", {"metadata": {"name": "kept:v1"}, "tag": tag})
    everything = await world.contents("mine/app", old)
    for kind, digests in everything.items():
        for digest in digests:
            await world.delete(f"/v2/mine/app/{kind}/{digest}")
    assert await world.pull("mine/kept:v1") == old.digest
    await world.api.delete(resources.IMAGE_STREAMS, "mine", "kept")
    for kind, digests in everything.items():
        for digest in digests:
            await world.delete(f"/v2/mine/app/{kind}/{digest}")
    with pytest.raises(errors.ManifestUnknownError):
        await world.pull(f"mine/app@{old.digest}")
