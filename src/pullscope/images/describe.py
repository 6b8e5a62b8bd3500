"""What an image is made of, in a form that people and scripts can read."""

from typing import Any

from pullscope.content import api as content
from pullscope.content.api import BlobStore
from pullscope.images.build import images_of
from pullscope.oci import documents
from pullscope.oci.documents import Descriptor, ImageConfig, Manifest


def describe(store: BlobStore, root: Descriptor) -> dict[str, Any]:
    """The image or index `root`, whose documents (not layers) are in the store: digest, and each platform's parts."""
    document = documents.parse(content.get(store, root.digest), root.media_type)
    if isinstance(document, Manifest):
        images = [_image(store, document)]
    else:
        manifests = [(content.get(store, entry.digest), entry.media_type) for entry in images_of(document)]
        images = [_image(store, Manifest.parse(*manifest)) for manifest in manifests]
    return {"digest": str(root.digest), "mediaType": root.media_type, "images": images}


def _image(store: BlobStore, manifest: Manifest) -> dict[str, Any]:
    config = ImageConfig.parse(content.get(store, manifest.config.digest), manifest.config.media_type)
    return {
        "platform": str(config.platform),
        "digest": str(manifest.digest),
        "id": manifest.config.digest.hex,
        "size": sum(layer.size for layer in manifest.layers),
        "created": config.created,
        "command": [*config.entrypoint, *config.cmd],
        "labels": dict(config.labels),
        "layers": [{"digest": str(layer.digest), "size": layer.size} for layer in manifest.layers],
    }
