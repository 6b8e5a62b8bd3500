"""What can go wrong with a registry. Whoever calls `remote` sees these, and OSError from its own disk.

RemoteError
├── UnreachedError            no answer: nothing is known about the registry's content
│   ├── RefusedError          nothing listens at the address
│   ├── HostUnknownError      the name does not resolve
│   ├── TimedOutError         no connection, or no byte, within the patience
│   ├── TlsError              TLS was not agreed upon
│   ├── ProxyError            the proxy in between does not lead there
│   └── LostError             the connection broke in the middle
├── StatusError               an answer that is not the wanted one: HTTP status and the spec's code
│   ├── ManifestUnknownError  404 to a manifest request, unless the registry says NAME_UNKNOWN
│   ├── BlobUnknownError      404 to a blob request
│   ├── AuthenticationError   401: no or wrong credentials (`bearer`: a token that is not for this)
│   └── TokenRefusedError     the token service did not give a token
└── ContentError              an answer whose content cannot be used
    ├── WrongDigestError      it is not what its digest names
    └── PlatformError         the index has no image for the wanted platforms
"""

import asyncio
import ssl
from collections.abc import Sequence

import aiohttp

from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.oci.digest import Digest
from pullscope.oci.platform import Platform

_LOG_IN = "log in first: `podman login`, `docker login`, or `oc registry login` for OpenShift's own registry"


class RemoteError(PullscopeError):
    """The root of the tree. `host` is the registry's, with its port where it was given."""

    advice = ""
    """The hint of all errors of a kind."""

    def __init__(self, host: str, message: str) -> None:
        super().__init__(f"registry {host}: {message}", hint=self.advice)
        self.host = host


class BlockedError(RemoteError):
    """It was not asked: `source`, a registry or a path in one, is blocked by the rules for mirrors."""

    def __init__(self, host: str, source: str) -> None:
        super().__init__(
            host, f"{source} must not be asked (mirrorSourcePolicy NeverContactSource), and no mirror has it"
        )
        self.source = source


class UnreachedError(RemoteError, UnreachableError):
    """No answer. `why` says it in a few words, Go's where Go has some (runtimes print those)."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(host, why)
        self.why = why


class RefusedError(UnreachedError):
    """Nothing listens at `host`."""

    advice = "is the registry running? `pullscope status` shows the address of the lab's"


class HostUnknownError(UnreachedError):
    """The name does not resolve."""

    advice = "check the registry's name, and the VPN"


class TimedOutError(UnreachedError):
    """No connection, or no byte, within the patience."""

    advice = "is the registry running, and the VPN up?"


class TlsError(UnreachedError):
    """TLS was not agreed upon."""


class ProxyError(UnreachedError):
    """The proxy that the environment names does not lead there."""

    advice = "check HTTPS_PROXY, and NO_PROXY for registries that need none"


class LostError(UnreachedError):
    """The connection broke before the answer was whole."""


class StatusError(RemoteError):
    """The registry said no. `status` is HTTP's, `code` the spec's error code (empty when it gave none).

    `said` is all of it in one text, with the time that a 429 or 503 asks to wait.
    """

    def __init__(
        self, host: str, what: str, *, status: int, code: str = "", text: str = "", bearer: bool = False, wait: str = ""
    ) -> None:
        said = ": ".join(part for part in (code, text) if part) or f"HTTP status {status}"
        if wait:
            said += f" (Retry-After: {wait})"
        super().__init__(host, f"{what}: {said}")
        self.status = status
        self.code = code
        self.text = text
        self.bearer = bearer
        self.said = said


class ManifestUnknownError(StatusError):
    """There is no such tag or digest."""


class BlobUnknownError(StatusError):
    """There is no such blob in that repository."""


class AuthenticationError(StatusError):
    """401. `bearer` is true when a token was shown, and the registry says that it is not for this (`insufficient_scope`)."""

    advice = _LOG_IN


class TokenRefusedError(StatusError):
    """The token service answered with an error, or with no token; `anonymous`: it was shown no credentials."""

    advice = _LOG_IN
    anonymous = True


class ContentError(RemoteError):
    """The answer came but cannot be used; `why` says what is wrong with it."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(host, why)
        self.why = why


class WrongDigestError(ContentError):
    """The content is `actual`, not the `expected` that was asked for."""

    def __init__(self, host: str, *, expected: Digest, actual: Digest) -> None:
        super().__init__(host, f"the content is {actual}, not {expected}")
        self.expected = expected
        self.actual = actual


class PlatformError(ContentError):
    """No entry of the index fits; `wanted` is what was looked for, `available` what there is."""

    def __init__(self, host: str, wanted: Sequence[Platform], available: Sequence[Platform]) -> None:
        names = ", ".join(map(str, available)) or "none"
        super().__init__(host, f"no image for {' or '.join(map(str, wanted))}; the index has {names}")
        self.wanted = tuple(wanted)
        self.available = tuple(available)


# What Go's crypto/x509 says, by OpenSSL's verify codes.
_CERTIFICATE = {
    10: "x509: certificate has expired or is not yet valid",
    9: "x509: certificate has expired or is not yet valid",
    18: "x509: certificate signed by unknown authority",
    19: "x509: certificate signed by unknown authority",
    20: "x509: certificate signed by unknown authority",
    21: "x509: certificate signed by unknown authority",
    62: "x509: certificate is valid for other names",
    64: "x509: certificate is valid for other names",
}


def unreached(host: str, error: BaseException) -> UnreachedError:
    """The HTTP library's exception (or a timeout) as one of ours."""
    match error:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return ProxyError(host, _proxy(error))
        case aiohttp.ClientConnectorDNSError():
            return HostUnknownError(host, "no such host")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return TlsError(host, _tls(error))
        case asyncio.TimeoutError():
            return TimedOutError(host, "i/o timeout")
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()) | ConnectionRefusedError():
            return RefusedError(host, "connection refused")
        case _:
            return LostError(host, _lost(error))


def _lost(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return error.strerror or str(error)
    return "stopped after 10 redirects" if isinstance(error, aiohttp.TooManyRedirects) else "unexpected EOF"


def _proxy(error: aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError) -> str:
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return "the proxy cannot be reached"
    return f"the proxy answered {getattr(error, 'status', '')} {getattr(error, 'message', '')}".rstrip()


def _tls(error: BaseException) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", error)
    code = getattr(cause, "verify_code", None)
    if code is not None:
        return f"tls: failed to verify certificate: {_CERTIFICATE.get(code, f'x509: OpenSSL error {code}')}"
    reason = getattr(cause, "reason", None)
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return "http: server gave HTTP response to HTTPS client"
    return f"tls: {reason or 'handshake failure'}"
