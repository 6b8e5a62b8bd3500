"""What the runtimes' sentences have in common: what one is, names of images, and Go's words for what networks and HTTP say."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import assert_never

from pullscope.oci.reference import DEFAULT_REGISTRY, Reference
from pullscope.pull import failures
from pullscope.pull.failures import PullFailure


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


def familiar(image: Reference) -> str:
    """The short form that CRI-O prints: `busybox:1`, `user/app:1`, `quay.io/a/b:1` (reference.FamiliarString)."""
    if not _on_docker_hub(image):
        return str(image)
    official = image.repository.startswith("library/") and image.repository.count("/") == 1
    return str(image).removeprefix("docker.io/library/" if official else "docker.io/")


def _on_docker_hub(image: Reference) -> bool:
    return image.registry == DEFAULT_REGISTRY


def host(image: Reference) -> str:
    """Where its registry is asked."""
    return served(image.registry)


def served(registry: str) -> str:
    """Where that registry is asked: `docker.io` is only a name."""
    return "registry-1.docker.io" if registry == DEFAULT_REGISTRY else registry


def dial(failure: failures.Unreached) -> str:
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


def status_line(code: int) -> str:
    """Go's Response.Status: the number and its phrase."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
