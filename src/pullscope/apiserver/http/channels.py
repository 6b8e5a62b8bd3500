"""The channels of `exec` and `attach` in the messages of a WebSocket, in each of the subprotocols that upstream accepts. Pure.

Upstream, Kubernetes v1.36: k8s.io/streaming pkg/httpstream/wsstream/conn.go for the frames, k8s.io/cri-streaming
pkg/streaming/remotecommand/{websocket,status}.go for the older subprotocols, k8s.io/apiserver pkg/util/proxy for v5.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import TypeGuard

import orjson

from pullscope.kube.api import Object

STDIN = 0
STDOUT = 1
STDERR = 2
ERROR = 3
RESIZE = 4
_CLOSE = 255
_LARGEST = 2**16  # a TerminalSize is two uint16


@dataclass(frozen=True)
class Subprotocol:
    """One way to talk. `text`: messages are text, base64 behind a digit. `statuses`: the end is told as a Status, not only
    an error as its message. `closes`: a client can close a channel.
    """

    name: str
    text: bool = False
    statuses: bool = True
    closes: bool = False


V5 = Subprotocol("v5.channel.k8s.io", closes=True)
_OLDER = (
    Subprotocol("v4.channel.k8s.io"),
    Subprotocol("v4.base64.channel.k8s.io", text=True),
    Subprotocol("channel.k8s.io", statuses=False),
    Subprotocol("base64.channel.k8s.io", text=True, statuses=False),
    Subprotocol("", statuses=False),
)
SUBPROTOCOLS = {each.name: each for each in (V5, *_OLDER)}


@dataclass(frozen=True)
class Input:
    """More for stdin."""

    data: bytes


@dataclass(frozen=True)
class InputEnd:
    """No more for stdin."""


@dataclass(frozen=True)
class Size:
    """The client's terminal has that size."""

    columns: int
    lines: int


@dataclass(frozen=True)
class Nothing:
    """A message that means nothing here."""


@dataclass(frozen=True)
class Malformed:
    """A message after which upstream listens no more."""


Message = Input | InputEnd | Size | Nothing | Malformed


def choose(offered: list[str]) -> Subprotocol | None:
    """The subprotocol to speak with a client that offers these, which may be none; v5 before all others."""
    names = [V5.name, *offered] if V5.name in offered else offered or [""]
    return next((SUBPROTOCOLS[name] for name in names if name in SUBPROTOCOLS), None)


def decode(protocol: Subprotocol, message: bytes) -> Message:
    """What a client's message says."""
    if not message:
        return Nothing()
    if protocol.closes and message[0] == _CLOSE:
        return _closed(message[1:])
    channel, data = message[0], message[1:]
    if protocol.text:
        channel -= ord("0")
        try:
            data = base64.b64decode(data, validate=True)
        except binascii.Error:
            return Nothing()
    if channel == STDIN:
        return Input(data)
    return _size(data) if channel == RESIZE else Nothing()


def _closed(channels: bytes) -> Message:
    if len(channels) != 1 or channels[0] > RESIZE:
        return Malformed()
    return InputEnd() if channels[0] == STDIN else Nothing()


def _size(data: bytes) -> Message:
    try:
        read = orjson.loads(data)
    except orjson.JSONDecodeError:
        return Nothing()
    columns, lines = (read.get("Width"), read.get("Height")) if isinstance(read, dict) else (None, None)
    return Size(columns, lines) if _is_size(columns) and _is_size(lines) else Nothing()


def _is_size(side: object) -> TypeGuard[int]:
    return isinstance(side, int) and 0 <= side < _LARGEST


def encode(protocol: Subprotocol, channel: int, data: bytes) -> bytes:
    """A message with `data` of a channel."""
    if protocol.text:
        return b"%d%s" % (channel, base64.b64encode(data))
    return bytes((channel,)) + data


def end(protocol: Subprotocol, status: Object) -> bytes | None:
    """The message that tells how it ended; None when nothing is said of it."""
    if protocol.statuses:
        return encode(protocol, ERROR, orjson.dumps(status))
    return encode(protocol, ERROR, status["message"].encode()) if status["status"] != "Success" else None


def exited(protocol: Subprotocol, code: int) -> Object:
    """The Status of a program that has ended."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    cause = f"command terminated with exit code {code}" if protocol.closes else f"exit status {code}"
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {cause}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
