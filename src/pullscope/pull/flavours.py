"""What a container runtime says when a pull fails: one structured failure, one sentence for each runtime.

`sentence` builds the message of the CRI error from a `failures.PullFailure`; the kubelet then puts it into events and
waiting messages. CRI-O's sentences are those of 1.37 (github.com/containers/image docker/ and copy/ below it),
containerd's those of 1.6. Where a cluster was observed, the recording decides; the failures that nobody recorded (a wrong
digest, a missing blob, TLS, a full disk) follow the libraries' sources, leave out paths of temporary files, and take every
image for one of an index, as most are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, assert_never

from pullscope.oci.reference import Reference
from pullscope.pull import failures, reasons
from pullscope.pull.failures import PullFailure

Flavour = Literal["cri-o", "containerd"]


@dataclass(frozen=True)
class Rules:
    """What else a runtime does its own way with images, besides its sentences.

    `id_prefix` stands before an image's id. `keeps_used`: an image that a container was made of cannot be removed, else its
    names and its place in the lists go. `packed_size`: sizes are of what was downloaded, else of what was unpacked.
    `names_by_tag`: `repository@digest` names an image while a tag of that repository leads to it (or it was pulled by that
    name), and each of its digests goes with each such repository; else exactly what was pulled does, until it is removed.
    `names_of_making`: a container's status tells the image's names of when it was made, else those of its last change.
    `joins_pulls`: pulls of one name with the same credentials at the same time are one, else each asks the registry.
    `finds_one`: its list of images can be narrowed to the one of a name, else it is always whole.
    `pauses`: seconds before a registry that says 429 is asked again, within one pull.
    """

    id_prefix: str
    keeps_used: bool
    packed_size: bool
    names_by_tag: bool
    names_of_making: bool
    joins_pulls: bool
    finds_one: bool
    pauses: tuple[int, ...]


RULES: dict[Flavour, Rules] = {
    # CRI-O 1.37: internal/storage/image.go (makeRepoDigests, PreviousName), server/container_create.go (someRepoDigest),
    # c/storage images.go; recorded with 1.37.0. server/image_pull.go (pullOperationsInProgress); c/image
    # docker_client.go (makeRequestToResolvedURL: five tries, 2 s doubling).
    "cri-o": Rules(
        id_prefix="",
        keeps_used=True,
        packed_size=False,
        names_by_tag=True,
        names_of_making=True,
        joins_pulls=True,
        finds_one=True,
        pauses=(2, 4, 8, 16),
    ),
    # containerd: pkg/cri/store/image/image.go (Size, docker.Sort), pkg/cri/server/container_status.go; recorded with 1.6.20.
    # remotes/docker/resolver.go (retryRequest: six tries without a pause).
    "containerd": Rules(
        id_prefix="sha256:",
        keeps_used=False,
        packed_size=True,
        names_by_tag=False,
        names_of_making=False,
        joins_pulls=False,
        finds_one=False,
        pauses=(0,) * 5,
    ),
}


@dataclass(frozen=True)
class Sentence:
    """A CRI error: `code` is the gRPC status code's name, `reason` the kubelet's word where the runtime maps one.

    `message` starts with `reason` when there is one: that prefix is all that crosses gRPC.
    """

    message: str
    code: str = "Unknown"
    reason: str | None = None


@dataclass(frozen=True)
class Attempt:
    """A mirror that was asked for `image` in vain, before the image's own registry was."""

    image: Reference
    failure: PullFailure
    scheme: str


def sentence(
    flavour: Flavour,
    image: Reference,
    failure: PullFailure,
    *,
    scheme: str = "https",
    mirrors: Sequence[Attempt] = (),
) -> Sentence:
    """What the runtime says of that failure. `scheme` is how it spoke to the registry: `http` or `https`.

    `mirrors` were asked before; containerd says nothing of them.
    """
    match flavour:
        case "cri-o":
            return _cri_o(image, failure, scheme, mirrors)
        case "containerd":
            return _containerd(image, failure, scheme)
        case _:
            assert_never(flavour)


def familiar(image: Reference) -> str:
    """The short form that CRI-O prints: `busybox:1`, `user/app:1`, `quay.io/a/b:1` (reference.FamiliarString)."""
    if not _on_docker_hub(image):
        return str(image)
    official = image.repository.startswith("library/") and image.repository.count("/") == 1
    return str(image).removeprefix("docker.io/library/" if official else "docker.io/")


def _on_docker_hub(image: Reference) -> bool:
    return image.registry == "docker.io"


def _host(image: Reference) -> str:
    return "registry-1.docker.io" if _on_docker_hub(image) else image.registry


def _dial(failure: failures.Unreached) -> str:
    """Go's net errors."""
    match failure:
        case failures.ConnectionRefused(address):
            return f"dial tcp {address}: connect: connection refused"
        case failures.NoSuchHost(host):
            return f"dial tcp: lookup {host}: no such host"
        case failures.TimedOut(address):
            return f"dial tcp {address}: i/o timeout"
        case failures.TlsFailed(why):
            return why
        case _:
            assert_never(failure)


