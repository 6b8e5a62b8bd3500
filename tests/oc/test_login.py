"""Logging in as oc does: to the lab's server over TLS, and to servers that answer what they should not."""

import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from pullscope.apiserver import authorization
from pullscope.apiserver.http import app as http
from pullscope.apiserver.oauth import tokens
from pullscope.apiserver.oauth.people import Person
from pullscope.apiserver.rbac import bootstrap
from pullscope.apiserver.server import ApiServer, Logins
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import SystemClock
from pullscope.base.errors import UnreachableError
from pullscope.clusters import transport
from pullscope.clusters.kubeconfig import Access
from pullscope.kube import resources
from pullscope.lab import certificates
from pullscope.oc import login
from pullscope.oc.errors import OcError
from pullscope.oc.login import LoginFailedError

LOGINS = Logins((Person(authorization.DEVELOPER, "developer"),), certificates.SERVER_NAMES)
Answers = dict[str, Callable[[web.Request], web.Response]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, ssl.SSLContext]:
    """The authority's certificate, and the server's side of TLS."""
    now, folder = SystemClock().now(), tmp_path_factory.mktemp("tls")
    authority = certificates.create_authority("test", now)
    server = certificates.issue_server(authority, certificates.SERVER_NAMES, now)
    paths = Path(folder, "tls.crt"), Path(folder, "tls.key")
    paths[0].write_bytes(server.certificate)
    paths[1].write_bytes(server.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    return authority.certificate, context


@asynccontextmanager
async def served(
    app: web.Application, certificate: tuple[bytes, ssl.SSLContext], **options: Any
) -> AsyncIterator[Access]:
    runner = web.AppRunner(app, shutdown_timeout=0, **options)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate[1]).start()
    try:
        yield Access(f"https://127.0.0.1:{runner.addresses[0][1]}", ca=certificate[0])
    finally:
        await runner.cleanup()


@pytest.fixture
async def access(certificate: tuple[bytes, ssl.SSLContext]) -> AsyncIterator[Access]:
    """How to reach a server that `developer` can log in to."""
    store = Store.open(None)
    server = ApiServer(store, SystemClock(), logins=LOGINS)
    api = server.client(authorization.MASTER)
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": "openshift"}})
    await bootstrap.create(api)
    async with served(server.app(), certificate, **http.RUNNER_OPTIONS) as found:
        yield found
    await store.close()


async def who(access: Access, token: str) -> int:
    """What the server answers to who asks with this token who he is."""
    async with transport.open_transport(replace(access, authorization=f"Bearer {token}")) as opened:
        return (await opened.ask("GET", "/apis/user.openshift.io/v1/users/~", headers={})).code


async def test_in_and_out(access: Access) -> None:
    token = await login.token(access, "developer", "developer")
    assert login.name_of(token) == tokens.name_of(token)
    assert await who(access, token) == 200
    async with transport.open_transport(replace(access, authorization=f"Bearer {token}")) as opened:
        await login.forget(opened, token)
    assert await who(access, token) == 401


async def test_under_each_name_of_the_server(access: Access) -> None:
    token = await login.token(
        replace(access, server=access.server.replace("127.0.0.1", "localhost")), "developer", "developer"
    )
    assert await who(access, token) == 200


async def test_forgetting_what_is_no_login(access: Access) -> None:
    token = await login.token(access, "developer", "developer")
    async with transport.open_transport(replace(access, authorization=f"Bearer {token}")) as opened:
        await login.forget(opened, "sha256~other")
    assert await who(access, token) == 200


async def test_the_wrong_password(access: Access) -> None:
    with pytest.raises(LoginFailedError) as raised:
        await login.token(access, "developer", "wrong")
    assert raised.value.message == "Login failed (401 Unauthorized)"
    assert raised.value.hint == "Verify you have provided the correct credentials."


async def test_a_server_that_is_not_trusted(access: Access) -> None:
    with pytest.raises(UnreachableError, match=r"certificate of .* is not trusted"):
        await login.token(replace(access, ca=None), "developer", "developer")


# ------------------------------------------------------------------------------------- other servers


def answering(answers: Answers) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        found = answers.get(request.path)
        return found(request) if found else web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def metadata(request: web.Request) -> web.Response:
    issuer = f"https://{request.host}"
    return web.json_response(
        {"issuer": issuer, "authorization_endpoint": f"{issuer}/a", "token_endpoint": f"{issuer}/t"}
    )


def sending(where: str) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(status=302, headers={"Location": where})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "couldn't get .*/.well-known/oauth-authorization-server: unexpected response status 404"),
        ({login.METADATA: lambda _: web.json_response(["x"])}, "names no OAuth server"),
        ({login.METADATA: lambda _: web.Response(text="<html>")}, "names no OAuth server"),
        (
            {
                login.METADATA: lambda _: web.json_response(
                    {"issuer": "http://a", "authorization_endpoint": "http://a", "token_endpoint": "http://a"}
                )
            },
            "names no OAuth server",
        ),
        ({login.METADATA: metadata, "/a": lambda _: web.Response(status=500)}, "unexpected response: 500"),
        ({login.METADATA: metadata, "/a": sending("/login?then=x")}, "by a page for browsers"),
        ({login.METADATA: metadata, "/a": sending("x?error=access_denied&error_description=No.")}, "access_denied No."),
        (
            {login.METADATA: metadata, "/a": lambda _: web.json_response({"error": "invalid_request"}, status=400)},
            "invalid_request",
        ),
        ({login.METADATA: metadata, "/a": sending("x?code=c")}, "unexpected response: 404"),
        (
            {
                login.METADATA: metadata,
                "/a": sending("x?code=c"),
                "/t": lambda _: web.json_response({"error": "invalid_grant", "error_description": "Used."}, status=400),
            },
            "invalid_grant Used.",
        ),
        (
            {
                login.METADATA: metadata,
                "/a": sending("x?code=c"),
                "/t": lambda _: web.json_response({"access_token": 1}),
            },
            "unexpected response: 200",
        ),
    ],
)
async def test_answers_that_are_none(answers: Answers, words: str, certificate: tuple[bytes, ssl.SSLContext]) -> None:
    async with served(answering(answers), certificate) as found:
        with pytest.raises(OcError, match=words):
            await login.token(found, "developer", "developer")


async def test_an_oauth_server_on_a_host_of_its_own(certificate: tuple[bytes, ssl.SSLContext]) -> None:
    """As on OpenShift. It is asked for no token but with a code, and shown no credentials but the password."""
    shown: list[str | None] = []

    def authorize(request: web.Request) -> web.Response:
        shown.append(request.headers.get("Authorization"))
        if shown[-1] is None:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="openshift"'})
        return sending(f"{request.query['redirect_uri']}?code=c&state=")(request)

    def issue(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "sha256~t", "token_type": "Bearer"})

    async with served(answering({"/oauth/authorize": authorize, "/oauth/token": issue}), certificate) as oauth:

        def told(_: web.Request) -> web.Response:
            endpoints = {
                "authorization_endpoint": f"{oauth.server}/oauth/authorize",
                "token_endpoint": f"{oauth.server}/oauth/token",
            }
            return web.Response(body=json.dumps({"issuer": oauth.server, **endpoints}).encode())

        async with served(answering({login.METADATA: told}), certificate) as api:
            given = replace(api, authorization="Bearer secret")
            assert await login.token(given, "developer", "developer") == "sha256~t"
    assert shown == [None, "Basic ZGV2ZWxvcGVyOmRldmVsb3Blcg=="]
