"""The node's names for images: what they lead to, how they move, that they are whole after a restart."""

from pathlib import Path

import pytest

from pullscope.base.errors import DamagedFileError
from pullscope.cri.api import CriError
from pullscope.cri.embedded.images import ImageRecord, ImageStore
from pullscope.cri.embedded.state import State
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.reference import Reference

V1 = reference.literal("reg.test/team/app:v1")
OTHER = reference.literal("reg.test/other/app:v2")
HUB = reference.literal("busybox:1")
OLD, NEW = Digest.of(b"old index"), Digest.of(b"new index")


def record(text: str, **fields: object) -> ImageRecord:
    config, manifest = Digest.of(text.encode()), Digest.of(f"{text} manifest".encode())
    layers = (str(Digest.of(f"{text} layer".encode())),)
    return ImageRecord(config.hex, str(config), str(manifest), layers, "wasi/wasm", **fields)  # type: ignore[arg-type]


ONE, TWO = record("one"), record("two")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state.db")


def names(store: ImageStore) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    found = (image.as_cri() for image in store)
    return {image.id: (image.repo_tags, image.repo_digests) for image in found}


def at(name: Reference, digest: Digest) -> str:
    return str(name.with_digest(digest))


def test_a_moved_tag_leaves_the_old_image_with_its_digest(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, V1, OLD)
    store.register(TWO, V1, NEW)
    expected = {ONE.id: ((), (at(V1, OLD),)), TWO.id: ((str(V1),), (at(V1, NEW),))}
    assert names(store) == expected
    assert names(ImageStore(state)) == expected  # as a restart finds it


def test_a_tag_that_comes_back_brings_the_old_image_back(state: State) -> None:
    store = ImageStore(state)
    for image, root in ((ONE, OLD), (TWO, NEW), (ONE, OLD)):
        store.register(image, V1, root)
    assert names(store) == {ONE.id: ((str(V1),), (at(V1, OLD),)), TWO.id: ((), (at(V1, NEW),))}


def test_one_image_may_have_many_names(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, V1, OLD)
    store.register(ONE, OTHER, NEW)
    store.register(ONE, reference.parse(at(V1, NEW)), NEW)
    [image] = store
    assert image.as_cri().repo_tags == (str(V1), str(OTHER))
    assert image.as_cri().repo_digests == (at(V1, OLD), at(OTHER, NEW), at(V1, NEW))
    for name in (str(V1), at(V1, OLD), at(OTHER, NEW), ONE.id, f"sha256:{ONE.id}", ONE.id[:6]):
        assert store.find(name) == image
    for name in ("reg.test/team/app:v2", at(OTHER, OLD), "reg.test/team/app", TWO.id, "A B", "ab"):
        assert store.find(name) is None


def test_the_image_ref_is_of_the_name_that_the_pod_uses(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, OTHER, OLD)
    store.register(ONE, V1, OLD)
    store.register(ONE, V1, NEW)
    [image] = store
    assert image.image_ref(str(V1)) == at(V1, NEW)
    assert image.image_ref(str(OTHER)) == at(OTHER, OLD)
    assert image.image_ref("reg.test/other/app@" + str(NEW)) == at(OTHER, OLD)
    assert image.image_ref("elsewhere.test/x:v1") == at(OTHER, OLD)
    assert image.image_ref(ONE.id) == at(OTHER, OLD)


def test_short_names_are_docker_hubs(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, HUB, OLD)
    [image] = store
    assert store.find("busybox:1") == store.find("docker.io/library/busybox:1") == image


def test_an_ambiguous_beginning_of_an_id_leads_nowhere(state: State) -> None:
    store = ImageStore(state)
    first = record("one")
    for number in range(400):
        store.register(record(str(number)), reference.parse(f"reg.test/x:{number}"), OLD)
    ids = [image.id for image in store]
    shared = next(text[:3] for text in ids if sum(other.startswith(text[:3]) for other in ids) > 1)
    assert store.find(shared) is None
    assert store.find(ids[0]) is not None
    assert store.find(first.id) is None


def test_blobs_are_all_that_a_pull_brings(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, V1, OLD)
    texts = {str(digest) for digest in store.blobs()}
    assert texts == {ONE.config, ONE.manifest, *ONE.layers, str(OLD)}
    [image] = store
    store.remove(image)
    assert store.blobs() == set()
    assert names(ImageStore(state)) == {}


@pytest.mark.parametrize(
    ("user", "shown"), [("", ""), ("1001", ""), ("1001:0", ""), ("jboss", "jboss"), ("jboss:root", "jboss")]
)
def test_users_are_shown_by_name_only(user: str, shown: str) -> None:
    assert record("one", user=user).as_cri().username == shown


def test_a_state_that_cannot_be_written_changes_nothing(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, V1, OLD)
    state.close()
    with pytest.raises(CriError, match="writing the runtime's state"):
        store.register(TWO, V1, NEW)
    assert list(names(store)) == [ONE.id]


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 8000])
def test_damaged_records_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"state\.db is damaged: "):
        State(path)
