"""exec and attach on the wire: what is said in which messages, and that nothing outlives its client."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import WSMsgType, web
from tests.apiserver.support import PODS, TOKEN, FakeKubelet, Http, pod, until

from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import ManualClock, SystemClock
from pullscope.kube import resources, status
from pullscope.kube.api import Api
from pullscope.kube.streams import StreamError, StreamOptions

EXEC = f"{PODS}/web/exec?command=ls&stdin=true&stdout=true&stderr=true"
V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"
Socket = aiohttp.ClientWebSocketResponse


class Session:
    """The streams of a program that does as it is told: `say` and `end` are the program, the lists what it was given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.ends = 0
        self.sizes: list[tuple[int, int]] = []
        self.closed = False
        self.told = 0
        self._code = 0
        self._pieces: asyncio.Queue[tuple[int, bytes] | Exception | None] = asyncio.Queue()

    def say(self, *pieces: tuple[int, bytes]) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)

    def end(self, code: int = 0, error: Exception | None = None) -> None:
        self._code = code
        self._pieces.put_nowait(error)

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            self.told += 1
            yield piece

    async def write(self, data: bytes) -> None:
        self.written.append(data)

    async def close_stdin(self) -> None:
        self.ends += 1

    def resize(self, columns: int, lines: int) -> None:
        self.sizes.append((columns, lines))

    async def wait(self) -> int:
        return self._code

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
async def program(api: Api, kubelet: FakeKubelet) -> Session:
    """A program that is about to run in the only container of pod `web`."""
    await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    made = Session()
    kubelet.sessions.append(made)
    return made


async def connect(wire: Http, path: str = EXEC, *protocols: str, **options: Any) -> Socket:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    socket: Socket = await wire.session.ws_connect(wire.url + path, protocols=protocols, headers=headers, **options)
    return socket


async def rest(socket: Socket) -> list[Any]:
    """What the server says until it closes."""
    return [message.data async for message in socket]


async def ended(socket: Socket) -> tuple[list[bytes], Any, int | None]:
    """What the server says up to the Status, that, and the code of its Close frame."""
    *messages, last = await rest(socket)
    assert last[0] == 3
    return messages, orjson.loads(last[1:]), socket.close_code


SUCCESS = {"metadata": {}, "status": "Success"}


# ------------------------------------------------------------------------------------------------ conversations


@pytest.mark.parametrize("protocol", [V4, V5])
async def test_a_command_that_succeeds(wire: Http, program: Session, kubelet: FakeKubelet, protocol: str) -> None:
    program.say((1, b"out"), (2, b"err"))
    program.end()
    socket = await connect(wire, EXEC, protocol)
    assert socket.protocol == protocol
    assert await ended(socket) == ([b"\x01", b"\x01out", b"\x02err"], SUCCESS, 1000)
    assert kubelet.asked == [StreamOptions("app", ("ls",), stdin=True, stdout=True, stderr=True)]
    assert program.closed


async def test_a_command_that_fails(wire: Http, program: Session) -> None:
    program.end(7)
    _, ending, _ = await ended(await connect(wire, EXEC, V5))
    assert (ending["reason"], ending["details"]) == (
        "NonZeroExitCode",
        {"causes": [{"reason": "ExitCode", "message": "7"}]},
    )


async def test_attach_tells_no_exit_code(wire: Http, program: Session) -> None:
    program.end(7)
    socket = await connect(wire, f"{PODS}/web/attach?stdout=true", V5)
    assert await ended(socket) == ([b"\x01"], SUCCESS, 1000)


async def test_words_of_a_command_and_streams_that_nobody_wants(
    wire: Http, program: Session, kubelet: FakeKubelet
) -> None:
    program.say((1, b"out"), (2, b"err"))
    program.end()
    socket = await connect(wire, f"{PODS}/web/exec?command=a&command=b%20c&stderr=true&tty=true&stdin=false", V5)
    await socket.send_bytes(b"\x00dropped")
    await socket.send_bytes(b"\xff\x00")
    assert await ended(socket) == ([b"\x02", b"\x02err"], SUCCESS, 1000)
    assert kubelet.asked == [StreamOptions("app", ("a", "b c"), stderr=True, tty=True)]
    assert (program.written, program.ends) == ([], 0)


async def test_what_the_client_says_reaches_the_program(wire: Http, program: Session) -> None:
    socket = await connect(wire, EXEC, V5)
    for message in (b"\x00one", b'\x04{"Width":80,"Height":24}\n', b"", b"\x09?", b"\x01?", b"\x04?", b"\xff\x00"):
        await socket.send_bytes(message)
    await socket.send_str("\x00two")
    await until(lambda: len(program.written) == 2)
    assert (program.written, program.sizes, program.ends) == ([b"one", b"two"], [(80, 24)], 1)
    program.end()
    assert (await ended(socket))[1] == SUCCESS


