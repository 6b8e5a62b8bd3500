"""Whole images there and back: what is moved, what is not, and what is refused."""

import pytest
from tests.remote.conftest import NotingClient

from pullscope.content import api
from pullscope.content.memory import MemoryStore
from pullscope.oci import media, reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, ImageConfig, Index, Manifest
from pullscope.oci.platform import WASI, Platform
from pullscope.remote import errors, transfer
from pullscope.remote.client import RegistryClient

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
SHARED = b"a layer for all" * 100


def image(store: MemoryStore, platform: Platform, *layers: bytes) -> Manifest:
    config = b'{"architecture":"%s","os":"%s","rootfs":{"type":"layers","diff_ids":[]}}' % (
        platform.architecture.encode(),
        platform.os.encode(),
    )
    descriptors = [Descriptor.of(media.OCI_LAYER_GZIP, layer) for layer in layers]
    manifest = Manifest.of(Descriptor.of(media.OCI_CONFIG, config), descriptors)
    for data in (config, *layers, manifest.raw):
        api.put(store, data)
    return manifest


def index(store: MemoryStore) -> tuple[Index, dict[Platform, Manifest]]:
    manifests = {platform: image(store, platform, SHARED, str(platform).encode()) for platform in (AMD64, WASI)}
    entries = [
        Descriptor(manifest.media_type, manifest.digest, len(manifest.raw), platform=platform)
        for platform, manifest in manifests.items()
    ]
    made = Index.of(entries)
    api.put(store, made.raw)
    return made, manifests


async def test_an_index_is_pulled_for_one_platform(client: NotingClient) -> None:
    source, target = MemoryStore(), MemoryStore()
    made, manifests = index(source)
    name = reference.parse(f"{client.host}/team/app:v1")
    await transfer.push(client, name, source, made.descriptor)
    pulled = await transfer.pull(client, name, target, [WASI, AMD64])
    wanted = manifests[WASI]
    assert (pulled.root_digest, pulled.manifest) == (made.digest, wanted.descriptor)
    assert pulled.document == wanted
    assert pulled.config == ImageConfig.parse(api.get(source, wanted.config.digest))
    blobs = {wanted.config.digest, *(layer.digest for layer in wanted.layers)}
    assert set(target.digests()) == blobs | {made.digest, wanted.digest}
    await transfer.pull(client, name, target, [WASI])
    assert sorted(client.downloaded) == sorted(blobs)


async def test_what_is_there_is_not_moved(client: NotingClient) -> None:
    source, target = MemoryStore(), MemoryStore()
    first, second = image(source, AMD64, SHARED, b"one"), image(source, AMD64, SHARED, b"two", b"two")
    name = reference.parse(f"{client.host}/team/app")
    await transfer.push(client, name, source, first.descriptor)
    await transfer.push(client, name.with_tag("v2"), source, second.descriptor)
    await transfer.pull(client, name, target, [AMD64])
    client.downloaded.clear()
    await transfer.pull(client, name.with_tag("v2"), target, [AMD64])
    unpacked = {layer.digest for layer in first.layers}
    await transfer.pull(client, name.with_tag("latest"), MemoryStore(), [AMD64], have=unpacked)
    assert client.downloaded == [second.layers[1].digest, first.config.digest]
    by_digest = await transfer.pull(client, name.with_digest(second.digest), target, [])
    assert by_digest.manifest == second.descriptor


async def test_no_image_for_this_platform(client: RegistryClient) -> None:
    source = MemoryStore()
    made, _ = index(source)
    name = reference.parse(f"{client.host}/team/app:v1")
    await transfer.push(client, name, source, made.descriptor)
    with pytest.raises(errors.PlatformError) as failed:
        await transfer.pull(client, name, MemoryStore(), [ARM64])
    assert (failed.value.wanted, failed.value.available) == ((ARM64,), (AMD64, WASI))
    assert "no image for linux/arm64; the index has linux/amd64, wasi/wasm" in failed.value.message


async def test_a_missing_layer_ends_the_pull_as_what_it_is(client: RegistryClient) -> None:
    """The registry lost a layer: the error says so, and no manifest shows up in the store."""
    source, target = MemoryStore(), MemoryStore()
    made = image(source, AMD64, SHARED)
    name = reference.parse(f"{client.host}/team/app:v1")
    await transfer.push(client, name, source, made.descriptor)
    async with client._transport._session.delete(
        f"http://{client.host}/v2/team/app/blobs/{made.layers[0].digest}"
    ) as response:
        assert response.status == 202
    with pytest.raises(errors.BlobUnknownError):
        await transfer.pull(client, name, target, [AMD64])
    assert target.size(made.digest) is None


async def test_an_artifact_is_no_image(client: RegistryClient) -> None:
    source = MemoryStore()
    made = Manifest.of(Descriptor.of("application/vnd.oci.empty.v1+json", b"{}"), [])
    for data in (b"{}", made.raw):
        api.put(source, data)
    name = reference.parse(f"{client.host}/team/sbom:v1")
    await transfer.push(client, name, source, made.descriptor)
    with pytest.raises(errors.ContentError, match="no media type of an image config"):
        await transfer.pull(client, name, MemoryStore(), [AMD64])


async def test_a_store_that_lacks_a_part_cannot_push(client: RegistryClient) -> None:
    source = MemoryStore()
    made = image(source, AMD64, SHARED)
    source.delete(made.layers[0].digest)
    with pytest.raises(api.BlobUnknownError, match=str(made.layers[0].digest)):
        await transfer.push(client, reference.parse(f"{client.host}/a:b"), source, made.descriptor)


async def test_what_an_index_may_not_lead_to(client: RegistryClient) -> None:
    """Another index, or a config that is larger than anybody reads, is refused before anything is downloaded."""
    source, target = MemoryStore(), MemoryStore()
    inner, _ = index(source)
    nested = Index.of([Descriptor(inner.media_type, inner.digest, len(inner.raw), platform=AMD64)])
    config = b'{"rootfs":{"type":"layers","diff_ids":[]}}' + b" " * (4 << 20)
    large = Manifest.of(Descriptor.of(media.OCI_CONFIG, config), [])
    for data in (nested.raw, config, large.raw):
        api.put(source, data)
    name = reference.parse(f"{client.host}/team/app:v1")
    for document, why in ((nested, "leads to another index"), (large, "config is longer than 4194304 bytes")):
        await transfer.push(client, name, source, document.descriptor)
        with pytest.raises(errors.ContentError, match=why):
            await transfer.pull(client, name, target, [AMD64])
    assert list(target.digests()) == []


async def test_what_is_known_to_be_there_is_not_asked_for(
    client: NotingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer that platforms or images share costs one question."""
    source, known = MemoryStore(), set[Digest]()
    made, manifests = index(source)
    name = reference.parse(f"{client.host}/team/app:v1")
    await transfer.push(client, name, source, made.descriptor, known=known)
    blobs = {blob.digest for each in manifests.values() for blob in (each.config, *each.layers)}
    assert (sorted(client.asked), known) == (sorted(blobs), blobs)
    await transfer.push(client, name.with_tag("v2"), source, made.descriptor, known=known)
    assert len(client.asked) == len(blobs)
