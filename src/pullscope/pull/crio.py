"""What CRI-O 1.37 says when a pull fails. Most of it is what its library says, which podman and buildah are made of, too.

Upstream: CRI-O internal/storage/image.go (PullImage) and internal/ociartifact; c/image docker/ and copy/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from pullscope.oci.reference import Reference
from pullscope.pull import failures, reasons, sentences
from pullscope.pull.failures import PullFailure
from pullscope.pull.sentences import Attempt, Sentence

_LINE_END = "\n"
_REGISTRIES_CONF = "/etc/containers/registries.conf"  # where OpenShift writes what the mirror sets say
_IS_AN_IMAGE = "reference is a container image, not an OCI artifact"  # internal/ociartifact ErrIsAnImage


def copying(image: Reference, failure: PullFailure, *, scheme: str = "https", mirrors: Sequence[Attempt] = ()) -> str:
    """What the library containers/image says of a failure, which CRI-O, podman and buildah put their own words around."""
    if isinstance(failure, failures.NotCopied):
        return _not_copied(image, failure)
    if isinstance(failure, failures.WrongManifestDigest):
        return f"determining manifest MIME type for docker://{sentences.familiar(image)}: {_wrong_manifest(failure)}"
    said = _after(mirrors, image, _initializing(image, failure, scheme))
    return f"initializing source docker://{sentences.familiar(image)}: {said}"


def _initializing(image: Reference, failure: failures.Unreached | failures.Refused, scheme: str) -> str:
    if isinstance(failure, failures.Unreached):
        host = sentences.host(image)
        return f'pinging container registry {host}: Get "{scheme}://{host}/v2/": {sentences.dial(failure)}'
    return _refused(image, failure)


def _after(mirrors: Sequence[Attempt], image: Reference, said: str) -> str:
    """What is said of the image's own registry, with what was said of its mirrors before."""
    if not mirrors:
        return said
    return f"(Mirrors also failed: {_LINE_END.join(map(_attempted, mirrors))}): {image}: {said}"


def _attempted(attempt: Attempt) -> str:
    failure = attempt.failure
    if isinstance(failure, failures.NotCopied):
        return f"[{attempt.image}: {_not_copied(attempt.image, failure)}]"
    return f"[{attempt.image}: {_initializing(attempt.image, failure, attempt.scheme)}]"


def sentence(image: Reference, failure: PullFailure, scheme: str, mirrors: Sequence[Attempt]) -> Sentence:
    """See `flavours.sentence`."""
    why = copying(image, failure, scheme=scheme, mirrors=mirrors)
    if isinstance(failure, failures.ConnectionRefused):
        reason = reasons.REGISTRY_UNAVAILABLE
        return Sentence(f"{reason}: unable to pull image: {why}", reason=reason)
    if isinstance(failure, failures.Unreached):
        return Sentence(f"unable to pull image: {why}")
    either = f"unable to pull image or OCI artifact: pull image err: {why}"
    if isinstance(failure, failures.NotCopied | failures.WrongManifestDigest):
        return Sentence(f"{either}; artifact err: image reference: {_IS_AN_IMAGE}")
    artifact = _after(mirrors, image, _refused(image, failure))
    return Sentence(f"{either}; artifact err: image reference: get manifest from ref: create image source: {artifact}")


@dataclass(frozen=True)
class _Refusal:
    """How a code is told: alone as `plain`, and so with its `usual` message; another message after the code's `words`.

    Upstream: c/image docker/errors.go (registryHTTPResponseToError) and distribution's errcode.
    """

    words: str
    usual: str
    plain: str = ""


_Coded = (
    failures.ManifestUnknown
    | failures.NameUnknown
    | failures.AuthenticationRequired
    | failures.Denied
    | failures.TooManyRequests
)
_REFUSED: dict[type[_Coded], _Refusal] = {
    failures.ManifestUnknown: _Refusal("manifest unknown", "manifest unknown"),
    failures.NameUnknown: _Refusal("name unknown", "repository name not known to registry"),
    failures.AuthenticationRequired: _Refusal("unauthorized", "authentication required", "authentication required"),
    failures.Denied: _Refusal("denied", "requested access to the resource is denied"),
    failures.TooManyRequests: _Refusal("toomanyrequests", "too many requests"),
}


def _told(failure: _Coded) -> str:
    refusal = _REFUSED[type(failure)]
    if failure.message in ("", refusal.usual):
        return refusal.plain or refusal.words
    return f"{refusal.words}: {failure.message}"


def _no_token(status: int) -> str:
    """c/image docker_client.go (getBearerToken) and errors.go (httpResponseToError)."""
    match status:
        case 200 | 401:
            return "unable to retrieve auth token: invalid username/password: unauthorized"
        case 429:
            return "too many requests to registry"
        case _:
            return f"Requesting bearer token: received unexpected HTTP status: {sentences.status_line(status)}"


def _wrong_manifest(failure: failures.WrongManifestDigest) -> str:
    return f"Manifest does not match provided manifest digest {failure.expected}"


def _refused(image: Reference, failure: failures.Refused) -> str:
    reading = f"reading manifest {image.locator} in {image.name}: "
    match failure:
        case failures.TokenRefused(status):
            return _no_token(status)
        case failures.UnexpectedStatus(status):
            return f"{reading}received unexpected HTTP status: {sentences.status_line(status)}"
        case failures.AccessDenied():  # the challenge says insufficient_scope
            return f"{reading}requested access to the resource is denied"
        case failures.WrongManifestDigest():
            return _wrong_manifest(failure)
        case failures.Blocked(source):
            return f"registry {source} is blocked in {_REGISTRIES_CONF} or {_REGISTRIES_CONF}.d"
        case _:
            return reading + _told(failure)


def _not_copied(image: Reference, failure: failures.NotCopied) -> str:
    if isinstance(failure, failures.NoMatchingPlatform):
        wanted = f'architecture "{failure.architecture}", variant "{failure.variant}", OS "{failure.os}"'
        source = f"docker://{sentences.familiar(image)}"
        return f"choosing an image from manifest list {source}: no image found in image index for {wanted}"
    return f"copying system image from manifest list: {_copying(failure)}"


_Copied = (
    failures.WrongBlobDigest | failures.BlobUnknown | failures.ConnectionLost | failures.Unusable | failures.NoSpace
)


def _copying(failure: _Copied) -> str:
    match failure:
        case failures.WrongBlobDigest(expected, actual):
            return f"writing blob: happened during read: Digest did not match, expected {expected}, got {actual}"
        case failures.BlobUnknown(digest):
            return f"reading blob {digest}: fetching blob: blob unknown to registry"
        case failures.ConnectionLost(why):
            return f"writing blob: happened during read: {why}"
        case failures.Unusable(why):
            return why
        case failures.NoSpace():
            return "writing blob: no space left on device"
        case _:
            assert_never(failure)
