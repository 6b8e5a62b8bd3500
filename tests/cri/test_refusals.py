"""Every way in which a pull can fail has a value, so that it has a sentence."""

import errno
from typing import get_args

import pytest

from pullscope.content import api as content
from pullscope.cri.embedded import refusals
from pullscope.oci.digest import Digest
from pullscope.oci.platform import WASI, Platform
from pullscope.pull import failures
from pullscope.remote import errors
from pullscope.runtime.archive import LayerError

HOST = "reg.test"
BLOB, MANIFEST, OTHER = Digest.of(b"blob"), Digest.of(b"manifest"), Digest.of(b"other")
MACHINE = Platform("linux", "arm64", "v8")


def status(code: int, name: str = "", kind: type[errors.StatusError] = errors.StatusError) -> errors.StatusError:
    return kind(HOST, "reading", status=code, code=name)


CASES: list[tuple[Exception, failures.PullFailure]] = [
    (errors.RefusedError(HOST, "refused"), failures.ConnectionRefused("reg.test:443")),
    (errors.RefusedError("reg.test:5000", "refused"), failures.ConnectionRefused("reg.test:5000")),
    (errors.HostUnknownError("reg.test:5000", "no such host"), failures.NoSuchHost("reg.test")),
    (errors.HostUnknownError(HOST, "no such host"), failures.NoSuchHost("reg.test")),
    (errors.HostUnknownError("docker.io", "no such host"), failures.NoSuchHost("registry-1.docker.io")),
    (errors.TimedOutError("docker.io", "timed out"), failures.TimedOut("registry-1.docker.io:443")),
    (errors.TimedOutError(HOST, "i/o timeout"), failures.TimedOut("reg.test:443")),
    (errors.TlsError(HOST, "x509"), failures.TlsFailed("x509")),
    (errors.LostError(HOST, "unexpected EOF"), failures.ConnectionLost("unexpected EOF")),
    (status(404, kind=errors.ManifestUnknownError), failures.ManifestUnknown()),
    (status(404, "NAME_UNKNOWN"), failures.NameUnknown()),
    (status(401, kind=errors.AuthenticationError), failures.AuthenticationRequired()),
    (errors.AuthenticationError(HOST, "reading", status=401, bearer=True), failures.AccessDenied()),
    (status(401, kind=errors.TokenRefusedError), failures.TokenRefused()),
    (status(403, "DENIED"), failures.Denied()),
    (status(429), failures.TooManyRequests()),
    (status(503), failures.UnexpectedStatus(503)),
    (errors.BlobUnknownError(HOST, f"reading blob {BLOB}", status=404), failures.BlobUnknown(BLOB)),
    (errors.WrongDigestError(HOST, expected=BLOB, actual=OTHER), failures.WrongBlobDigest(BLOB, OTHER)),
    (errors.WrongDigestError(HOST, expected=MANIFEST, actual=OTHER), failures.WrongManifestDigest(MANIFEST, OTHER)),
    (errors.PlatformError(HOST, (WASI, MACHINE), ()), failures.NoMatchingPlatform("linux", "arm64", "v8")),
    (errors.ContentError(HOST, "not JSON"), failures.Unusable("not JSON")),
    (errors.BlockedError(HOST, "reg.test/team"), failures.Blocked("reg.test/team")),
    (OSError(errno.ENOSPC, "No space left on device"), failures.NoSpace()),
    (PermissionError(errno.EACCES, "Permission denied"), failures.Unusable("[Errno 13] Permission denied")),
    (content.BlobUnknownError("no blob"), failures.Unusable("no blob")),
    (LayerError("too large"), failures.Unusable("too large")),
]


@pytest.mark.parametrize(("error", "expected"), CASES, ids=lambda value: type(value).__name__)
def test_failures(error: Exception, expected: failures.PullFailure) -> None:
    assert isinstance(error, refusals.PULL_ERRORS)
    assert refusals.failure(error, scheme="https", machine=MACHINE, blobs={BLOB}) == expected


def test_plain_http_has_its_own_port() -> None:
    failure = refusals.failure(errors.RefusedError(HOST, "refused"), scheme="http", machine=MACHINE, blobs=())
    assert failure == failures.ConnectionRefused("reg.test:80")


def test_every_failure_is_reached() -> None:
    assert {type(expected) for _, expected in CASES} == set(get_args(failures.PullFailure))
