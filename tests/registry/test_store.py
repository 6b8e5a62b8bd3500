"""The registry without HTTP: what is durable, what is undone, what may be pushed."""

import contextlib
import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pullscope.base.errors import PullscopeError
from pullscope.content import api
from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.oci.errors import RegistryError
from pullscope.oci.platform import Platform
from pullscope.registry import accept, store
from pullscope.registry.catalog import Catalog, Entry
from pullscope.registry.store import Registry

CONFIG = b"{}"
MANIFEST = Manifest.of(Descriptor.of(media.OCI_CONFIG, CONFIG), [])


@pytest.fixture(params=["memory", "disk"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    with contextlib.closing(Registry.open(tmp_path if request.param == "disk" else None)) as made:
        yield made


def push(registry: Registry, repository: str, data: bytes) -> Digest:
    upload = registry.blobs.writer()
    upload.write(data)
    registry.add_blob(repository, upload, Digest.of(data))
    return Digest.of(data)


def test_what_was_pushed_is_there_for_the_next_process(tmp_path: Path) -> None:
    with contextlib.closing(Registry.open(tmp_path)) as first:
        push(first, "a/b", CONFIG)
        first.put_manifest("a/b", "v1", MANIFEST.raw, "")
    with contextlib.closing(Registry.open(tmp_path)) as second:
        assert second.manifest("a/b", "v1").content == MANIFEST.raw
        assert second.blob_size("a/b", Digest.of(CONFIG)) == 2
        assert second.listing().items == ["a/b"]


def test_a_blob_that_a_killed_process_had_not_linked_is_removed(tmp_path: Path) -> None:
    with contextlib.closing(Registry.open(tmp_path)) as first:
        kept = push(first, "a/b", b"seen")
        lost = api.put(first.blobs, b"stored, and then the process was killed")
    with contextlib.closing(Registry.open(tmp_path)) as second:
        assert (second.blobs.size(kept), second.blobs.size(lost)) == (4, None)


def test_a_catalog_of_another_version_is_refused(tmp_path: Path) -> None:
    Registry.open(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(PullscopeError, match="written by another version of pullscope"):
        Registry.open(tmp_path)


def test_a_file_that_is_no_catalog_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"my diary " * 1000)
    with pytest.raises(PullscopeError, match=r"catalog\.sqlite cannot be used: file is not a database"):
        Registry.open(tmp_path)
    assert (tmp_path / "catalog.sqlite").read_bytes() == b"my diary " * 1000


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_a_failed_transaction_leaves_nothing(tmp_path: Path, kind: str) -> None:
    with contextlib.closing(Catalog(tmp_path / "c" if kind == "disk" else None)) as catalog:

        def fail() -> None:
            with catalog.writing() as transaction:
                transaction.add_repository("a")
                transaction.put_tag("a", "v1", MANIFEST.digest)
                assert transaction.tagged("a", "v1") == MANIFEST.digest
                raise RuntimeError("half way")

        with pytest.raises(RuntimeError, match="half way"):
            fail()
        assert catalog.view.tagged("a", "v1") is None
        assert catalog.view.repositories(after="", limit=-1) == []


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_readers_see_whole_transactions(tmp_path: Path, kind: str) -> None:
    """A tag that is seen has its manifest, whatever the writers are about."""
    with contextlib.closing(Catalog(tmp_path / "c" if kind == "disk" else None)) as catalog:
        over = threading.Event()
        torn: list[Digest] = []

        def read() -> None:
            while not over.is_set():
                digest = catalog.view.tagged("a", "v1")
                if digest and not catalog.view.has_manifest("a", digest):
                    torn.append(digest)

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(200):
            content = str(number).encode()
            with catalog.writing() as transaction:
                transaction.put_tag("a", "v1", Digest.of(content))
                transaction.put_manifest("a", Entry(Digest.of(content), media.OCI_MANIFEST, content))
        over.set()
        reader.join()
        assert torn == []


def test_a_full_disk_is_an_oserror_and_undone(tmp_path: Path) -> None:
    """SQLite says "full" by its own error; nobody outside of the catalog should have to know that."""
    with contextlib.closing(Catalog(tmp_path / "c")) as catalog:
        catalog._connection.execute("PRAGMA max_page_count = 20")
        big = Entry(MANIFEST.digest, media.OCI_MANIFEST, bytes(1 << 20))

        def overflow() -> None:
            with catalog.writing() as transaction:
                transaction.add_repository("a")
                transaction.put_manifest("a", big)

        with pytest.raises(OSError, match="no space left for the catalog"):
            overflow()
        assert not catalog.view.has_repository("a")
        with catalog.writing() as transaction:
            transaction.add_repository("b")
        assert catalog.view.has_repository("b")


def test_a_blob_lives_as_long_as_somebody_sees_it(registry: Registry) -> None:
    digest = push(registry, "a", b"data")
    assert registry.mount("b", digest, "a")
    registry.delete_blob("a", digest)
    assert registry.blobs.size(digest) == 4
    registry.delete_blob("b", digest)
    assert registry.blobs.size(digest) is None
    assert not registry.mount("a", digest, "b")


def test_a_discarded_blob_stays_where_a_manifest_has_it(registry: Registry) -> None:
    for repository in ("a/b", "c/d", "e/f"):
        config = push(registry, repository, CONFIG)
    for repository in ("a/b", "c/d"):
        registry.put_manifest(repository, "v1", MANIFEST.raw, "")
    registry.delete_manifest("a/b", str(MANIFEST.digest))
    registry.discard_blobs([config, Digest.of(b"nobody's")])
    assert registry.blob_size("c/d", config) == len(CONFIG)
    for repository in ("a/b", "e/f"):
        with pytest.raises(RegistryError):
            registry.blob_size(repository, config)
    registry.delete_manifest("c/d", str(MANIFEST.digest))
    registry.discard_blobs([config])
    assert registry.blobs.size(config) is None


def test_a_wrong_upload_shows_nobody_anything(registry: Registry) -> None:
    secret = push(registry, "private", b"secret")
    upload = registry.blobs.writer()
    upload.write(b"a guess")
    with pytest.raises(RegistryError, match="DIGEST_INVALID"):
        registry.add_blob("public", upload, secret)
    with pytest.raises(RegistryError, match="BLOB_UNKNOWN"):
        registry.blob_size("public", secret)


@pytest.mark.parametrize("name", ["", "A", "a//b", "../a", "a/../b", "/a", "a/", "a" * 256, "a\n", "ä", "a:b"])
def test_bad_names_are_refused_everywhere(registry: Registry, name: str) -> None:
    digest = Digest.of(CONFIG)
    upload = registry.blobs.writer()
    for use in (
        lambda: registry.resolve(name, "v1"),
        lambda: registry.put_manifest(name, "v1", MANIFEST.raw, ""),
        lambda: registry.delete_manifest(name, "v1"),
        lambda: registry.referrers(name, digest, "", last="", limit=1),
        lambda: registry.blob_size(name, digest),
        lambda: registry.add_blob(name, upload, digest),
        lambda: registry.mount(name, digest, "a"),
        lambda: registry.delete_blob(name, digest),
        lambda: registry.tags(name, last="", limit=1),
    ):
        with pytest.raises(RegistryError, match="NAME_INVALID"):
            use()
    upload.abort()


def test_layers_that_may_not_be_distributed_need_not_be_here(registry: Registry) -> None:
    push(registry, "a", CONFIG)
    foreign = Descriptor(next(iter(media.FOREIGN_LAYERS)), Digest.of(b"far away"), 8, urls=("https://example.com/l",))
    registry.put_manifest("a", "v1", Manifest.of(MANIFEST.config, [foreign]).raw, "")
    nowhere = Descriptor(foreign.media_type, foreign.digest, 8)
    with pytest.raises(RegistryError, match="MANIFEST_BLOB_UNKNOWN"):
        registry.put_manifest("a", "v2", Manifest.of(MANIFEST.config, [nowhere]).raw, "")


def test_the_largest_manifest(registry: Registry) -> None:
    push(registry, "a", CONFIG)
    room = store.MAX_MANIFEST - len(Manifest.of(MANIFEST.config, [], annotations={"x": ""}).raw)
    largest = Manifest.of(MANIFEST.config, [], annotations={"x": "x" * room})
    assert len(largest.raw) == store.MAX_MANIFEST
    registry.put_manifest("a", "v1", largest.raw, "")
    assert registry.manifest("a", "v1").content == largest.raw
    with pytest.raises(RegistryError) as refused:
        registry.put_manifest("a", "v2", largest.raw + b" ", "")
    assert refused.value.status == 413


def test_a_docker_list_has_an_image_for_everybody(registry: Registry) -> None:
    """What `wants_one_image` stands for needs an entry for linux/amd64; the digest is what such a client then gets."""
    push(registry, "a", CONFIG)
    image = Manifest.of(MANIFEST.config, [], media_type=media.DOCKER_MANIFEST)
    registry.put_manifest("a", str(image.digest), image.raw, "")
    entry = Descriptor(image.media_type, image.digest, len(image.raw), platform=Platform("linux", "amd64"))
    made = Index.of([entry], media_type=media.DOCKER_LIST)
    registry.put_manifest("a", "multi", made.raw, media.DOCKER_LIST)
    found = registry.manifest("a", "multi")
    assert accept.wants_one_image(found.media_type, frozenset(), by_tag=True)


def test_blobs_that_vanished_from_the_disk_are_unknown(tmp_path: Path) -> None:
    with contextlib.closing(Registry.open(tmp_path)) as registry:
        digest = push(registry, "a", b"data")
        registry.blobs.delete(digest)
        with pytest.raises(RegistryError, match="BLOB_UNKNOWN"):
            registry.blob_size("a", digest)
        with pytest.raises(RegistryError, match="BLOB_UNKNOWN"):
            registry.open_blob(digest)
        assert api.put(registry.blobs, b"data") == digest
        assert registry.blob_size("a", digest) == 4


class Upload:
    """An upload whose end does what the test wants."""

    def __init__(self, commit: Callable[[Digest], None]) -> None:
        self.id, self.size = "upload", 4
        self.commit = commit
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        raise AssertionError("nobody writes after the end")

    def abort(self) -> None:
        self.aborted = True

    def close(self) -> None:
        raise AssertionError("an ended upload is not kept")


def test_an_upload_whose_end_finds_the_disk_full_is_gone(registry: Registry) -> None:
    def full(_digest: Digest) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    upload = Upload(full)
    with pytest.raises(OSError, match="No space left"):
        registry.add_blob("a", upload, Digest.of(b"data"))
    assert upload.aborted
    assert registry.listing().items == []


def test_a_blob_that_is_deleted_between_its_end_and_its_link_is_not_acknowledged(registry: Registry) -> None:
    """Another repository saw the same blob, so the upload found it there; then that one let it go."""
    digest = push(registry, "other", b"data")
    upload = Upload(lambda digest: registry.delete_blob("other", digest))
    with pytest.raises(RegistryError, match="BLOB_UPLOAD_INVALID"):
        registry.add_blob("a", upload, digest)
    assert not registry.mount("b", digest, "a")
