"""Credentials: what a registry asks for is given, to it alone, and what it refuses is told apart."""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from tests.remote import peers

from pullscope.cri.api import AuthConfig
from pullscope.oci import errors as spec
from pullscope.oci.documents import Descriptor
from pullscope.remote import auth, errors
from pullscope.remote.client import RegistryClient

GOOD = AuthConfig(username="user", password="secret")
EMPTY = Descriptor.of("application/octet-stream", b"")
# bcrypt of "secret"
HTPASSWD = "user:$2b$04$OJTNX09YLHo7MEzTmx7Ly.LA.ygxr4kvI2izVHaBkW3SHX8NEGJ9K\n"


@dataclass
class Guarded:
    """A registry behind a token service, both in one server, and what it was shown."""

    host: str
    asked: list[str]
    shown: list[str]
    issued: str = "token-1"
    accepted: str = "token-1"
    more: str = ""


@pytest.fixture
async def guarded() -> AsyncIterator[Guarded]:
    """Wants a Bearer token; the token service wants user:secret, or the identity token `identity`."""
    state = Guarded("", [], [])

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        state.asked.append(
            f"{request.method} {request.query_string} {request.headers.get('Authorization', '')}".strip()
        )
        pair = f"Basic {base64.b64encode(b'user:secret').decode()}"
        if request.headers.get("Authorization") != pair and form.get("refresh_token") != "identity":
            return web.Response(status=401)
        return web.json_response({"access_token" if form else "token": state.issued})

    async def registry(request: web.Request) -> web.Response:
        state.shown.append(request.headers.get("Authorization", ""))
        if request.headers.get("Authorization") == f"Bearer {state.accepted}":
            return web.json_response({"name": "a", "tags": ["v1"]})
        challenge = f'Bearer realm="http://{state.host}/token",service="our \\"registry\\"",scope="repository:a:pull"'
        challenge += state.more
        body = spec.UNAUTHORIZED.error().body()
        return web.Response(status=401, headers={"WWW-Authenticate": challenge}, body=body)

    app = web.Application()
    app.router.add_route("*", "/token", token)
    app.router.add_route("*", "/v2/{path:.*}", registry)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    state.host = f"{host}:{port}"
    yield state
    await runner.cleanup()


async def test_a_token_is_fetched_once_and_shown_from_then_on(guarded: Guarded) -> None:
    async with aiohttp.ClientSession() as session:
        client = RegistryClient(session, guarded.host, auth=GOOD)
        assert await client.tags("a") == ["v1"]
        assert await client.tags("a") == ["v1"]
    assert len(guarded.asked) == 1
    assert "account=user" in guarded.asked[0]
    assert "scope=repository:a:pull" in guarded.asked[0]
    assert guarded.shown == ["", "Bearer token-1", "Bearer token-1"]


async def test_an_expired_token_is_renewed(guarded: Guarded) -> None:
    async with aiohttp.ClientSession() as session:
        client = RegistryClient(session, guarded.host, auth=GOOD)
        await client.tags("a")
        guarded.issued = guarded.accepted = "token-2"
        assert await client.tags("a") == ["v1"]
    assert guarded.shown[-2:] == ["Bearer token-1", "Bearer token-2"]


async def test_an_identity_token_is_exchanged(guarded: Guarded) -> None:
    async with aiohttp.ClientSession() as session:
        client = RegistryClient(session, guarded.host, auth=AuthConfig(identity_token="identity"))
        assert await client.tags("a") == ["v1"]
    assert guarded.asked == ["POST"]


@pytest.mark.parametrize("credentials", [None, AuthConfig(username="user", password="wrong")])
async def test_a_token_service_that_refuses(guarded: Guarded, credentials: AuthConfig | None) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(errors.TokenRefusedError) as failed:
            await RegistryClient(session, guarded.host, auth=credentials).tags("a")
    assert (failed.value.status, failed.value.anonymous) == (401, credentials is None)


