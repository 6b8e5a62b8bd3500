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
from pullscope.pull.flavours import Flavour

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


def names(store: ImageStore, flavour: Flavour = "cri-o") -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    found = (image.as_cri(flavour) for image in store)
    return {image.id: (image.repo_tags, image.repo_digests) for image in found}


def at(name: Reference, digest: Digest) -> str:
    return str(name.with_digest(digest))


PORT = reference.literal("reg.test:5000/team/app:v1")


@pytest.mark.parametrize(
    ("flavour", "left"), [("cri-o", f"reg.test@{OLD}"), ("containerd", f"reg.test:5000/team/app@{OLD}")]
)
def test_what_a_moved_tag_leaves_of_the_old_image(state: State, flavour: Flavour, left: str) -> None:
    store = ImageStore(state, flavour)
    store.register(ONE, PORT, OLD)
    store.register(TWO, PORT, NEW)
    prefix = "" if flavour == "cri-o" else "sha256:"
    expected = {f"{prefix}{ONE.id}": ((), (left,)), f"{prefix}{TWO.id}": ((str(PORT),), (at(PORT, NEW),))}
    assert names(store, flavour) == expected
    assert names(ImageStore(state, flavour), flavour) == expected  # as a restart finds it
    # c/image looks for a digest among the images that are called by its repository
    assert (store.find(at(PORT, OLD)) is None) is (flavour == "cri-o")


def test_a_tag_that_comes_back_brings_the_old_image_back(state: State) -> None:
    store = ImageStore(state)
    for image, root in ((ONE, OLD), (TWO, NEW), (ONE, OLD)):
        store.register(image, V1, root)
    assert names(store) == {ONE.id: ((str(V1),), (at(V1, OLD),)), TWO.id: ((), (f"reg.test/team/app@{NEW}",))}


def test_one_image_may_have_many_names(state: State) -> None:
    store = ImageStore(state, "containerd")
    store.register(ONE, V1, OLD)
    store.register(ONE, OTHER, NEW)
    store.register(ONE, reference.parse(at(V1, NEW)), NEW)
    [image] = store
    assert image.as_cri("containerd").repo_tags == (str(OTHER), str(V1))
    assert image.as_cri("containerd").repo_digests == tuple(sorted((at(OTHER, NEW), at(V1, OLD), at(V1, NEW))))
    for name in (str(V1), at(V1, OLD), at(OTHER, NEW), ONE.id, f"sha256:{ONE.id}", ONE.id[:6]):
        assert store.find(name) == image
    for name in ("reg.test/team/app:v2", at(OTHER, OLD), "reg.test/team/app", TWO.id, "A B", "ab"):
        assert store.find(name) is None
    # CRI-O: each repository with each digest that the image has
    both = tuple(sorted(at(name, digest) for name in (V1, OTHER) for digest in (OLD, NEW)))
    assert image.as_cri("cri-o").repo_digests == both


def test_a_status_may_call_the_image_by_another_name_than_the_pod(state: State) -> None:
    store = ImageStore(state)
    many = [reference.parse(f"127.0.0.1:5002/many/name{number}:v1") for number in range(7)]
    for name in many:
        store.register(ONE, name, OLD)
    [image] = store
    known_by = at(many[0], OLD)
    assert image.names("cri-o") == (str(many[6]), known_by, ONE.id)
    assert image.names("containerd") == (str(many[0]), known_by, f"sha256:{ONE.id}")


def test_the_name_in_a_status_of_an_image_that_was_pulled_by_digest(state: State) -> None:
    store = ImageStore(state)
    store.register(ONE, reference.parse(at(V1, OLD)), OLD)
    [image] = store
    assert image.names("cri-o") == (at(V1, OLD), at(V1, OLD), ONE.id)
    assert image.names("containerd") == (f"sha256:{ONE.id}", at(V1, OLD), f"sha256:{ONE.id}")


def test_sizes_are_of_what_was_unpacked_or_of_what_was_downloaded() -> None:
    image = record("one", size=2_161_886, packed=1_046_213, digests=(at(V1, OLD),))
    assert (image.as_cri("cri-o").size, image.as_cri("containerd").size) == (2_161_886, 1_046_213)


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
    assert record("one", user=user, digests=(at(V1, OLD),)).as_cri("cri-o").username == shown


@pytest.mark.parametrize(("pattern", "pinned"), [("*app*", True), (str(V1), True), ("*nothing*", False)])
def test_images_that_are_pinned_say_so(pattern: str, pinned: bool) -> None:
    found = record("one").named(V1, OLD)
    assert found.as_cri("cri-o", [pattern]).pinned is pinned
    assert not found.as_cri("cri-o").pinned


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
