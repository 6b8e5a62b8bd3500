"""Requests that become a conversation over a WebSocket (`conversation`): exec and attach. SPDY is not spoken.

Upstream: k8s.io/apiserver v0.36 pkg/util/proxy/{translatinghandler,websocket}.go.
"""

from typing import Literal

from aiohttp import web

from pullscope.apiserver import errors, options
from pullscope.apiserver.handlers import Connecter, Context
from pullscope.apiserver.http import channels, streaming
from pullscope.apiserver.http.channels import Subprotocol
from pullscope.apiserver.http.conversation import Conversation
from pullscope.apiserver.http.site import Site
from pullscope.kube import status
from pullscope.kube.status import ApiError
from pullscope.kube.streams import StreamOptions

_LARGEST_MESSAGE = 32 * 2**20  # upstream: golang.org/x/net/websocket DefaultMaxPayloadBytes
_FINISH_SECONDS = 15 * 60.0  # how long a client may take to read the rest; upstream: finishTimeout


async def answer(site: Site, request: web.Request, handler: Connecter, context: Context) -> web.StreamResponse:
    """Connect the client, or refuse as an ordinary answer (ApiError) as long as the connection is not upgraded."""
    wanted = _options(request)
    connection = await handler.connect(context, wanted)
    protocol = _negotiated(request)
    socket: web.WebSocketResponse[Literal[False]] = web.WebSocketResponse(
        timeout=_FINISH_SECONDS,
        autoping=False,
        protocols=(protocol.name,) if protocol.name else (),
        compress=False,
        max_msg_size=_LARGEST_MESSAGE,
        decode_text=False,
    )
    if not socket.can_prepare(request):
        raise status.bad_request("unable to upgrade: not a valid WebSocket handshake")
    await socket.prepare(request)
    conversation = Conversation(socket, protocol, wanted, site.clock)
    fault = await streaming.within(site, conversation.run(connection))
    if fault is not None:
        errors.report(fault, request)
    if not socket.closed and request.transport is not None:
        request.transport.abort()
    return socket


def _options(request: web.Request) -> StreamOptions:
    query = request.query
    return StreamOptions(
        container=query.get("container", ""),
        command=tuple(query.getall("command", ())),
        stdin=options.boolean(query, "stdin"),
        stdout=options.boolean(query, "stdout"),
        stderr=options.boolean(query, "stderr"),
        tty=options.boolean(query, "tty"),
    )


def _negotiated(request: web.Request) -> Subprotocol:
    """What will be spoken. Raises ApiError when it cannot be a WebSocket of ours."""
    upgrade = request.headers.get("Upgrade", "").lower()
    if "upgrade" not in request.headers.get("Connection", "").lower() or not upgrade:
        raise status.bad_request("Upgrade request required")
    if upgrade != "websocket":
        raise status.bad_request(
            f"unable to upgrade: {upgrade.upper()} is not supported here, only WebSocket is (kubectl speaks it since 1.31)"
        )
    if request.method != "GET":
        raise errors.wrong_method()
    header = request.headers.get("Sec-WebSocket-Protocol", "")
    offered = [name.strip() for name in header.split(",") if name.strip()]
    protocol = channels.choose(offered)
    if protocol is None:
        accepted = " ".join(name for name in channels.SUBPROTOCOLS if name)
        why = f"client supports [{' '.join(offered)}], server accepts [{accepted}]"
        raise ApiError(403, "Forbidden", f"unable to upgrade: unable to negotiate protocol: {why}", {})
    return protocol
