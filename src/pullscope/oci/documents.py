"""The JSON documents that make an image: descriptors, manifests, indexes, configs (image spec v1.1, docker schema 2).

A document's identity is its bytes, so each keeps them as `raw` and is never written anew: what is read here is passed
on as it was. Reading is strict about what is relied upon (schema version, digests, sizes) and lets unknown fields
be. New documents are made by `Manifest.of` and `Index.of`, always with the same bytes for the same content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import orjson

from pullscope.oci import checked, media
from pullscope.oci.checked import InvalidDocumentError
from pullscope.oci.digest import Digest
from pullscope.oci.platform import Platform

__all__ = ["Descriptor", "ImageConfig", "Index", "InvalidDocumentError", "Manifest", "parse"]

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Descriptor:
    """Points to content: what it is, its digest, its size in bytes."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    artifact_type: str = ""
    urls: tuple[str, ...] = ()

    @classmethod
    def of(cls, media_type: str, data: bytes) -> Self:
        """Describes `data`."""
        return cls(media_type, Digest.of(data), len(data))

    @classmethod
    def parse(cls, value: Any, where: str) -> Self:
        """Read the JSON object at `where` (for the message). Raises InvalidDocumentError."""
        fields = checked.mapping(value, where)
        size = fields.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise InvalidDocumentError(f"{where}.size is not a size in bytes")
        return cls(
            media_type=checked.text(fields, "mediaType", where),
            digest=checked.digest(fields.get("digest"), f"{where}.digest"),
            size=size,
            platform=_platform(fields["platform"], f"{where}.platform") if fields.get("platform") else None,
            annotations=checked.texts(fields.get("annotations"), f"{where}.annotations"),
            artifact_type=checked.text(fields, "artifactType", where),
            urls=checked.sequence(fields.get("urls"), f"{where}.urls", str),
        )

    def as_json(self) -> dict[str, Any]:
        """The JSON object, without what is empty."""
        fields = {
            "mediaType": self.media_type,
            "digest": str(self.digest),
            "size": self.size,
            "artifactType": self.artifact_type,
            "urls": list(self.urls),
            "annotations": dict(self.annotations),
            "platform": self.platform.as_json() if self.platform else None,
        }
        return {key: value for key, value in fields.items() if value or key == "size"}