async def test_the_older_subprotocols(wire: Http, program: Session, kubelet: FakeKubelet) -> None:
    program.say((1, b"out"))
    program.end(7)
    text = await connect(wire, EXEC, "base64.channel.k8s.io")
    message = b"command terminated with non-zero exit code: exit status 7"
    assert await rest(text) == ["1", "1b3V0", f"3{base64.b64encode(message).decode()}"]
    kubelet.sessions.append(silent := Session())
    silent.end()
    bare = await connect(wire)
    assert (bare.protocol, await rest(bare)) == (None, [b"\x01"])


async def test_pings_are_answered(wire: Http, program: Session) -> None:
    socket = await connect(wire, EXEC, V5, autoping=False)
    await socket.ping(b"there?")
    messages = [await socket.receive() for _ in range(3)]
    assert {(message.type, bytes(message.data)) for message in messages} == {
        (WSMsgType.BINARY, b"\x01"),
        (WSMsgType.PING, b""),
        (WSMsgType.PONG, b"there?"),
    }
    await socket.close()


# ------------------------------------------------------------------------------------------------ refusals


async def test_what_the_node_refuses_is_told_in_the_conversation(
    wire: Http, program: Session, kubelet: FakeKubelet
) -> None:
    kubelet.error = status.internal('unable to upgrade connection: container not found ("app")')
    messages, ending, code = await ended(await connect(wire, EXEC, V5))
    assert (messages, ending["code"], code) == ([b"\x01"], 500, 1000)
    assert ending["message"] == 'Internal error occurred: unable to upgrade connection: container not found ("app")'


async def test_streams_that_break_off_are_told_of(wire: Http, program: Session) -> None:
    program.end(error=StreamError("too slow"))
    _, ending, _ = await ended(await connect(wire, EXEC, V5))
    assert (ending["status"], ending["message"]) == ("Failure", "Internal error occurred: too slow")


UPGRADE = {"Connection": "Upgrade", "Sec-WebSocket-Key": "P3edZJDwqhHcTdCC+S3kuA==", "Sec-WebSocket-Version": "13"}
WEBSOCKET = {**UPGRADE, "Upgrade": "websocket"}


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("method", "path", "headers", "code", "message"),
    [
        pytest.param("GET", "web/exec", {}, 400, "Upgrade request required", id="no upgrade"),
        pytest.param("POST", "web/attach", {}, 400, "Upgrade request required", id="no upgrade of a POST"),
        pytest.param("GET", "web/exec", {"Upgrade": "websocket"}, 400, "Upgrade request required", id="half an upgrade"),
        pytest.param(
            "POST", "web/exec", {**UPGRADE, "Upgrade": "SPDY/3.1"}, 400,
            "unable to upgrade: SPDY/3.1 is not supported here, only WebSocket is (kubectl speaks it since 1.31)", id="SPDY",
        ),
        pytest.param(
            "GET", "web/exec", {**WEBSOCKET, "Sec-WebSocket-Protocol": "a, b"}, 403,
            "unable to upgrade: unable to negotiate protocol: client supports [a b], server accepts [v5.channel.k8s.io "
            "v4.channel.k8s.io v4.base64.channel.k8s.io channel.k8s.io base64.channel.k8s.io]", id="unknown subprotocols",
        ),
        pytest.param(
            "GET", "web/exec", {**WEBSOCKET, "Sec-WebSocket-Version": "12"}, 400,
            "unable to upgrade: not a valid WebSocket handshake", id="another version of WebSocket",
        ),
        pytest.param(
            "POST", "web/exec", WEBSOCKET, 405, "the server does not allow this method on the requested resource",
            id="a WebSocket by POST",
        ),
        pytest.param("GET", "nosuch/exec", WEBSOCKET, 404, 'pods "nosuch" not found', id="no pod"),
        pytest.param(
            "POST", "nosuch/exec", {**UPGRADE, "Upgrade": "SPDY/3.1"}, 404, 'pods "nosuch" not found', id="no pod, SPDY"
        ),
        pytest.param(
            "GET", "web/exec?container=x", WEBSOCKET, 400, "container x is not valid for pod web", id="no container"
        ),
        pytest.param("GET", "new/exec", WEBSOCKET, 400, "pod new does not have a host assigned", id="no node"),
        pytest.param(
            "PUT", "web/exec", WEBSOCKET, 405, "the server does not allow this method on the requested resource", id="PUT"
        ),
    ],
)  # fmt: skip
async def test_refusals(
    wire: Http, api: Api, method: str, path: str, headers: dict[str, str], code: int, message: str
) -> None:
    await api.create(resources.PODS, "demo", pod("new"))
    async with wire.request(method, f"{PODS}/{path}", headers=headers) as answer:
        body = await answer.json()
        assert (answer.status, body["kind"], body["message"]) == (code, "Status", message)


