"""Images as OpenShift keeps them, made of the documents of a real image."""

from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci.documents import ImageConfig, Index, Manifest
from pullscope.openshift import dockerimage


def test_an_image_has_the_metadata_that_new_build_asks_for() -> None:
    store = MemoryStore()
    index = Index.parse(content.get(store, probe.base(store).digest))
    manifest = Manifest.parse(content.get(store, index.manifests[0].digest))
    config = ImageConfig.parse(content.get(store, manifest.config.digest))
    image = dockerimage.of_manifest(f"r/x@{manifest.digest}", manifest, config)
    assert image["metadata"]["name"] == str(manifest.digest)
    metadata = image["dockerImageMetadata"]
    assert metadata["Id"] == str(manifest.config.digest)
    assert metadata["Created"] == config.created
    assert metadata["Architecture"] == config.platform.architecture
    assert metadata["Config"]["Entrypoint"] == list(config.entrypoint)
    assert metadata["Size"] == manifest.config.size + sum(layer.size for layer in manifest.layers)
    assert [layer["name"] for layer in image["dockerImageLayers"]] == [str(layer.digest) for layer in manifest.layers]


def test_an_index_lists_its_platforms() -> None:
    store = MemoryStore()
    index = Index.parse(content.get(store, probe.base(store).digest))
    image = dockerimage.of_index(f"r/x@{index.digest}", index)
    listed = {(entry["os"], entry["architecture"]) for entry in image["dockerImageManifests"]}
    assert listed == {("linux", "amd64"), ("linux", "arm64"), ("wasi", "wasm")}
