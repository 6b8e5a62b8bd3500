"""Registries that behave, and all the ways in which others do not."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import pytest
from aiohttp import web
from tests import pullsecrets
from tests.remote import peers
from tests.why.collect.api import Api

from pullscope.base.clock import SystemClock
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube.status import ApiError
from pullscope.oci import media, reference
from pullscope.oci.digest import Digest
from pullscope.pull.mirrors import Rules
from pullscope.testing import images
from pullscope.why.collect import pacing, reaching
from pullscope.why.collect.ledger import Ledger
from pullscope.why.collect.logins import Logins
from pullscope.why.collect.questions import Question, Questions
from pullscope.why.collect.reaching import Manners
from pullscope.why.collect.recall import Recall
from pullscope.why.collect.registries import Asker
from pullscope.why.facts import RegistryImage
from pullscope.why.identity import Running

MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": media.OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.example", "digest": "sha256:" + "c" * 64, "size": 2},
        "layers": [],
    }
).encode()
DIGEST = str(Digest.of(MANIFEST))
OTHER = "sha256:" + "d" * 64
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """What was asked of it, and where it is."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.address = ""


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Server]:
    server, application = Server(), web.Application()

    async def noting(request: web.Request) -> web.StreamResponse:
        server.asked.append((request.method, request.path))
        return await handler(request)

    application.router.add_route("*", "/{path:.*}", noting)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.address = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def manifest(raw: bytes = MANIFEST, digest: str = DIGEST) -> web.Response:
    return web.Response(body=raw, content_type=media.OCI_MANIFEST, headers={"Docker-Content-Digest": digest})


def said(status: int, code: str, text: str, **headers: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": text}]}, status=status, headers=headers)


def questions(names: Iterable[str], running: Iterable[str] = (), pullers: Iterable[str] = ()) -> Questions:
    asked = {}
    for name in names:
        parsed = reference.parse(name)
        runs = {Running(digest, parsed.name) for digest in running}
        asked[name] = Question(parsed, running=runs, pullers={("demo", (each,)) for each in pullers})
    return asked


async def ask(
    wanted: Questions, *, api: Api | None = None, ledger: Ledger | None = None, auth: str = "/nowhere", **manners: Any
) -> dict[str, RegistryImage]:
    clock = SystemClock()
    logins = Logins(api, ledger or Ledger(), {"REGISTRY_AUTH_FILE": auth})
    kind = Manners(**{"rate": 10_000.0, **manners})
    async with reaching.reach(kind, clock) as reach:
        asker = Asker(reach, logins, kind, clock, Rules())
        return await asker.ask(wanted, Recall(clock), lambda _done, _all: None)


async def asked_of(handler: Handler, **how: Any) -> tuple[RegistryImage, list[str]]:
    """The answer to one question about `team/app:v1`, and the methods of the requests for it."""
    async with serving(handler) as server:
        name = f"{server.address}/team/app:v1"
        found = await ask(questions([name], how.pop("running", ())), **how)
        return found[name], [method for method, _ in server.asked]


async def test_one_head_where_everybody_has_what_the_tag_means() -> None:
    async def answer(_: web.Request) -> web.Response:
        return manifest()

    found, methods = await asked_of(answer, running=[DIGEST])
    assert (found, methods) == (RegistryImage("found", DIGEST, anonymous=True), ["HEAD"])


async def test_more_is_asked_where_digests_differ() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith(OTHER):
            return said(404, "MANIFEST_UNKNOWN", "manifest unknown")
        return manifest()

    async with serving(answer) as server:
        name = f"{server.address}/team/app"
        found = await ask(questions([f"{name}:v1"], [OTHER]))
    assert found[f"{name}:v1"].config == "sha256:" + "c" * 64
    assert found[f"{name}@{OTHER}"] == RegistryImage("no tag", error="MANIFEST_UNKNOWN: manifest unknown")


async def test_an_index_that_has_what_runs_needs_no_more_than_one_get() -> None:
    store = MemoryStore()
    root = probe.variant(store, "app.war")
    async with peers.ours() as address:
        name = reference.parse(f"{address}/team/app:v1")
        await images.push(name, store, root)
        first = (await ask(questions([str(name)], [OTHER])))[str(name)]
        assert set(first.manifests) == {"linux/amd64", "linux/arm64", "wasi/wasm"}
        assert first.created is not None
        again = (await ask(questions([str(name)], [first.manifests["linux/amd64"]])))[str(name)]
    assert (again.digest, again.manifests, again.created) == (str(root.digest), first.manifests, None)


@pytest.mark.parametrize("refused", [405, 404, 403])
async def test_a_registry_that_refuses_head(refused: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=refused) if request.method == "HEAD" else manifest()

    found, methods = await asked_of(answer, running=[DIGEST])
    assert (found.status, found.digest, methods) == ("found", DIGEST, ["HEAD", "GET"])


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (said(404, "MANIFEST_UNKNOWN", "manifest unknown"), "no tag", "MANIFEST_UNKNOWN: manifest unknown"),
        (
            said(404, "NAME_UNKNOWN", "repository name not known"),
            "no repository",
            "NAME_UNKNOWN: repository name not known",
        ),
        (said(401, "UNAUTHORIZED", "authentication required"), "unauthorised", "UNAUTHORIZED: authentication required"),
        (said(403, "DENIED", "requested access is denied"), "unauthorised", "DENIED: requested access is denied"),
        (said(500, "UNKNOWN", "boom"), "unreachable", "UNKNOWN: boom"),
        (web.Response(status=418, text="teapot"), "unreachable", "HTTP status 418"),
        (web.Response(body=b"<html>", content_type="text/html"), "invalid", None),
        (manifest(MANIFEST, OTHER), "invalid", f"the content is {DIGEST}, not {OTHER}"),
    ],
    ids=["tag", "repository", "401", "403", "500", "418", "a page", "a lie"],
)
async def test_what_registries_say_otherwise(answer: web.Response, status: str, error: str | None) -> None:
    async def same(request: web.Request) -> web.Response:
        if answer.status == 200 and request.method == "HEAD":
            return web.Response(status=405)
        copy = web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)
        if digest := answer.headers.get("Docker-Content-Digest"):
            copy.headers["Docker-Content-Digest"] = digest
        return copy

    found, _ = await asked_of(same)
    assert found.status == status
    assert found.error == error if error else found.error


