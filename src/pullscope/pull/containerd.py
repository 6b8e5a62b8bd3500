"""What containerd 1.6 says when a pull fails. Upstream: pkg/cri/server/image_pull.go, pull.go and remotes/docker."""

from typing import assert_never

from pullscope.oci import media
from pullscope.oci.reference import Reference
from pullscope.pull import failures, sentences
from pullscope.pull.failures import PullFailure
from pullscope.pull.sentences import Sentence

_ANSWERED: dict[type[failures.Refused], int] = {
    failures.AuthenticationRequired: 401,
    failures.Denied: 403,
    failures.TooManyRequests: 429,
}


def sentence(image: Reference, failure: PullFailure, scheme: str) -> Sentence:
    """See `flavours.sentence`."""
    failed = f'failed to pull and unpack image "{image}": '
    if isinstance(failure, failures.WrongBlobDigest | failures.WrongManifestDigest):
        return _uncommitted(failed, failure)
    if isinstance(failure, failures.NotCopied):
        return _unpacked(failed, failure)
    resolve = f'{failed}failed to resolve reference "{image}": '
    if isinstance(failure, failures.Unreached):
        url = f"{scheme}://{sentences.host(image)}/v2/{image.repository}/manifests/{image.locator}"
        return Sentence(f'{resolve}failed to do request: Head "{url}": {sentences.dial(failure)}')
    if isinstance(failure, failures.ManifestUnknown | failures.NameUnknown):
        return Sentence(f"{resolve}{image}: not found", code="NotFound")
    return Sentence(resolve + _unresolved(image, failure))


def _unresolved(image: Reference, failure: failures.Refused) -> str:
    match failure:
        case failures.TokenRefused(status, anonymous):
            kind = "anonymous" if anonymous else "oauth"
            return (
                f"failed to authorize: failed to fetch {kind} token: unexpected status: {sentences.status_line(status)}"
            )
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
    return f"pulling from host {sentences.host(image)} failed with status code [manifests {image.locator}]: {sentences.status_line(status)}"


_Unpacked = (
    failures.BlobUnknown | failures.ConnectionLost | failures.NoMatchingPlatform | failures.Unusable | failures.NoSpace
)


def _unpacked(failed: str, failure: _Unpacked) -> Sentence:
    """Its codes are those of the errors that containerd knows (errdefs)."""
    match failure:
        case failures.BlobUnknown(digest):
            what = f"could not fetch content descriptor {digest} ({media.OCI_LAYER_GZIP}) from remote: not found"
            return Sentence(f"{failed}failed to copy: httpReadSeeker: failed open: {what}", code="NotFound")
        case failures.ConnectionLost(why):
            return Sentence(f"{failed}failed to copy: {why}")
        case failures.NoMatchingPlatform():
            return Sentence(f"{failed}no match for platform in manifest: not found", code="NotFound")
        case failures.Unusable(why):
            return Sentence(failed + why)
        case failures.NoSpace():
            return Sentence(f"{failed}failed to copy: no space left on device")
        case _:
            assert_never(failure)


def _uncommitted(failed: str, wrong: failures.WrongBlobDigest | failures.WrongManifestDigest) -> Sentence:
    kind = "layer" if isinstance(wrong, failures.WrongBlobDigest) else "index"
    why = f"unexpected commit digest {wrong.actual}, expected {wrong.expected}: failed precondition"
    return Sentence(f'{failed}failed commit on ref "{kind}-{wrong.expected}": {why}', code="FailedPrecondition")
