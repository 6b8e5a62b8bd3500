"""The probe's images: one index over three platforms, variants with digests of their own."""

import io
import json
import zipfile

import pytest

from pullscope.base.errors import PullscopeError
from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers, probe
from pullscope.oci import documents, media
from pullscope.oci.documents import ImageConfig, Index, Manifest
from pullscope.oci.platform import Platform


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def images_of(store: MemoryStore, root: documents.Descriptor) -> dict[str, tuple[Manifest, ImageConfig]]:
    index = Index.parse(content.get(store, root.digest), root.media_type)
    found = {}
    for entry in index.manifests:
        manifest = Manifest.parse(content.get(store, entry.digest), entry.media_type)
        config = ImageConfig.parse(content.get(store, manifest.config.digest), manifest.config.media_type)
        assert config.platform == entry.platform
        found[str(entry.platform)] = (manifest, config)
    return found


def test_a_variant_is_one_index_over_three_platforms(store: MemoryStore) -> None:
    images = images_of(store, probe.variant(store, "node.war", {"case": "6"}))
    assert list(images) == ["linux/amd64", "linux/arm64", "wasi/wasm"]
    for manifest, config in images.values():
        assert config.entrypoint == ("/probe",)
        assert config.labels == {"case": "6"}
        assert len(config.diff_ids) == len(manifest.layers) == 3
        assert all(store.size(layer.digest) == layer.size for layer in manifest.layers)


def test_platforms_share_all_but_the_program(store: MemoryStore) -> None:
    images = images_of(store, probe.variant(store, "node.war"))
    tools, programs, archives = zip(
        *([layer.digest for layer in manifest.layers] for manifest, _ in images.values()), strict=True
    )
    assert (len(set(tools)), len(set(programs)), len(set(archives))) == (1, 3, 1)


def test_archives_and_labels_make_the_digest() -> None:
    def digest(wars: str, **labels: str) -> str:
        return str(probe.variant(MemoryStore(), wars, labels).digest)

    assert digest("node.war") == digest("node.war")
    assert (
        len({digest("node.war"), digest("registry.war"), digest("node.war", case="1"), digest("node.war", case="2")})
        == 4
    )


def test_an_archive_is_a_real_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(probe.archive("node.war"))) as war:
        assert war.testzip() is None
        assert "node.war" in war.read("WEB-INF/web.xml").decode()


def test_extending_keeps_what_it_does_not_understand(store: MemoryStore) -> None:
    raw = json.dumps(
        {
            "os": "linux",
            "architecture": "amd64",
            "author": "somebody",
            "config": {"Healthcheck": {"Test": ["NONE"]}, "Labels": {"a": "1", "b": "1"}},
            "rootfs": {"type": "layers", "diff_ids": None},
        }
    ).encode()
    content.put(store, raw)
    base = Manifest.of(
        documents.Descriptor.of(media.DOCKER_CONFIG, raw), [], media_type=media.DOCKER_MANIFEST, annotations={"x": "y"}
    )
    content.put(store, base.raw)
    layer = layers.write(store, [layers.Entry("a", b"")])
    root = build.extend(store, base.descriptor, [layer], build.labelled({"b": "2"}))
    made = Manifest.parse(content.get(store, root.digest), root.media_type)
    config = json.loads(content.get(store, made.config.digest))
    assert made.annotations == {"x": "y"}
    assert made.layers[0].media_type == media.DOCKER_LAYER_GZIP
    assert config["author"] == "somebody"
    assert config["config"] == {"Healthcheck": {"Test": ["NONE"]}, "Labels": {"a": "1", "b": "2"}}
    assert config["rootfs"]["diff_ids"] == [str(layer.diff_id)]


def test_an_artifact_cannot_be_extended(store: MemoryStore) -> None:
    raw = b"{}"
    content.put(store, raw)
    artifact = Manifest.of(documents.Descriptor.of("application/vnd.oci.empty.v1+json", raw), [])
    content.put(store, artifact.raw)
    with pytest.raises(documents.InvalidDocumentError, match="no media type of an image config"):
        build.extend(store, artifact.descriptor, [layers.write(store, [])])


def test_attestations_are_left_out_and_an_index_of_nothing_else_is_refused(store: MemoryStore) -> None:
    unknown = Platform("unknown", "unknown")
    [first, *_] = Index.parse(content.get(store, probe.base(store).digest)).manifests
    attestation = documents.Descriptor(first.media_type, first.digest, first.size, platform=unknown)
    layer = layers.write(store, [])
    root = build.extend(store, build.index(store, [first, attestation]), [layer])
    assert list(images_of(store, root)) == ["linux/amd64"]
    with pytest.raises(PullscopeError, match="names no platform"):
        build.extend(store, build.index(store, [attestation]), [layer])
