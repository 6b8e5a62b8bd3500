"""`exec` and `attach` as a client: the channels of one WebSocket, and how it ended.

Upstream: k8s.io/client-go v0.36 tools/remotecommand/websocket.go and v5.go, errorstream.go; the subprotocol is
`v5.channel.k8s.io` alone, as oc offers it.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence

import aiohttp
import orjson

from pullscope.clusters import errors
from pullscope.clusters.transport import Transport
from pullscope.kube.streams import StreamError, StreamOptions

PROTOCOL = "v5.channel.k8s.io"
STDOUT, STDERR = 1, 2
_STDIN, _ERROR, _RESIZE = 0, 3, 4
_STDIN_ENDS = bytes((255, _STDIN))


class Stream:
    """One command or container at the other end. `output` is read to its end; then `code` is its exit code."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.code = 0
        self._socket = socket

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Pieces of output as (STDOUT or STDERR, data), until it has ended.

        Raises ApiError for what the server refuses, StreamError when the connection breaks off.
        """
        async for message in self._socket:
            data = message.data
            if not isinstance(data, bytes) or not data:
                raise StreamError(f"{PROTOCOL} has no such message: {message.type.name}")
            if data[0] in (STDOUT, STDERR):
                if len(data) > 1:  # an empty piece says that the channel is there
                    yield data[0], data[1:]
            elif data[0] == _ERROR and len(data) > 1:
                self.code = _exit_code(data[1:])
        if self._socket.close_code != aiohttp.WSCloseCode.OK:
            raise StreamError(f"error reading from error stream: close {self._socket.close_code}")

    async def write(self, data: bytes) -> None:
        """Give it input; dropped when it has ended."""
        await self._send(bytes((_STDIN,)) + data)

    async def close_stdin(self) -> None:
        """No more input comes."""
        await self._send(_STDIN_ENDS)

    async def resize(self, columns: int, lines: int) -> None:
        """The terminal has that size now."""
        await self._send(bytes((_RESIZE,)) + orjson.dumps({"Width": columns, "Height": lines}) + b"\n")

    async def _send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # it has ended: `output` says how
            await self._socket.send_bytes(data)


def _exit_code(raw: bytes) -> int:
    """The exit code that a Status tells. Raises ApiError for one that tells of something else."""
    status = orjson.loads(raw)
    if status.get("status") == "Success":
        return 0
    if status.get("reason") == "NonZeroExitCode":
        causes = (status.get("details") or {}).get("causes") or ()
        return next((int(cause["message"]) for cause in causes if cause.get("reason") == "ExitCode"), 1)
    raise errors.from_status(status)


@contextlib.asynccontextmanager
async def attach(http: Transport, pod: str, options: StreamOptions) -> AsyncIterator[Stream]:
    """Join a container; `pod` is the path of its pod. Raises ApiError, UnreachableError."""
    async with _open(http, f"{pod}/attach", options) as stream:
        yield stream


@contextlib.asynccontextmanager
async def execute(http: Transport, pod: str, options: StreamOptions) -> AsyncIterator[Stream]:
    """Run a command in a container; `pod` is the path of its pod. Raises ApiError, UnreachableError."""
    async with _open(http, f"{pod}/exec", options) as stream:
        yield stream


@contextlib.asynccontextmanager
async def _open(http: Transport, path: str, options: StreamOptions) -> AsyncIterator[Stream]:
    async with http.socket(path, _query(options), PROTOCOL) as socket:
        yield Stream(socket)


def _query(options: StreamOptions) -> Sequence[tuple[str, str]]:
    """As oc asks: what is false is left out; at a terminal there is no stderr."""
    asked = {
        "stdin": options.stdin,
        "stdout": options.stdout,
        "stderr": options.stderr and not options.tty,
        "tty": options.tty,
    }
    words = [("command", word) for word in options.command]
    return [*words, ("container", options.container), *((name, "true") for name, wanted in asked.items() if wanted)]
