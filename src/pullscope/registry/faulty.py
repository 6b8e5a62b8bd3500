"""Carry out faults: a handler around another one, which answers what goes wrong in its place."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from pullscope.base.clock import Clock, SystemClock
from pullscope.content.streams import Piece
from pullscope.oci import errors
from pullscope.oci.errors import RegistryError
from pullscope.registry import calls, faults
from pullscope.registry.calls import Call, Write
from pullscope.registry.faults import Fault, Faults

Handler = Callable[[Call], Awaitable[web.StreamResponse]]

_SOCKETS = SystemClock()  # they live in the machine's time, whatever clock the registry has
_LOOK = 0.1

_CODES = {
    401: errors.UNAUTHORIZED,
    403: errors.DENIED,
    404: errors.MANIFEST_UNKNOWN,
    429: errors.TOOMANYREQUESTS,
    503: errors.UNAVAILABLE,
}
# Docker Hub's own words, which people search for.
_HUB_LIMIT = errors.ErrorCode(
    429,
    "TOOMANYREQUESTS",
    "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
)


def around(handler: Handler, known: Faults, clock: Clock) -> Handler:
    """`handler` with what goes wrong of `known`."""

    async def faulty(call: Call) -> web.StreamResponse:
        met = known.met(call.route, call.request.method)
        for fault in met:
            await _before(call, fault, clock)
        if met:
            call.sending = _sending(call, met, clock)
        response = await _refused(call, met) or await handler(call)
        for fault in met:
            response = _after(call, fault, response)
        return response

    return faulty


async def _before(call: Call, fault: Fault, clock: Clock) -> None:
    if fault.latency:
        await clock.sleep(fault.latency)
    if fault.hang:
        await _given_up(call)
        raise _ended(call, at_once=True)
    if fault.reset:
        raise _ended(call, at_once=True)


async def _given_up(call: Call) -> None:
    """Return when the client has gone, which a handler is not told of."""
    while call.request.transport is not None and not call.request.transport.is_closing():
        await _SOCKETS.sleep(_LOOK)


async def _refused(call: Call, met: list[Fault]) -> web.Response | None:
    """The answer of the first fault that has one in place of the handler's."""
    for fault in met:
        if fault.no_repository:
            return calls.failure(errors.NAME_UNKNOWN.error({"name": call.route.repository}))
        if fault.status is not None:
            code = _CODES.get(fault.status)
            refusal = code.error() if code else RegistryError(fault.status, "UNKNOWN", "unknown error")
            return _challenged(call, calls.failure(refusal))
        if fault.rate_limit is not None and fault.rate_limit < 0 and call.route.kind == "manifest":
            return calls.failure(_HUB_LIMIT.error())
    return None


def _challenged(call: Call, response: web.Response) -> web.Response:
    if response.status == 401:  # as docker's registry with a file of passwords
        response.headers["WWW-Authenticate"] = f'Basic realm="{call.request.host}"'
    return response


def _after(call: Call, fault: Fault, response: web.StreamResponse) -> web.StreamResponse:
    if fault.rate_limit is not None and call.route.kind == "manifest":
        window = f"w={faults.WINDOW:.0f}"
        response.headers["ratelimit-remaining"] = f"{max(fault.rate_limit, 0)};{window}"
        response.headers["docker-ratelimit-source"] = call.request.remote or ""
    altered = fault.wrong_digest and call.route.is_by_digest
    if altered and isinstance(response, web.Response) and isinstance(response.body, bytes):
        response.body = response.body + b"\n"  # still JSON, another digest
    return response


def _sending(call: Call, met: list[Fault], clock: Clock) -> calls.Sending:
    """What happens to each piece of a blob on its way."""
    slowest = min((fault.bandwidth for fault in met if fault.bandwidth), default=None)
    end = min((fault.cut_after for fault in met if fault.cut_after is not None), default=None)
    wrong = any(fault.wrong_digest for fault in met)

    async def send(data: Piece, write: Write) -> None:
        if wrong and not call.sent:
            data = bytes([data[0] ^ 0xFF]) + data[1:]
        step = slowest or len(data) or 1  # of what a second allows, so that nobody waits long for the next byte
        for part in (data[start : start + step] for start in range(0, len(data), step)):
            if slowest:
                await clock.sleep(len(part) / slowest)
            if end is not None and call.sent + len(part) > end:
                await write(part[: end - call.sent])
                raise _ended(call, at_once=False)
            await write(part)

    return send


def _ended(call: Call, *, at_once: bool) -> ConnectionResetError:
    """End the connection, at once or after what was written; the error to raise is that of a client that went away."""
    transport = call.request.transport
    if transport is not None:
        (transport.abort if at_once else transport.close)()
    return ConnectionResetError("a fault on demand ended the connection")
