"""What can go wrong when a runtime pulls an image: a closed union of values.

Whoever talks to a registry (`cri`) makes one of these out of what came back; `flavours` says it in a runtime's words.
They are grouped by how far the pull got: the registry was not reached, it refused, or copying the image failed.
`message` is what the registry has said to the error's code, if anything.
"""

from dataclasses import dataclass

from pullscope.oci.digest import Digest


@dataclass(frozen=True)
class ManifestUnknown:
    """404, MANIFEST_UNKNOWN: the repository may exist, this tag or digest does not."""

    message: str = ""


@dataclass(frozen=True)
class NameUnknown:
    """404, NAME_UNKNOWN: the registry does not know the repository."""

    message: str = ""


@dataclass(frozen=True)
class AuthenticationRequired:
    """401 to a request without credentials or with wrong ones (Basic)."""

    message: str = ""


@dataclass(frozen=True)
class AccessDenied:
    """401 to a token of the token service that is good for less than what was asked for (Bearer, insufficient_scope)."""


@dataclass(frozen=True)
class Denied:
    """403, DENIED."""

    message: str = ""


@dataclass(frozen=True)
class TokenRefused:
    """The token service gave no token: what it answered, to somebody who showed no credentials (`anonymous`) or some."""

    status: int = 401
    anonymous: bool = True


@dataclass(frozen=True)
class UnexpectedStatus:
    """An answer that no rule expects, such as 500 or 503."""

    status: int


@dataclass(frozen=True)
class TooManyRequests:
    """429, and still so after the runtime's own retries."""

    message: str = ""


@dataclass(frozen=True)
class ConnectionRefused:
    """Nothing listens at `address` (`host:port`)."""

    address: str


@dataclass(frozen=True)
class NoSuchHost:
    """The registry's name does not resolve."""

    host: str


@dataclass(frozen=True)
class TimedOut:
    """No connection to `address` (`host:port`) within the runtime's patience."""

    address: str


@dataclass(frozen=True)
class TlsFailed:
    """TLS was not agreed upon; `why` as Go's crypto/tls says it."""

    why: str


@dataclass(frozen=True)
class ConnectionLost:
    """The connection broke in the middle; `why` as Go says it: `unexpected EOF`, `connection reset by peer`."""

    why: str = "unexpected EOF"


@dataclass(frozen=True)
class WrongManifestDigest:
    """The manifest that came is not the one that its digest names."""

    expected: Digest
    actual: Digest


@dataclass(frozen=True)
class WrongBlobDigest:
    """The blob that came is not the one that its digest names."""

    expected: Digest
    actual: Digest


@dataclass(frozen=True)
class BlobUnknown:
    """404, BLOB_UNKNOWN: the manifest is there, a layer or the config is not."""

    digest: Digest


@dataclass(frozen=True)
class NoMatchingPlatform:
    """The index has no image for this node."""

    os: str
    architecture: str
    variant: str = ""


@dataclass(frozen=True)
class Unusable:
    """A manifest, config or layer that cannot be used; `why` names what is wrong with it."""

    why: str


@dataclass(frozen=True)
class NoSpace:
    """The node's disk is full."""


@dataclass(frozen=True)
class Blocked:
    """The rules for mirrors forbid to ask for what is below `source`, and no mirror had it."""

    source: str


Unreached = ConnectionRefused | NoSuchHost | TimedOut | TlsFailed
Refused = (
    ManifestUnknown
    | NameUnknown
    | AuthenticationRequired
    | AccessDenied
    | Denied
    | TokenRefused
    | UnexpectedStatus
    | TooManyRequests
    | WrongManifestDigest
    | Blocked
)
NotCopied = WrongBlobDigest | BlobUnknown | ConnectionLost | NoMatchingPlatform | Unusable | NoSpace

PullFailure = Unreached | Refused | NotCopied
