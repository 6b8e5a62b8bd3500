"""One HTTP session to one cluster: connections, TLS, proxy and credentials. Paths in, bytes out.

As Go clients (kubectl, oc) behave: proxies of the environment are not used for loopback servers (net/http
ProxyFromEnvironment), and OpenSSL's strict checks, which reject the CAs that many clusters make for themselves, are off.
"""

import contextlib
import ssl
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

import pullscope
from pullscope.base.addresses import is_loopback
from pullscope.base.errors import UnreachableError
from pullscope.clusters import errors
from pullscope.clusters.kubeconfig import Access

_CONNECT = 10.0  # seconds
_ANSWER = aiohttp.ClientTimeout(total=60, sock_connect=_CONNECT)
_UPLOAD = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT)
_PING = 5.0  # seconds, as oc
_LINE = 2**21  # one watch event is one line; etcd takes objects up to 1.5 MiB


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` are found in any case."""

    code: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Requests to the server of one `Access`. `warned` is told what the server warns of."""

    def __init__(self, access: Access, session: aiohttp.ClientSession, warned: Callable[[str], None]) -> None:
        self.server = access.server
        self._session = session
        self._warned = warned
        self._extra: dict[str, Any] = {"proxy": access.proxy} if access.proxy else {}
        if access.server_name:
            self._extra["server_hostname"] = access.server_name

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | AsyncIterable[bytes] | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        largest: int | None = None,
    ) -> bytes:
        """The answer's body. What is uploaded piece by piece may take its time. Raises ApiError or UnreachableError.

        A body of more than `largest` bytes is not read to its end: TooLongError.
        """
        headers = {"Accept": accept} if body is None else {"Accept": accept, "Content-Type": content_type}
        timeout = _ANSWER if body is None or isinstance(body, bytes) else _UPLOAD
        url = self.server + path
        try:
            async with self._session.request(
                method, url, params=params, data=body, headers=headers, timeout=timeout, **self._extra
            ) as response:
                answer = await response.read() if largest is None else await self._bounded(response, largest)
        except errors.NO_ANSWER as error:
            raise errors.unreachable(self.server, error) from error
        for warning in response.headers.getall("Warning", ()):
            self._warned(_warning(warning))
        if response.status >= 400:
            raise errors.refusal(self.server, response.status, answer)
        return answer

    async def _bounded(self, response: aiohttp.ClientResponse, largest: int) -> bytes:
        pieces, length = [], 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            length += len(piece)
            if length > largest:
                raise errors.TooLongError(self.server, largest)
        return b"".join(pieces)

    async def ask(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """The answer, whatever its code, to these headers alone; a redirection is not followed. Raises UnreachableError."""
        options = {"allow_redirects": False, "skip_auto_headers": ["Content-Type"], "timeout": _ANSWER, **self._extra}
        try:
            async with self._session.request(
                method, self.server + path, data=body, headers=headers, **options
            ) as response:
                return Answer(response.status, response.headers, await response.read())
        except errors.NO_ANSWER as error:
            raise errors.unreachable(self.server, error) from error

    async def lines(
        self, path: str, params: Mapping[str, str], *, silence: float | None = None, accept: str = "application/json"
    ) -> AsyncGenerator[bytes, None]:
        """The lines of an answer that goes on (a watch, a followed log), until the server or the connection ends it.

        A connection over which nothing came for `silence` seconds (None: however long) has ended too.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=silence)
        headers, url = {"Accept": accept}, self.server + path
        try:
            response = await self._session.get(url, params=params, headers=headers, timeout=timeout, **self._extra)
        except errors.NO_ANSWER as error:
            raise errors.unreachable(self.server, error) from error
        async with response:
            if response.status >= 400:
                raise errors.refusal(self.server, response.status, await response.read())
            # A stream that breaks has ended: whoever reads it knows where to go on.
            with contextlib.suppress(aiohttp.ClientPayloadError, aiohttp.ClientConnectionError):
                async for line in response.content:
                    yield line

    @contextlib.asynccontextmanager
    async def socket(
        self, path: str, params: Sequence[tuple[str, str]], protocol: str
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket of that subprotocol, pinged so that its end is noticed. Raises ApiError or UnreachableError."""
        options: dict[str, Any] = {"params": params, "protocols": [protocol], "heartbeat": _PING, "max_msg_size": 0}
        try:
            opened = await self._session.ws_connect(self.server + path, **options, **self._extra)
        except aiohttp.WSServerHandshakeError as error:
            # Its body is lost: the same path without the upgrade is refused in the same words.
            await self.request("GET", path, params=dict(params))
            raise errors.refusal(self.server, error.status, b"") from error
        except errors.NO_ANSWER as error:
            raise errors.unreachable(self.server, error) from error
        async with opened:
            yield opened


@contextlib.asynccontextmanager
async def open_transport(access: Access, warned: Callable[[str], None] = lambda _: None) -> AsyncIterator[Transport]:
    """A transport that lives as long as the block. Raises UnreachableError when a certificate file is unusable."""
    headers = {"User-Agent": f"pullscope/{pullscope.__version__}", "Accept": "application/json"}
    if access.authorization:
        headers["Authorization"] = access.authorization
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=_tls(access)),
        headers=headers,
        trust_env=not is_loopback(urlsplit(access.server).hostname or ""),
        read_bufsize=_LINE,
    ) as session:
        yield Transport(access, session, warned)


def _warning(header: str) -> str:
    """The text of a Warning header: `299 - "text"`."""
    text = header.partition(" ")[2].partition(" ")[2].removeprefix('"').removesuffix('"')
    return text.replace('\\"', '"')


def _tls(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=access.ca.decode() if access.ca else None)
        if access.public:
            context.load_default_certs()
        if access.certificate:
            _show_certificate(context, access.certificate, access.key or b"")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError, a file that is no PEM a ValueError
        raise UnreachableError(f"a certificate or key of the kubeconfig cannot be used: {error}") from error
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not access.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _show_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """OpenSSL takes these from a file alone; ours is gone before anything is sent."""
    with tempfile.TemporaryDirectory(prefix="pullscope-") as folder:
        path = Path(folder, "client.pem")
        path.touch(mode=0o600)
        path.write_bytes(certificate + b"\n" + key)
        context.load_cert_chain(path)