@pytest.mark.usefixtures("program", "policy")
async def test_a_get_needs_the_right_to_create_as_well(wire: Http, api: Api) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get"]}]
    await api.create(resources.ROLES, "demo", {"metadata": {"name": "reader"}, "rules": rules})
    binding = {
        "metadata": {"name": "reader"},
        "roleRef": {"kind": "Role", "name": "reader"},
        "subjects": [{"kind": "User", "name": "developer"}],
    }
    await api.create(resources.ROLE_BINDINGS, "demo", binding)
    async with wire.request("GET", f"{PODS}/web/exec", headers=WEBSOCKET, token="developer") as answer:
        cannot = 'User "developer" cannot create resource "pods/exec" in API group "" in the namespace "demo"'
        assert (answer.status, (await answer.json())["message"]) == (403, f'pods "web" is forbidden: {cannot}')


# ------------------------------------------------------------------------------------------------ clients that go


def transport(socket: Socket) -> asyncio.Transport:
    """What is below the WebSocket."""
    connection = socket._response.connection
    assert connection is not None
    assert isinstance(connection.transport, asyncio.Transport)
    return connection.transport


async def test_a_client_that_goes_ends_the_program(wire: Http, program: Session) -> None:
    socket = await connect(wire, EXEC, V5)
    await socket.receive()
    transport(socket).abort()
    await until(lambda: program.closed)


async def test_a_client_that_closes_ends_the_program(wire: Http, program: Session) -> None:
    socket = await connect(wire, EXEC, V5)
    assert await socket.close()
    await until(lambda: program.closed)
    assert socket.close_code == 1000


MASK = bytes(4)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(b"\x82\x81" + MASK + b"\xff", 1006, id="no channel to close"),
        pytest.param(b"\x82\xff" + (33 * 2**20).to_bytes(8) + MASK, 1009, id="a giant"),
        pytest.param(b"\x83\x80" + MASK, 1002, id="an opcode that is none"),
        pytest.param(b"\xc2\x80" + MASK, 1002, id="compressed, though nobody said so"),
    ],
)
async def test_frames_that_end_the_conversation(wire: Http, program: Session, frame: bytes, code: int) -> None:
    socket = await connect(wire, EXEC, V5, autoping=False)
    await socket.receive()
    transport(socket).write(frame)
    async with asyncio.timeout(5):
        await rest(socket)
    await until(lambda: program.closed)
    assert socket.close_code == code


async def test_who_breaks_the_rules_and_stays_is_cut_off(wire: Http, program: Session, clock: ManualClock) -> None:
    socket = await connect(wire, EXEC, V5)
    await socket.receive()
    transport(socket).pause_reading()
    transport(socket).write(b"\x83\x80" + MASK)
    await until(lambda: clock.next_wake() is not None)
    while not program.closed:
        clock.advance(1)
        await SystemClock().sleep(0.001)
    assert clock.monotonic() < 90


async def test_a_client_that_is_silent_too_long_is_given_up(wire: Http, program: Session, clock: ManualClock) -> None:
    socket = await connect(wire, EXEC, V5, autoping=False)
    await socket.receive()
    for number in range(5):
        assert (await socket.receive()).type == WSMsgType.PING
        if number == 0:
            await socket.pong()
            await socket.send_bytes(b"\x00here")
            await until(lambda: program.written == [b"here"])
        await until(lambda: clock.next_wake() is not None)
        assert not program.closed
        clock.advance(30)
    await until(lambda: program.closed)
    assert (await socket.receive()).type == WSMsgType.CLOSED


async def test_who_does_not_read_holds_up_the_program_only(wire: Http, program: Session) -> None:
    program.say(*[(1, bytes(2**16))] * 2000)
    socket = await connect(wire, EXEC, V5)
    await socket.receive()
    await socket.receive()
    await socket.close()
    await until(lambda: program.closed)
    assert program.told < 1000


async def test_everything_is_read_also_by_who_is_slow(wire: Http, program: Session) -> None:
    program.say(*[(1, bytes(2**16))] * 200)
    program.end()
    socket = await connect(wire, EXEC, V5)
    await until(lambda: program.told > 20)
    messages, ending, code = await ended(socket)
    assert (sum(len(each) - 1 for each in messages), ending, code) == (200 * 2**16, SUCCESS, 1000)


async def test_a_server_that_stops_ends_all(server: ApiServer, program: Session) -> None:
    runner = web.AppRunner(server.app(), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        socket = await connect(Http(session, f"http://{host}:{port}"), EXEC, V5, autoping=False)
        await socket.receive()
        await runner.cleanup()
        assert program.closed
        async with asyncio.timeout(5):
            await rest(socket)


async def test_many_sessions_leave_nothing_behind(wire: Http, api: Api, kubelet: FakeKubelet) -> None:
    await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    before = len(asyncio.all_tasks())
    programs = [Session() for _ in range(500)]
    kubelet.sessions += programs
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        sockets = [await connect(Http(session, wire.url), EXEC, V5) for _ in programs]
        for program in programs[::2]:
            program.end()
        for socket in sockets:
            await socket.close()
    await until(lambda: all(program.closed for program in programs))
    await until(lambda: len(asyncio.all_tasks()) <= before)
