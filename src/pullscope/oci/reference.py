"""Image references: `registry/repository:tag@digest`, read as Kubernetes, podman and docker read them.

Grammar and Docker's normalisation (`busybox` is `docker.io/library/busybox`) are those of distribution/reference v0.6.0
(`reference.go`, `normalize.go`, `regexp.go`), and so are the error texts: a user meets them in `InvalidImageName`.
Two differences, both stricter: sha384 digests are refused (Pullscope verifies sha256 and sha512), and so is a first
component that holds a dot or a colon but is no host name (`a_b.c/app`), which upstream accepts with an empty registry.
"""

import re
from dataclasses import dataclass, replace
from typing import LiteralString, Self

from pullscope.oci import digest as digests

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"

_LEGACY_REGISTRY = "index.docker.io"
_OFFICIAL = "library/"
_MAX_REPOSITORY = 255  # distribution/reference: RepositoryNameTotalLengthMax, without the registry

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"

_REGISTRY_PATTERN = re.compile(_HOST)
_REPOSITORY_PATTERN = re.compile(_PATH)
_TAG_PATTERN = re.compile(_TAG)
_REFERENCE_PATTERN = re.compile(rf"({_HOST})/({_PATH})(?::({_TAG}))?(?:@({_DIGEST}))?")
_IDENTIFIER_PATTERN = re.compile(r"[a-f0-9]{64}")


class InvalidReferenceError(ValueError):
    """The text is no image reference; the message is distribution/reference's."""


@dataclass(frozen=True, order=True)
class Reference:
    """A normalised reference. Its parts are checked when it is made, so one that exists is well-formed."""

    registry: str
    repository: str
    tag: str | None = None
    digest: digests.Digest | None = None

    def __post_init__(self) -> None:
        if not _REGISTRY_PATTERN.fullmatch(self.registry) or not _REPOSITORY_PATTERN.fullmatch(self.repository):
            raise InvalidReferenceError("invalid reference format")
        if len(self.repository) > _MAX_REPOSITORY:
            raise InvalidReferenceError(f"repository name must not be more than {_MAX_REPOSITORY} characters")
        if self.tag is not None and not is_tag(self.tag):
            raise InvalidReferenceError("invalid tag format")

    @property
    def name(self) -> str:
        """`registry/repository`, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def locator(self) -> str | None:
        """What a registry is asked for: the digest where there is one, else the tag."""
        return str(self.digest) if self.digest else self.tag

    def with_default_tag(self) -> Self:
        """Add `latest` where there is neither tag nor digest (upstream: TagNameOnly)."""
        return self if self.tag or self.digest else replace(self, tag=DEFAULT_TAG)

    def with_tag(self, tag: str) -> Self:
        """The same name under another tag, without digest. Raises InvalidReferenceError."""
        return replace(self, tag=tag, digest=None)

    def with_digest(self, digest: digests.Digest) -> Self:
        """The same name at that digest, without tag: the form of `imageID` and `repoDigests`."""
        return replace(self, tag=None, digest=digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return self.name + tag + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """Read `text` as a user or a manifest wrote it. No tag is added: see `Reference.with_default_tag`.

    Raises InvalidReferenceError with upstream's text (upstream: ParseNormalizedNamed).
    """
    if _IDENTIFIER_PATTERN.fullmatch(text):
        raise InvalidReferenceError(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    registry, remainder = _split_registry(text)
    repository = remainder.partition(":")[0]
    if repository.lower() != repository:
        raise InvalidReferenceError(f"invalid reference format: repository name ({repository}) must be lowercase")
    found = _REFERENCE_PATTERN.fullmatch(f"{registry}/{remainder}")
    if not found:
        raise InvalidReferenceError("invalid reference format")
    return Reference(found[1], found[2], found[3], _digest(found[4]))


def literal(text: LiteralString) -> Reference:
    """A reference written in the source: for tests and data modules. Text from outside goes through `parse`."""
    return parse(text)


def is_repository(text: str) -> bool:
    """Whether `text` is the name of a repository inside a registry (distribution-spec v1.1: `<name>`)."""
    return len(text) <= _MAX_REPOSITORY and bool(_REPOSITORY_PATTERN.fullmatch(text))


def is_tag(text: str) -> bool:
    """Whether `text` is a tag (at most 128 characters)."""
    return bool(_TAG_PATTERN.fullmatch(text))


def _split_registry(text: str) -> tuple[str, str]:
    """Upstream: splitDockerDomain. The first component is a registry when it looks like a host, not a namespace."""
    first, slash, rest = text.partition("/")
    if not slash:
        return DEFAULT_REGISTRY, _OFFICIAL + text
    if first == _LEGACY_REGISTRY:
        first = DEFAULT_REGISTRY
    elif not (first == "localhost" or "." in first or ":" in first or first.lower() != first):
        first, rest = DEFAULT_REGISTRY, text
    return first, _OFFICIAL + rest if first == DEFAULT_REGISTRY and "/" not in rest else rest


def _digest(text: str | None) -> digests.Digest | None:
    try:
        return digests.Digest.parse(text) if text is not None else None
    except digests.DigestError as error:
        raise InvalidReferenceError(str(error)) from error