@pytest.mark.parametrize(
    ("more", "bearer"), [("", False), (',error="insufficient_scope"', True), (',error="invalid_token"', False)]
)
async def test_a_token_that_does_not_suffice(guarded: Guarded, more: str, *, bearer: bool) -> None:
    guarded.accepted, guarded.more = "another", more
    async with aiohttp.ClientSession() as session:
        with pytest.raises(errors.AuthenticationError) as failed:
            await RegistryClient(session, guarded.host, auth=GOOD).tags("a")
    assert (failed.value.code, failed.value.bearer) == ("UNAUTHORIZED", bearer)
    assert guarded.shown == ["", "Bearer token-1"]


@pytest.mark.parametrize(
    ("challenge", "kind"),
    [
        ('Bearer service="x"', errors.TokenRefusedError),
        ('Bearer realm="http://a:99999/"', errors.TokenRefusedError),
        ('Bearer realm="http://127.0.0.1:1/"', errors.RefusedError),
        ("Negotiate", errors.AuthenticationError),
        ('Basic realm="here"', errors.AuthenticationError),
    ],
)
async def test_a_challenge_that_leads_nowhere(challenge: str, kind: type[errors.RemoteError]) -> None:
    async def registry(_request: web.Request) -> web.Response:
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", registry)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(kind):
                await RegistryClient(session, "{}:{}".format(*runner.addresses[0][:2])).ping()
    finally:
        await runner.cleanup()


async def test_basic_against_dockers_registry(tmp_path: Path) -> None:
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    wanted = f"auth: {{htpasswd: {{realm: here, path: {tmp_path / 'htpasswd'}}}}}"
    async with peers.dockers(tmp_path, wanted) as host, aiohttp.ClientSession() as session:
        await RegistryClient(session, host, auth=GOOD).ping()
        for credentials in (None, AuthConfig(username="user", password="wrong")):
            with pytest.raises(errors.AuthenticationError) as failed:
                await RegistryClient(session, host, auth=credentials).get_manifest("a", "v1")
            assert (failed.value.status, failed.value.code, failed.value.bearer) == (401, "UNAUTHORIZED", False)


async def test_requests_side_by_side_are_all_given_the_credentials() -> None:
    refused = asyncio.Barrier(2)

    async def registry(request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").startswith("Basic "):
            return web.json_response({"name": "a", "tags": ["v1"]})
        await refused.wait()
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="here"'})

    app = web.Application()
    app.router.add_get("/v2/{path:.*}", registry)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            client = RegistryClient(session, "{}:{}".format(*runner.addresses[0][:2]), auth=GOOD)
            first, second = await asyncio.gather(client.tags("a"), client.tags("a"))
            assert first == second == ["v1"]
    finally:
        await runner.cleanup()


async def test_credentials_stay_with_their_registry() -> None:
    """A registry may send uploads to another host; the Authorization header does not go along."""
    shown: dict[str, list[str]] = {"registry": [], "elsewhere": []}

    def server(name: str) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            shown[name].append(request.headers.get("Authorization", ""))
            if name == "registry" and not request.headers.get("Authorization"):
                return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="here"'})
            location = f"http://{address['elsewhere']}/upload"
            status = {"POST": 202, "PUT": 201}[request.method]
            return web.Response(status=status, headers={"Location": location})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        return app

    runners = {name: web.AppRunner(server(name)) for name in shown}
    address = {}
    for name, runner in runners.items():
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address[name] = "{}:{}".format(*runner.addresses[0][:2])
    async with aiohttp.ClientSession() as session:
        client = RegistryClient(session, address["registry"], auth=GOOD)
        await client.put_blob("a", EMPTY, io.BytesIO)
    await asyncio.gather(*(runner.cleanup() for runner in runners.values()))
    assert [bool(header) for header in shown["registry"]] == [False, True]
    assert shown["elsewhere"] == [""]


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        ('Basic realm="a, b"', auth.Challenge("basic", {"realm": "a, b"})),
        ('BEARER realm="x",scope="a:b:pull,push"', auth.Challenge("bearer", {"realm": "x", "scope": "a:b:pull,push"})),
        (r'Bearer realm="a\"b", service=plain', auth.Challenge("bearer", {"realm": 'a"b', "service": "plain"})),
        ("Negotiate", None),
        ("", None),
    ],
)
def test_challenges(header: str, challenge: auth.Challenge | None) -> None:
    assert auth.parse(header) == challenge