def _status(code: int) -> str:
    """Go's Response.Status: the number and its phrase."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


# ------------------------------------------------------------------------- CRI-O


def copying(image: Reference, failure: PullFailure, *, scheme: str = "https", mirrors: Sequence[Attempt] = ()) -> str:
    """What the library containers/image says of a failure, which CRI-O, podman and buildah put their own words around."""
    if isinstance(failure, failures.NotCopied):
        return _not_copied(image, failure)
    if isinstance(failure, failures.WrongManifestDigest):
        return f"determining manifest MIME type for docker://{familiar(image)}: {_wrong_manifest(failure)}"
    said = _after(mirrors, image, _initializing(image, failure, scheme))
    return f"initializing source docker://{familiar(image)}: {said}"


def _initializing(image: Reference, failure: failures.Unreached | failures.Refused, scheme: str) -> str:
    if isinstance(failure, failures.Unreached):
        host = _host(image)
        return f'pinging container registry {host}: Get "{scheme}://{host}/v2/": {_dial(failure)}'
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


def _cri_o(image: Reference, failure: PullFailure, scheme: str, mirrors: Sequence[Attempt]) -> Sentence:
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


_LINE_END = "\n"
_REGISTRIES_CONF = "/etc/containers/registries.conf"  # where OpenShift writes what the mirror sets say
_IS_AN_IMAGE = "reference is a container image, not an OCI artifact"  # internal/ociartifact ErrIsAnImage


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
            return f"Requesting bearer token: received unexpected HTTP status: {_status(status)}"


def _wrong_manifest(failure: failures.WrongManifestDigest) -> str:
    return f"Manifest does not match provided manifest digest {failure.expected}"


def _refused(image: Reference, failure: failures.Refused) -> str:
    reading = f"reading manifest {image.locator} in {image.name}: "
    match failure:
        case failures.TokenRefused(status):
            return _no_token(status)
        case failures.UnexpectedStatus(status):
            return f"{reading}received unexpected HTTP status: {_status(status)}"
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
        source = f"docker://{familiar(image)}"
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


# ------------------------------------------------------------------------- containerd


_ANSWERED: dict[type[failures.Refused], int] = {
    failures.AuthenticationRequired: 401,
    failures.Denied: 403,
    failures.TooManyRequests: 429,
}


def _containerd(image: Reference, failure: PullFailure, scheme: str) -> Sentence:
    failed = f'failed to pull and unpack image "{image}": '
    if isinstance(failure, failures.NotCopied):
        return Sentence(failed + _unpacking(failure))
    if isinstance(failure, failures.WrongManifestDigest):
        return Sentence(f"{failed}failed commit on ref: unexpected commit digest, expected {failure.expected}")
    resolve = f'{failed}failed to resolve reference "{image}": '
    if isinstance(failure, failures.Unreached):
        url = f"{scheme}://{_host(image)}/v2/{image.repository}/manifests/{image.locator}"
        return Sentence(f'{resolve}failed to do request: Head "{url}": {_dial(failure)}')
    if isinstance(failure, failures.ManifestUnknown | failures.NameUnknown):
        return Sentence(f"{resolve}{image}: not found", code="NotFound")
    return Sentence(resolve + _unresolved(image, failure))


def _unresolved(image: Reference, failure: failures.Refused) -> str:
    match failure:
        case failures.TokenRefused(status, anonymous):
            kind = "anonymous" if anonymous else "oauth"
            return f"failed to authorize: failed to fetch {kind} token: unexpected status: {_status(status)}"
        case failures.AccessDenied():
            refused = "pull access denied, repository does not exist or may require authorization"
            return f"{refused}: server message: insufficient_scope: authorization failed"
        case failures.UnexpectedStatus(status):
            return _answered(image, status)
        case failures.Blocked(source):
            return f"registry {source} is blocked"  # containerd has no such rule; only CRI-O's nodes are made here
        case _:
            return _answered(image, _ANSWERED[type(failure)])


def _answered(image: Reference, status: int) -> str:
    return f"pulling from host {_host(image)} failed with status code [manifests {image.locator}]: {_status(status)}"


def _unpacking(failure: failures.NotCopied) -> str:
    match failure:
        case failures.WrongBlobDigest(expected, actual):
            return f'failed commit on ref "layer-{expected}": unexpected commit digest {actual}, expected {expected}: failed precondition'
        case failures.BlobUnknown(digest):
            return f"failed to copy: httpReadSeeker: failed open: content at {digest} not found: not found"
        case failures.ConnectionLost(why):
            return f"failed to copy: {why}"
        case failures.NoMatchingPlatform():
            return "no match for platform in manifest: not found"
        case failures.Unusable(why):
            return why
        case failures.NoSpace():
            return "failed to copy: no space left on device"
        case _:
            assert_never(failure)
