"""The client's contract with any registry."""

import io
from pathlib import Path

import pytest

from pullscope.content import api
from pullscope.content.memory import MemoryStore
from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Manifest
from pullscope.remote import errors
from pullscope.remote.client import RegistryClient

DATA = bytes(range(256)) * 12_000  # 3 MB: several pieces
BLOB = Descriptor.of(media.OCI_LAYER_GZIP, DATA)
CONFIG = Descriptor.of(media.OCI_CONFIG, b"{}")
MANIFEST = Manifest.of(CONFIG, [BLOB])


async def _push(client: RegistryClient, tag: str = "v1", repository: str = "team/app") -> None:
    await client.put_blob(repository, CONFIG, lambda: io.BytesIO(b"{}"))
    await client.put_blob(repository, BLOB, lambda: io.BytesIO(DATA))
    assert await client.put_manifest(repository, tag, MANIFEST.raw, MANIFEST.media_type) == MANIFEST.digest


@pytest.mark.parametrize("chunk", [0, 1_000_000, len(DATA), len(DATA) - 1])
async def test_a_blob_there_and_back(client: RegistryClient, chunk: int) -> None:
    assert not await client.blob_exists("team/app", BLOB.digest)
    assert await client.put_blob("team/app", BLOB, lambda: io.BytesIO(DATA), chunk=chunk)
    assert await client.blob_exists("team/app", BLOB.digest)
    store = MemoryStore()
    await client.get_blob("team/app", BLOB.digest, store.writer(), size=BLOB.size)
    assert api.get(store, BLOB.digest) == DATA


async def test_a_mounted_blob_is_not_sent(client: RegistryClient) -> None:
    await client.put_blob("team/app", BLOB, lambda: io.BytesIO(DATA))
    assert not await client.put_blob("team/two", BLOB, _never, mount_from="team/app")
    assert await client.blob_exists("team/two", BLOB.digest)
    other = Descriptor.of(media.OCI_LAYER_GZIP, b"other")
    assert await client.put_blob("team/two", other, lambda: io.BytesIO(b"other"), mount_from="team/app")


def _never() -> io.BytesIO:
    raise AssertionError("the content was asked for")


async def test_a_manifest_there_and_back(client: RegistryClient) -> None:
    await client.ping()
    await _push(client)
    for reference in ("v1", str(MANIFEST.digest)):
        assert await client.get_manifest("team/app", reference) == (MANIFEST.raw, media.OCI_MANIFEST, MANIFEST.digest)
        assert await client.head_manifest("team/app", reference) == MANIFEST.descriptor
    assert await client.head_manifest("team/app", "v2") is None
    with pytest.raises(errors.ManifestUnknownError) as failed:
        await client.get_manifest("team/app", "v2")
    assert (failed.value.status, failed.value.code) == (404, "MANIFEST_UNKNOWN")
    assert client.host in failed.value.message


async def test_tags_come_from_all_pages(client: RegistryClient) -> None:
    for tag in ("b", "c", "a"):
        await _push(client, tag)
    assert sorted(await client.tags("team/app")) == ["a", "b", "c"]  # docker's 2.8 does not sort
    with pytest.raises(errors.StatusError) as failed:
        await client.tags("never/was")
    assert failed.value.code == "NAME_UNKNOWN"


async def test_a_deleted_manifest_is_gone_with_its_tags(client: RegistryClient) -> None:
    await _push(client)
    await client.delete_manifest("team/app", str(MANIFEST.digest))
    assert await client.head_manifest("team/app", "v1") is None
    with pytest.raises(errors.ManifestUnknownError):
        await client.delete_manifest("team/app", str(MANIFEST.digest))


async def test_what_a_registry_refuses_is_a_status(client: RegistryClient) -> None:
    with pytest.raises(errors.StatusError) as failed:
        await client.put_manifest("team/app", "v1", MANIFEST.raw, MANIFEST.media_type)
    assert (failed.value.status, failed.value.code) == (400, "MANIFEST_BLOB_UNKNOWN")
    wrong = Descriptor(BLOB.media_type, Digest.of(b"other"), 4)
    with pytest.raises(errors.StatusError) as failed:
        await client.put_blob("team/app", wrong, lambda: io.BytesIO(b"data"))
    assert (failed.value.status, failed.value.code) == (400, "DIGEST_INVALID")


async def test_a_missing_blob_leaves_no_upload(client: RegistryClient, tmp_path: Path) -> None:
    store = MemoryStore()
    writer = store.writer()
    with pytest.raises(errors.BlobUnknownError):
        await client.get_blob("team/app", BLOB.digest, writer)
    assert store.resume(writer.id) is None


async def test_only_our_registry_has_an_access_log(client: RegistryClient, request: pytest.FixtureRequest) -> None:
    await _push(client)
    log = await client.access_log("team/app")
    if "docker" in request.node.name:
        assert log is None
        return
    assert log is not None
    assert [(record["method"], record["kind"], record["status"]) for record in log] == [
        ("POST", "uploads", 202),
        ("PUT", "upload", 201),
        ("POST", "uploads", 202),
        ("PUT", "upload", 201),
        ("PUT", "manifest", 201),
    ]
    assert log[-1]["digest"] == str(MANIFEST.digest)
    assert log[-1]["user_agent"].startswith("pullscope/")
    assert await client.access_log("team/app", since=log[-1]["seq"]) == []