async def test_redirections_are_followed_without_end_only_so_far() -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/"):
            raise web.HTTPTemporaryRedirect("/moved" + request.path)
        return manifest()

    async def around(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(request.path)

    found, _ = await asked_of(elsewhere)
    assert (found.status, found.digest) == ("found", DIGEST)
    assert (await asked_of(around))[0] == RegistryImage("unreachable", error="stopped after 10 redirects")


async def test_a_registry_that_has_had_enough_is_left_alone() -> None:
    async def busy(_: web.Request) -> web.Response:
        return said(429, "TOOMANYREQUESTS", "slow down", **{"Retry-After": "30"})

    async with serving(busy) as server:
        names = [f"{server.address}/team/app:v{number}" for number in range(40)]
        found = await ask(questions(names))
    assert {image.status for image in found.values()} == {"rate limited"}
    assert len(found) == 40
    assert len(server.asked) <= pacing.AT_ONCE
    assert found[names[0]].error.endswith("(Retry-After: 30)")


async def test_a_registry_that_never_answers_costs_its_time_once() -> None:
    never = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await never.wait()
        return manifest()

    async with serving(silent) as server:
        names = [f"{server.address}/team/app:v{number}" for number in range(40)]
        found = await ask(questions(names), patience=0.2)
        assert len(server.asked) <= pacing.AT_ONCE
        never.set()
    assert {(image.status, image.error) for image in found.values()} == {("unreachable", "i/o timeout")}


async def test_a_registry_that_answers_a_byte_at_a_time_is_given_up() -> None:
    never = asyncio.Event()

    async def drips(request: web.Request) -> web.StreamResponse:
        if request.method == "HEAD":
            return web.Response(status=405)
        response = web.StreamResponse(headers={"Content-Type": media.OCI_MANIFEST})
        await response.prepare(request)
        while not never.is_set():
            await response.write(b" ")
            await SystemClock().sleep(0.02)
        return response

    async with serving(drips) as server:
        name = f"{server.address}/team/app:v1"
        found = await ask(questions([name]), patience=5, longest=0.3)
        never.set()
    assert found[name] == RegistryImage("unreachable", error="i/o timeout")


async def test_a_registry_that_is_not_there() -> None:
    name = f"127.0.0.1:{peers.free_port()}/team/app:v1"
    assert (await ask(questions([name])))[name] == RegistryImage("unreachable", error="connection refused")


def private(*logins: str) -> Handler:
    """A registry that lets in those `user:password` alone."""

    async def answer(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if given in {f"Basic {base64.b64encode(login.encode()).decode()}" for login in logins}:
            return manifest()
        refused = said(401, "UNAUTHORIZED", "authentication required")
        refused.headers["WWW-Authenticate"] = 'Basic realm="r"'
        return refused

    return answer


def secret(address: str, login: str) -> dict[str, Any]:
    made = pullsecrets.made("mine", {address: {"auth": base64.b64encode(login.encode()).decode()}})
    return made | {"metadata": {"name": "mine", "namespace": "demo", "uid": "1"}}


SECRET = "/api/v1/namespaces/demo/secrets/mine"


async def test_the_pods_own_secrets_are_tried_after_the_users(tmp_path: Any) -> None:
    async with serving(private("pod:right")) as server:
        file = tmp_path / "auth.json"
        file.write_text(json.dumps({"auths": {server.address: {"auth": "bWU6d3Jvbmc="}}}))
        name, api = f"{server.address}/team/app:v1", Api({SECRET: secret(server.address, "pod:right")})
        found = await ask(questions([name], pullers=["mine"]), api=api, auth=str(file))
    assert found[name].status == "found"


async def test_secrets_are_not_read_where_nobody_asks_for_them() -> None:
    async def open_to_all(_: web.Request) -> web.Response:
        return manifest()

    async with serving(open_to_all) as server:
        api = Api({SECRET: secret(server.address, "pod:right")})
        await ask(questions([f"{server.address}/team/app:v1"], pullers=["mine"]), api=api)
    assert api.asked == []


async def test_secrets_that_may_not_be_read() -> None:
    ledger = Ledger()
    async with serving(private("pod:right")) as server:
        name = f"{server.address}/team/app:v1"
        api = Api({SECRET: ApiError(403, "Forbidden", 'secrets "mine" is forbidden')})
        found = await ask(questions([name], pullers=["mine"]), api=api, ledger=ledger)
    assert found[name].status == "unauthorised"
    assert [each.what for each in ledger.unseen] == ["pull secrets in namespace demo"]


async def test_a_broken_auth_file_is_said_and_does_no_harm(tmp_path: Any) -> None:
    async def open_to_all(_: web.Request) -> web.Response:
        return manifest()

    file, ledger = tmp_path / "auth.json", Ledger()
    file.write_text("{")
    found, _ = await asked_of(open_to_all, auth=str(file), ledger=ledger)
    assert found.status == "found"
    assert "has no credentials" in ledger.unseen[0].reason