@dataclass(frozen=True)
class _Document:
    """What manifest and index share."""

    raw: bytes = field(repr=False)
    media_type: str
    artifact_type: str
    annotations: Mapping[str, str]
    subject: Descriptor | None

    @cached_property
    def digest(self) -> Digest:
        """The sha256 of the bytes: the name of the document."""
        return Digest.of(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        """A descriptor of this document."""
        return Descriptor(self.media_type, self.digest, len(self.raw))


@dataclass(frozen=True)
class Manifest(_Document):
    """An image for one platform, or an artifact: a config and layers."""

    config: Descriptor
    layers: tuple[Descriptor, ...]

    @classmethod
    def parse(cls, raw: bytes, media_type: str = "") -> Self:
        """Read a manifest; `media_type` is what it was served as. Raises InvalidDocumentError."""
        fields, media_type = _document(raw, media_type, media.MANIFESTS)
        if "manifests" in fields:  # CVE-2021-41190: a document must not be readable as both
            raise InvalidDocumentError("a manifest has no manifests")
        config = Descriptor.parse(fields.get("config"), "config")
        return cls(
            **_common(raw, media_type, fields),
            config=config,
            layers=_descriptors(fields.get("layers"), "layers"),
        )

    @classmethod
    def of(
        cls,
        config: Descriptor,
        layers: Sequence[Descriptor],
        *,
        media_type: str = media.OCI_MANIFEST,
        artifact_type: str = "",
        subject: Descriptor | None = None,
        annotations: Mapping[str, str] = _NOTHING,
    ) -> Self:
        """Make a manifest."""
        entries = {"config": config.as_json(), "layers": [layer.as_json() for layer in layers]}
        return cls.parse(_encode(media_type, entries, artifact_type, subject, annotations), media_type)

    @property
    def kind(self) -> str:
        """The artifact's type: the field, else the config's media type (image spec v1.1, `artifactType`)."""
        return self.artifact_type or self.config.media_type


@dataclass(frozen=True)
class Index(_Document):
    """Several manifests under one name, usually one for each platform."""

    manifests: tuple[Descriptor, ...]

    @classmethod
    def parse(cls, raw: bytes, media_type: str = "") -> Self:
        """Read an index or a docker manifest list. Raises InvalidDocumentError."""
        fields, media_type = _document(raw, media_type, media.INDEXES)
        if "config" in fields or "layers" in fields:  # CVE-2021-41190
            raise InvalidDocumentError("an index has neither config nor layers")
        return cls(
            **_common(raw, media_type, fields),
            manifests=_descriptors(fields.get("manifests"), "manifests"),
        )

    @classmethod
    def of(
        cls,
        manifests: Sequence[Descriptor],
        *,
        media_type: str = media.OCI_INDEX,
        artifact_type: str = "",
        subject: Descriptor | None = None,
        annotations: Mapping[str, str] = _NOTHING,
    ) -> Self:
        """Make an index."""
        entries = {"manifests": [manifest.as_json() for manifest in manifests]}
        return cls.parse(_encode(media_type, entries, artifact_type, subject, annotations), media_type)

    @property
    def kind(self) -> str:
        """The artifact's type; an index without one has none."""
        return self.artifact_type


def parse(raw: bytes, media_type: str = "") -> Manifest | Index:
    """Read whichever of the two it is, by `media_type` or else by its own `mediaType` or fields."""
    media_type = media.base(media_type)
    if media_type in media.MANIFESTS:
        return Manifest.parse(raw, media_type)
    if media_type in media.INDEXES:
        return Index.parse(raw, media_type)
    if media_type:
        raise InvalidDocumentError(f"{media_type} is no media type of a manifest")
    fields = checked.load(raw)
    is_index = fields.get("mediaType", "") in media.INDEXES or "manifests" in fields
    return Index.parse(raw) if is_index else Manifest.parse(raw)


@dataclass(frozen=True)
class ImageConfig:
    """How an image's program is started, and the digests of its unpacked layers."""

    raw: bytes = field(repr=False)
    platform: Platform
    diff_ids: tuple[Digest, ...]
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    created: str = ""

    @classmethod
    def parse(cls, raw: bytes, media_type: str = media.OCI_CONFIG) -> Self:
        """Read an image config. Raises InvalidDocumentError, also for the config of an artifact."""
        if media.base(media_type) not in (media.OCI_CONFIG, media.DOCKER_CONFIG):
            raise InvalidDocumentError(f"{media_type} is no media type of an image config")
        fields = checked.load(raw)
        run = checked.mapping(fields.get("config") or {}, "config")
        diff_ids = checked.mapping(fields.get("rootfs"), "rootfs").get("diff_ids")
        return cls(
            raw=raw,
            platform=_platform(fields, "config"),
            diff_ids=tuple(
                checked.digest(text, f"rootfs.diff_ids[{number}]")
                for number, text in enumerate(checked.sequence(diff_ids, "rootfs.diff_ids", str))
            ),
            entrypoint=checked.sequence(run.get("Entrypoint"), "config.Entrypoint", str),
            cmd=checked.sequence(run.get("Cmd"), "config.Cmd", str),
            env=checked.sequence(run.get("Env"), "config.Env", str),
            working_dir=checked.text(run, "WorkingDir", "config"),
            user=checked.text(run, "User", "config"),
            labels=checked.texts(run.get("Labels"), "config.Labels"),
            created=checked.text(fields, "created", "config"),
        )


def _document(raw: bytes, media_type: str, known: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The fields, and the media type that document and caller agree on."""
    fields = checked.load(raw)
    if fields.get("schemaVersion") != 2:
        raise InvalidDocumentError("schemaVersion is not 2")
    stated = checked.text(fields, "mediaType", "the document")
    served = media.base(media_type)
    if stated and served and stated != served:
        raise InvalidDocumentError(f"mediaType is {stated}, but it was sent as {served}")
    agreed = served or stated or known[0]
    if agreed not in known:
        raise InvalidDocumentError(f"{agreed} is not one of {', '.join(known)}")
    return fields, agreed


def _common(raw: bytes, media_type: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    subject = fields.get("subject")
    return {
        "raw": raw,
        "media_type": media_type,
        "artifact_type": checked.text(fields, "artifactType", "the document"),
        "annotations": checked.texts(fields.get("annotations"), "annotations"),
        "subject": Descriptor.parse(subject, "subject") if subject is not None else None,
    }


def _encode(
    media_type: str,
    entries: Mapping[str, Any],
    artifact_type: str,
    subject: Descriptor | None,
    annotations: Mapping[str, str],
) -> bytes:
    fields = {
        "schemaVersion": 2,
        "mediaType": media_type,
        **({"artifactType": artifact_type} if artifact_type else {}),
        **entries,
        **({"subject": subject.as_json()} if subject else {}),
        **({"annotations": dict(sorted(annotations.items()))} if annotations else {}),
    }
    return orjson.dumps(fields)


def _descriptors(value: Any, where: str) -> tuple[Descriptor, ...]:
    if value is None:
        raise InvalidDocumentError(f"{where} is missing")
    return tuple(
        Descriptor.parse(item, f"{where}[{number}]") for number, item in enumerate(checked.sequence(value, where, dict))
    )


def _platform(value: Any, where: str) -> Platform:
    fields = checked.mapping(value, where)
    return Platform(
        os=checked.text(fields, "os", where),
        architecture=checked.text(fields, "architecture", where),
        variant=checked.text(fields, "variant", where),
        os_version=checked.text(fields, "os.version", where),
        os_features=checked.sequence(fields.get("os.features"), f"{where}.os.features", str),
    )
