"""One request to a registry: its address, its authentication, and its failures as `errors`."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from pullscope import __version__
from pullscope.base.addresses import is_loopback
from pullscope.oci import errors as spec
from pullscope.oci import reference
from pullscope.remote import auth, errors
from pullscope.remote.auth import Authenticator, Credentials
from pullscope.remote.wire import Body

PATIENCE = 60.0  # seconds for a connection, and for each next byte; a big blob may take its time

_LARGEST_ERROR = 64 << 10  # bytes of an error's body that are read
_LONGEST_WAIT = 40  # characters of a Retry-After header: a number of seconds, or a date
_HEADERS = {
    "User-Agent": f"pullscope/{__version__}",
    "Accept-Encoding": "identity",  # blobs and manifests are named by the digest of their bytes as they are
}
_DOCKER_HUB = "registry-1.docker.io"  # where `docker.io` is served


@dataclass(frozen=True)
class Request:
    """One request. `url` is a path, or where the registry sent us; `what` names the request in errors.

    `body` makes the body anew for each try; `expected` are the good statuses, `missing` is what a 404 means.
    """

    method: str
    url: str
    repository: str
    what: str
    expected: tuple[int, ...] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    missing: type[errors.StatusError] = errors.StatusError

    @property
    def purpose(self) -> str:
        """What a token for it must allow: reading or writing one repository."""
        return f"{self.repository}:{'pull' if self.method in ('GET', 'HEAD') else 'push'}"


class Transport:
    """Sends requests to one registry."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        credentials: Credentials | None,
        *,
        address: str,
        plain_http: bool | None,
        patience: float,
        blocked: str = "",
    ) -> None:
        address = address or (_DOCKER_HUB if host == reference.DEFAULT_REGISTRY else host)
        plain = is_loopback(_url("http", address).host or "") if plain_http is None else plain_http
        self.host = host
        self.scheme = "http" if plain else "https"
        self._base = _url(self.scheme, address)
        self._blocked = blocked
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=patience, sock_read=patience)
        self._authenticator = Authenticator(session, host, credentials)

    @contextlib.asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, when it has an expected status; its body is read inside. Raises RemoteError."""
        if self._blocked:
            raise errors.BlockedError(self.host, self._blocked)
        try:
            async with self._authenticated(request) as response:
                if response.status not in request.expected:
                    raise await self._failure(request, response)
                yield response
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise errors.unreached(self.host, error) from error

    @contextlib.asynccontextmanager
    async def _authenticated(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._once(request) as response:
            challenges = response.headers.getall("WWW-Authenticate", [])
            shown = response.request_info.headers.get("Authorization", "")
            if response.status != 401 or not await self._authenticator.answer(request.purpose, challenges, shown):
                yield response
                return
            await response.content.read(_LARGEST_ERROR)  # so that the connection can be used again
        async with self._once(request) as response:
            yield response

    @contextlib.asynccontextmanager
    async def _once(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        url = self._base.join(URL(request.url, encoded=True)).update_query(request.query)
        ours = url.origin() == self._base  # an upload may be sent elsewhere; our credentials are not
        authorization = self._authenticator.header(request.purpose) if ours else {}
        headers = _HEADERS | authorization | dict(request.headers)
        unreadable: list[Exception] = []
        try:
            async with contextlib.AsyncExitStack() as stack:
                pieces = _noting(request.body(), unreadable) if request.body else None
                body = await stack.enter_async_context(contextlib.aclosing(pieces)) if pieces else None
                answer = self._session.request(request.method, url, headers=headers, data=body, timeout=self._timeout)
                yield await stack.enter_async_context(answer)
        except aiohttp.ClientError as error:
            if unreadable:  # our own body failed, which the HTTP library reports as a broken connection
                raise unreadable[0] from error
            raise

    async def _failure(self, request: Request, response: aiohttp.ClientResponse) -> errors.StatusError:
        said = spec.decode(response.status, await response.content.read(_LARGEST_ERROR))
        code, text = (said.code, said.message) if said else ("", "")
        kind = errors.StatusError
        if response.status == 401:
            kind = errors.AuthenticationError
        elif response.status == 404 and code != spec.NAME_UNKNOWN.code:
            kind = request.missing
        shown = self._authenticator.has_token(request.purpose)
        bearer = shown and auth.reaches_too_little(response.headers.getall("WWW-Authenticate", []))
        wait = response.headers.get("Retry-After", "")[:_LONGEST_WAIT]
        return kind(self.host, request.what, status=response.status, code=code, text=text, bearer=bearer, wait=wait)


async def _noting(body: AsyncGenerator[bytes, None], failures: list[Exception]) -> AsyncGenerator[bytes, None]:
    """The same body; what goes wrong while it is made is kept in `failures`."""
    async with contextlib.aclosing(body):
        try:
            async for piece in body:
                yield piece
        except Exception as error:
            failures.append(error)
            raise


def _url(scheme: str, host: str) -> URL:
    try:
        return URL(f"{scheme}://{host}").origin()
    except ValueError as error:
        raise errors.UnreachedError(host, "not the address of a host") from error
