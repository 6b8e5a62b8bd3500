"""Manifests, indexes and configs: bytes kept, nonsense refused by the name of the field."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.oci import documents, media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, ImageConfig, Index, InvalidDocumentError, Manifest
from pullscope.oci.platform import WASI, Platform

CONFIG = Descriptor.of(media.OCI_CONFIG, b"{}")
LAYER = Descriptor.of(media.OCI_LAYER_GZIP, b"layer")


def test_a_manifest_keeps_its_bytes() -> None:
    raw = b'{ "schemaVersion":2,\n"config":%s, "layers":[%s], "x-future": 1 }' % (
        json.dumps(CONFIG.as_json()).encode(),
        json.dumps(LAYER.as_json()).encode(),
    )
    found = documents.parse(raw, media.OCI_MANIFEST + "; charset=utf-8")
    assert isinstance(found, Manifest)
    assert found.raw == raw
    assert found.digest == Digest.of(raw)
    assert (found.config, found.layers) == (CONFIG, (LAYER,))
    assert found.descriptor == Descriptor.of(media.OCI_MANIFEST, raw)


def test_what_is_made_reads_back() -> None:
    subject = Descriptor.of(media.OCI_MANIFEST, b"subject")
    manifest = Manifest.of(
        CONFIG, [LAYER], artifact_type="application/x-sbom", subject=subject, annotations={"b": "2", "a": "1"}
    )
    again = documents.parse(manifest.raw)
    assert again == manifest
    assert again.kind == "application/x-sbom"
    assert again.subject == subject
    assert Manifest.of(CONFIG, [LAYER]).kind == media.OCI_CONFIG


def test_an_index_knows_its_platforms() -> None:
    entry = Descriptor(media.OCI_MANIFEST, Digest.of(b"m"), 1, platform=WASI, annotations={"k": "v"})
    index = Index.of([entry])
    assert documents.parse(index.raw) == index
    assert index.manifests == (entry,)
    assert json.loads(index.raw)["manifests"][0]["platform"] == {"os": "wasi", "architecture": "wasm"}


def test_docker_schema_2_is_read_by_its_own_media_type() -> None:
    manifest = Manifest.of(CONFIG, [], media_type=media.DOCKER_MANIFEST)
    assert documents.parse(manifest.raw).media_type == media.DOCKER_MANIFEST
    index = Index.of([], media_type=media.DOCKER_LIST)
    assert documents.parse(index.raw).media_type == media.DOCKER_LIST


def _manifest(**changes: Any) -> bytes:
    fields = {"schemaVersion": 2, "mediaType": media.OCI_MANIFEST, "config": CONFIG.as_json(), "layers": []} | changes
    return json.dumps({key: value for key, value in fields.items() if value != "absent"}).encode()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff{}", "not JSON"),
        (b"[]", "the document is not an object"),
        (_manifest(schemaVersion=1), "schemaVersion is not 2"),
        (_manifest(mediaType=5), "mediaType of the document is not a string"),
        (_manifest(mediaType=media.OCI_INDEX), "mediaType is .*index.*, but it was sent as .*manifest"),
        (_manifest(manifests=[]), "a manifest has no manifests"),
        (_manifest(layers="absent"), "layers is missing"),
        (_manifest(layers={}), "layers is not a list of objects"),
        (_manifest(config="absent"), "config is not an object"),
        (_manifest(config={"mediaType": "a", "digest": "sha256:zz", "size": 1}), "config.digest: invalid checksum"),
        (_manifest(layers=[LAYER.as_json() | {"size": -1}]), r"layers\[0\].size is not a size in bytes"),
        (_manifest(layers=[LAYER.as_json() | {"size": True}]), r"layers\[0\].size is not a size in bytes"),
        (_manifest(layers=[LAYER.as_json() | {"digest": 3}]), r"layers\[0\].digest"),
        (_manifest(annotations={"a": 1}), "annotations has a value that is not a string"),
        (_manifest(subject="x"), "subject is not an object"),
    ],
)
def test_a_bad_manifest_is_refused_by_field(raw: bytes, message: str) -> None:
    with pytest.raises(InvalidDocumentError, match=message):
        documents.parse(raw, media.OCI_MANIFEST)


def test_an_index_is_not_a_manifest_too() -> None:
    raw = json.dumps({"schemaVersion": 2, "manifests": [], "layers": []}).encode()
    with pytest.raises(InvalidDocumentError, match="neither config nor layers"):
        documents.parse(raw, media.OCI_INDEX)
    with pytest.raises(InvalidDocumentError, match="no media type of a manifest"):
        documents.parse(raw, "application/vnd.docker.distribution.manifest.v1+prettyjws")


def test_the_config_says_how_to_run() -> None:
    raw = json.dumps(
        {
            "architecture": "arm64",
            "os": "linux",
            "variant": "v8",
            "config": {"Entrypoint": ["/probe"], "Env": ["A=1"], "Labels": {"l": "1"}, "Cmd": None, "User": "1001"},
            "rootfs": {"type": "layers", "diff_ids": [str(LAYER.digest)]},
        }
    ).encode()
    config = ImageConfig.parse(raw)
    assert config.platform == Platform("linux", "arm64", "v8")
    assert (config.entrypoint, config.cmd, config.env, config.user) == (("/probe",), (), ("A=1",), "1001")
    assert config.diff_ids == (LAYER.digest,)
    assert config.labels == {"l": "1"}


def test_an_artifacts_config_is_no_image_config() -> None:
    with pytest.raises(InvalidDocumentError, match="no media type of an image config"):
        ImageConfig.parse(b"{}", "application/vnd.oci.empty.v1+json")
    with pytest.raises(InvalidDocumentError, match="rootfs is not an object"):
        ImageConfig.parse(b"{}")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["schemaVersion", "config", "layers", "manifests", "mediaType", "digest", "size", "platform"]),
        inner,
    ),
)  # fmt: skip


@given(_json | st.fixed_dictionaries({"schemaVersion": st.just(2), "config": _json, "layers": _json}))
def test_any_json_is_read_or_refused(value: Any) -> None:
    raw = json.dumps(value).encode()
    for read in (documents.parse, Manifest.parse, Index.parse, ImageConfig.parse):
        with contextlib.suppress(InvalidDocumentError):
            assert read(raw).raw == raw
