"""The repository against the real registry on a loopback port: what is pushed, deleted, held and logged."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from pullscope.oci import reference
from pullscope.registry import app
from pullscope.registry.store import Registry
from pullscope.remote import errors
from pullscope.remote.client import RegistryClient
from pullscope.verify.cases import article
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.repository import Repository
from pullscope.verify.variants import Images

CASE = article.CASES[0]
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def served() -> AsyncIterator[tuple[str, web.Application]]:
    registry = Registry.open(None)
    application = app.create(registry)
    runner = app.runner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}", application
    await runner.cleanup()
    registry.close()


@pytest.fixture
async def repository(served: tuple[str, web.Application]) -> AsyncIterator[Repository]:
    name = reference.parse(f"{served[0]}/pullscope/verify")
    async with aiohttp.ClientSession() as session:
        yield Repository(RegistryClient(session, served[0]), name, name)


async def test_a_tag_moves_and_goes(repository: Repository) -> None:
    images = Images("run")
    node, registry = images.make(CASE, "node"), images.make(CASE, "registry")
    assert await repository.held("t") is None
    assert (await repository.push(node, "t")).came_back == node.variant.digest
    assert await repository.held("t") == node.variant.digest
    await repository.push(registry, "t")
    assert await repository.held("t") == registry.variant.digest
    await repository.delete(registry, "t")
    assert await repository.held("t") is None
    assert (await repository.delete(registry, "t")).came_back == "404: it was gone already"


async def test_deleting_one_case_leaves_the_others(repository: Repository) -> None:
    images = Images("run")
    first, second = images.make(article.CASES[0], "node"), images.make(article.CASES[1], "node")
    assert first.variant.digests.isdisjoint(second.variant.digests)
    await repository.push(first, "one")
    await repository.push(second, "two")
    await repository.delete(first, "one")
    assert await repository.held("two") == second.variant.digest


async def test_shared_layers_are_sent_once(repository: Repository, served: tuple[str, web.Application]) -> None:
    images = Images("run")
    made = [images.make(case, "registry") for case in article.CASES]
    await asyncio.gather(*(repository.push(image, f"t{at}") for at, image in enumerate(made)))
    uploads = [record for record in served[1][app.LOG].records() if record.kind == "upload" and record.status == 201]
    assert len({record.digest for record in uploads}) == len(uploads)


async def test_the_log_is_read_from_the_mark_on(repository: Repository) -> None:
    images = Images("run")
    node = images.make(CASE, "node")
    await repository.push(node, "t")
    mark = await repository.mark()
    assert await repository.requests(mark, "t", [node.variant], START) == ()
    assert await repository.held("t")
    assert await repository.held("other") is None
    requests = await repository.requests(mark, "t", [node.variant], START)
    assert requests is not None
    assert [(request["method"], request["reference"], request["status"]) for request in requests] == [
        ("HEAD", "t", 200)
    ]
    assert requests[0]["digest"] == node.variant.digest
    assert requests[0]["seconds"] > 0


async def test_a_registry_without_a_log_is_unknown(served: tuple[str, web.Application]) -> None:
    async def other(_: web.Request) -> web.Response:
        return web.json_response({"errors": [{"code": "UNSUPPORTED", "message": "no"}]}, status=405)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", other)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host = f"127.0.0.1:{runner.addresses[0][1]}"
    name = reference.parse(f"{host}/pullscope/verify")
    try:
        async with aiohttp.ClientSession() as session:
            repository = Repository(RegistryClient(session, host), name, name)
            assert await repository.mark() is None
            assert await repository.requests(None, "t", (), START) is None
            with pytest.raises(ObstacleError, match="does not delete manifests") as caught:
                await repository.delete(Images("run").make(CASE, "node"), "t")
            assert caught.value.obstacle.kind == "unsupported"
            with pytest.raises(errors.StatusError):
                await repository.push(Images("run").make(CASE, "node"), "t")
    finally:
        await runner.cleanup()


def test_the_same_run_gives_the_same_digests() -> None:
    first, second = Images("run").make(CASE, "node"), Images("run").make(CASE, "node")
    assert first.variant == second.variant
    assert len(first.variant.digests) == 7  # one index, three manifests, three configs


async def test_what_was_pushed_is_taken_away(repository: Repository) -> None:
    images = Images("run")
    for tag in ("one", "two", "three"):
        await repository.push(images.named(tag, "node"), tag)
    await repository.delete(images.named("two", "node"), "two")
    assert await repository.clean() == []
    assert [await repository.held(tag) for tag in ("one", "two", "three")] == [None, None, None]
