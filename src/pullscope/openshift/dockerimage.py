"""An OpenShift Image out of an image's documents: `dockerImageMetadata`, its layers, its reference.

Without the metadata `oc new-build` and `oc new-app` find no image; the capitalised keys are Docker's own.

Upstream: openshift/library-go pkg/image/imageutil and openshift-apiserver 4.22 pkg/image/apiserver/internalimageutil.
"""

from typing import Any

import orjson

from pullscope.oci.documents import ImageConfig, Index, Manifest
from pullscope.openshift import names

Image = dict[str, Any]


def of_manifest(reference: str, manifest: Manifest, config: ImageConfig) -> Image:
    """The Image of one platform, pulled by `reference` (`repository@digest`). Keys that upstream leaves out are left out."""
    return {
        **_head(reference, str(manifest.digest)),
        "dockerImageMetadata": _metadata(manifest, orjson.loads(config.raw)),
        "dockerImageMetadataVersion": "1.0",
        "dockerImageManifestMediaType": manifest.media_type,
        "dockerImageLayers": [
            {"name": str(layer.digest), "size": layer.size, "mediaType": layer.media_type} for layer in manifest.layers
        ],
    }


def of_index(reference: str, index: Index) -> Image:
    """The Image of an index (import mode PreserveOriginal): what it has for which platform, and no metadata of its own."""
    return {
        **_head(reference, str(index.digest)),
        "dockerImageMetadata": {"kind": "DockerImage", "apiVersion": "image.openshift.io/1.0", "Id": ""},
        "dockerImageMetadataVersion": "1.0",
        "dockerImageManifestMediaType": index.media_type,
        "dockerImageLayers": None,
        "dockerImageManifests": [
            {
                "digest": str(entry.digest),
                "mediaType": entry.media_type,
                "manifestSize": entry.size,
                "architecture": entry.platform.architecture if entry.platform else "",
                "os": entry.platform.os if entry.platform else "",
                **({"variant": entry.platform.variant} if entry.platform and entry.platform.variant else {}),
            }
            for entry in index.manifests
        ],
    }


def _head(reference: str, digest: str) -> Image:
    return {
        "kind": "Image",
        "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": digest, "annotations": {names.LAYERS_ORDER: "ascending"}},
        "dockerImageReference": reference,
    }


def _metadata(manifest: Manifest, config: dict[str, Any]) -> Image:
    optional = {
        "Parent": config.get("parent"),
        "Comment": config.get("comment"),
        "Author": config.get("author"),
        "DockerVersion": config.get("docker_version"),
        "Container": config.get("container"),
    }
    return {
        "kind": "DockerImage",
        "apiVersion": "image.openshift.io/1.0",
        "Id": str(manifest.config.digest),
        "Created": config.get("created"),
        "ContainerConfig": config.get("container_config") or {},
        **{key: value for key, value in optional.items() if value},
        "Config": {key: value for key, value in (config.get("config") or {}).items() if value not in (None, "", [])},
        "Architecture": config.get("architecture", ""),
        "Size": manifest.config.size + sum(layer.size for layer in manifest.layers),
    }
