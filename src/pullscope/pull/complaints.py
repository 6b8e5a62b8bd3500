"""Why a pull failed, read from the runtime's own sentence: `flavours`, backwards, for clusters that are not ours.

ErrImagePull has many causes. Only the sentence (or the registry's log) tells that *this tag is missing* from a registry
that is out of reach, a certificate, credentials or a typo. Sentences: CRI-O 1.37 and containerd 1.6/2 as recorded, dockerd
through cri-dockerd; c/image and containerd put the reference that they asked for into them, which is compared.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError


class Cause(Enum):
    """What a sentence says; the value completes "the pull failed because …"."""

    MISSING = "the registry does not know this tag"
    OTHER_TAG = "another image than the one of this case was asked for"
    TLS = "the registry's certificate or protocol was not accepted"
    CREDENTIALS = "the registry refused the credentials, or wants some"
    LIMITED = "the registry limits the rate of requests"
    UNREACHABLE = "the registry cannot be reached"
    BROKEN = "the registry answered with an error of its own"
    CONTENT = "what the registry sent is not what its digest names"
    PLATFORM = "the image has no variant for the node's platform"
    NAME = "the image's name is malformed"
    UNKNOWN = "of something that its message does not tell"


@dataclass(frozen=True)
class _Sign:
    cause: Cause
    pattern: re.Pattern[str]


def _sign(cause: Cause, *texts: str) -> _Sign:
    return _Sign(cause, re.compile("|".join(texts), re.IGNORECASE))


# What CRI-O says of mirrors, before it says what the image's own registry said: that decides.
_OF_MIRRORS = re.compile(r"\(Mirrors also failed: .*?\]\): ", re.DOTALL)

# What CRI-O tells of a download that broke more than once: any number, 429 and 401 too.
_OF_DOWNLOADS = re.compile(r"\(heuristic tuning data: [^)]*\): ")

# The first that matches tells. Certificates stand before connections, since both name the connection.
_SIGNS = (
    _sign(Cause.NAME, "invalid reference format", "couldn't parse image name"),
    _sign(
        Cause.CONTENT,
        "Manifest does not match provided manifest digest",  # CRI-O (containers/image)
        "Digest did not match",
        "unexpected commit digest",  # containerd
        "failed size validation",
        "manifest verification failed for digest",  # dockerd
    ),
    _sign(Cause.PLATFORM, "no match for platform", "no image found in (?:image index|manifest list)"),
    _sign(Cause.TLS, r"x509:", r"\btls:", "server gave HTTP response to HTTPS client", "certificate"),
    _sign(Cause.LIMITED, "toomanyrequests", "too many requests", r"\b429\b"),
    _sign(
        Cause.CREDENTIALS,
        "authentication required",
        "unauthorized",
        "authorization failed",
        "access to the resource is denied",
        r":\s*denied\b",
        "no basic auth credentials",
        "invalid username/password",
        r"\b40[13]\b",
    ),
    _sign(
        Cause.UNREACHABLE,
        "connection refused",
        "registry is unavailable",
        "RegistryUnavailable",
        "is blocked in",
        "no such host",
        "i/o timeout",
        "context deadline exceeded",
        "no route to host",
        "network is unreachable",
        "connection reset",
        "unexpected EOF",
    ),
    _sign(
        Cause.BROKEN,
        "unexpected HTTP status",
        r"\b50[0-4] ",
        "status code 5",
        "blob unknown to registry",  # the manifest is there, a blob of it is not
        "could not fetch content descriptor",
    ),
)


def told(image: str, texts: Iterable[str]) -> Cause:
    """The cause that the first of the texts tells that tells one (older kubelets say little while they back off)."""
    causes = (cause_of(text, image) for text in texts)
    return next((found for found in causes if found is not Cause.UNKNOWN), Cause.UNKNOWN)


def cause_of(text: str, image: str) -> Cause:
    """The cause that `text` (a waiting message or a `Failed to pull` event) gives for a failed pull of `image`."""
    text = _OF_DOWNLOADS.sub("", _OF_MIRRORS.sub("", text))
    try:
        missing = _says_missing(text, references.parse(image).with_default_tag())
    except InvalidReferenceError:
        missing = False
    if missing:
        return Cause.MISSING
    for sign in _SIGNS:
        if sign.pattern.search(text):
            return sign.cause
    if re.search(r"manifest unknown|name unknown|not found", text, re.IGNORECASE):
        return Cause.OTHER_TAG
    return Cause.UNKNOWN


def _says_missing(text: str, wanted: references.Reference) -> bool:
    """Whether the sentence says that the registry has no manifest for exactly this reference.

    `name unknown` is what registries say that drop a repository with its last tag.
    """
    name, locator, whole = (re.escape(part) for part in (wanted.name, wanted.locator or "", str(wanted)))
    return any(
        re.search(pattern, text)
        for pattern in (
            rf"reading manifest {locator} in {name}: (?:manifest|name) unknown",  # CRI-O (containers/image)
            rf"failed to resolve (?:reference|image) \"?{whole}\"?: {whole}: not found",  # containerd
            rf"manifest for {whole} not found: manifest unknown",  # dockerd
        )
    )
