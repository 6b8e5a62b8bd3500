"""What can go wrong on the way to a cluster, mapped once.

An answer that refuses becomes `kube.status.ApiError` with upstream's Status; no answer becomes `UnreachableError`, whose
hint says what to look at. aiohttp's errors do not leave this package.
"""

import os
import ssl
from typing import Any

import aiohttp
import orjson

from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.kube.status import ApiError

# What aiohttp raises for a request that got no (whole) answer.
NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError)


class TooLongError(PullscopeError):
    """An answer is longer than the caller is ready to take."""

    def __init__(self, server: str, limit: int) -> None:
        super().__init__(f"an answer of {server} is longer than {limit} bytes")


_SHOWN = 256  # characters of a foreign body that a message may quote


def refusal(server: str, code: int, body: bytes) -> ApiError:
    """The error for an answer with a failure code. A body that is no Status (a proxy's page) is quoted, cut short."""
    try:
        status = orjson.loads(body)
    except orjson.JSONDecodeError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status":
        return from_status(status)
    text = " ".join(body.decode(errors="replace").split())[:_SHOWN]
    return ApiError(code, "", f"{server} answered {code} without a Status: {text}")


def from_status(status: dict[str, Any]) -> ApiError:
    """The error that a Status object of the wire stands for."""
    return ApiError(
        int(status.get("code") or 500),
        str(status.get("reason") or ""),
        str(status.get("message") or status.get("reason") or "the server gave no reason"),
        status.get("details"),
    )


def unreachable(server: str, error: Exception) -> UnreachableError:
    """The error for a request that got no answer."""
    what, hint = _explained(server, error)
    return UnreachableError(what, hint=hint)


def _explained(server: str, error: Exception) -> tuple[str, str]:
    """What happened and what to do next. The order matters: aiohttp's classes are derived from each other."""
    explanations: tuple[tuple[type[Exception], str, str], ...] = (
        (
            aiohttp.ClientConnectorCertificateError,
            f"the certificate of {server} is not trusted: {_reason(error)}",
            "the kubeconfig's certificate-authority is not this cluster's; get a fresh kubeconfig",
        ),
        (aiohttp.ClientSSLError, f"no TLS connection to {server}: {_reason(error)}", "is it an API server's port?"),
        (aiohttp.ClientConnectorDNSError, f"no address is known for {server}", "check the server's name, and the VPN"),
        (
            aiohttp.ClientProxyConnectionError,
            f"the proxy to {server} cannot be reached: {_reason(error)}",
            "check the proxy settings",
        ),
        (aiohttp.ClientConnectorError, f"cannot connect to {server}: {_reason(error)}", "is the cluster running?"),
        (TimeoutError, f"{server} did not answer in time", "is the cluster running, and the VPN up?"),
    )
    for kind, what, hint in explanations:
        if isinstance(error, kind):
            return what, hint
    return f"the connection to {server} broke: {error or type(error).__name__}", ""


def _reason(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as cause):
            return cause.verify_message
        case aiohttp.ClientConnectorError():
            return os.strerror(error.os_error.errno) if error.os_error.errno else str(error.os_error)
        case _:
            return str(error)
