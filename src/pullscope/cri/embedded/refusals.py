"""Why a pull failed, from what was raised to a value of `pull.failures`, which a runtime's words are made of."""

import errno
import re
from collections.abc import Container

from pullscope.content import api as content
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Manifest
from pullscope.oci.platform import Platform
from pullscope.pull import failures, sentences
from pullscope.remote import errors
from pullscope.runtime.archive import LayerError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DIGEST = re.compile(r"sha(?:256|512):[0-9a-f]+")

PULL_ERRORS = (errors.RemoteError, content.BlobUnknownError, LayerError, OSError)
"""What can be raised while an image is pulled; `failure` knows all of them."""


def failure(  # noqa: PLR0911 (a map: one return for each kind of error)
    error: Exception, *, scheme: str, machine: Platform, blobs: Container[Digest]
) -> failures.PullFailure:
    """What happened. `scheme` is how the registry was spoken to, `machine` the platform that the node says it has;
    `blobs` tells a wrong blob from a wrong manifest: it holds the digests of those that were written.
    """
    match error:
        case errors.UnreachedError():
            return _unreached(error, scheme)
        case errors.BlockedError(source=source):
            return failures.Blocked(source)
        case errors.BlobUnknownError():
            named = _DIGEST.search(error.message)
            return failures.BlobUnknown(Digest.parse(named[0])) if named else failures.Unusable(error.message)
        case errors.StatusError():
            return _refused(error)
        case errors.WrongDigestError(expected=expected, actual=actual):
            kind = failures.WrongBlobDigest if expected in blobs else failures.WrongManifestDigest
            return kind(expected, actual)
        case errors.PlatformError():
            return failures.NoMatchingPlatform(machine.os, machine.architecture, machine.variant)
        case errors.ContentError(why=why):
            return failures.Unusable(why)
        case OSError() if error.errno in _FULL:
            return failures.NoSpace()
        case _:
            return failures.Unusable(str(error))


def bad_layer(error: LayerError, manifest: Manifest) -> failures.Unusable:
    """A layer that cannot be applied, in the words of containers/storage."""
    if error.layer is None:
        return failures.Unusable(error.message)
    digest = manifest.layers[error.layer].digest
    return failures.Unusable(f'writing blob: adding layer with blob "{digest}": processing tar file({error.message})')


def _unreached(error: errors.UnreachedError, scheme: str) -> failures.PullFailure:
    host = sentences.served(error.host)
    address = host if ":" in host else f"{host}:{443 if scheme == 'https' else 80}"
    match error:
        case errors.RefusedError():
            return failures.ConnectionRefused(address)
        case errors.HostUnknownError():
            return failures.NoSuchHost(host.rpartition(":")[0] or host)
        case errors.TimedOutError():
            return failures.TimedOut(address)
        case errors.TlsError(why=why):
            return failures.TlsFailed(why)
        case _:
            return failures.ConnectionLost(error.why)


def _refused(error: errors.StatusError) -> failures.Refused:  # noqa: PLR0911 (as above)
    match error:
        case errors.ManifestUnknownError():
            return failures.ManifestUnknown(error.text)
        case errors.TokenRefusedError(status=status, anonymous=anonymous):
            return failures.TokenRefused(status, anonymous=anonymous)
        case errors.AuthenticationError(bearer=bearer):
            return failures.AccessDenied() if bearer else failures.AuthenticationRequired(error.text)
        case errors.StatusError(status=404, code="NAME_UNKNOWN"):
            return failures.NameUnknown(error.text)
        case errors.StatusError(status=403):
            return failures.Denied(error.text)
        case errors.StatusError(status=429):
            return failures.TooManyRequests(error.text)
        case _:
            return failures.UnexpectedStatus(error.status)
