"""Every service account gets a pull secret for the internal registry."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from tests.controllers.world import NS, World

from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import Clock
from pullscope.controllers import pullsecrets
from pullscope.controllers.cache import Cache, nothing
from pullscope.controllers.context import Context
from pullscope.kube import resources
from pullscope.kube.api import Object, UserInfo
from pullscope.openshift.names import INTERNAL_REGISTRY

REGISTRIES = (INTERNAL_REGISTRY, "127.0.0.1:5001")


@pytest.fixture
async def accounts(server: ApiServer, clock: Clock) -> AsyncIterator[World]:
    """The API, with this controller alone at work."""
    world = World(server.client(UserInfo("kubeadmin", groups=("system:masters",))), clock)
    cache = Cache({kind.resource: nothing for kind in ALL if kind.resource.plural in ("serviceaccounts", "secrets")})
    context = Context(server.client, cache, clock, "crc")
    tasks = [asyncio.create_task(informer.run(world.api, clock)) for informer in cache]
    await cache.synced()
    tasks.append(asyncio.create_task(pullsecrets.run(context, REGISTRIES)))
    await world.make(resources.NAMESPACES, {"metadata": {"name": NS}}, None)
    await world.make(resources.SERVICE_ACCOUNTS, {"metadata": {"name": "builder"}})
    yield world
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def provided(world: World, *, other_than: str = "") -> tuple[Object, Object]:
    """The account and its secret, when they know each other."""
    found: dict[str, Any] = {}

    async def true() -> bool:
        account = await world.api.get(resources.SERVICE_ACCOUNTS, NS, "builder")
        linked = [each["name"] for each in account.get("imagePullSecrets") or ()]
        names = [name for name in linked if name != other_than]
        found.update(account=account, names=names)
        return bool(names)

    await world.until(resources.SERVICE_ACCOUNTS, true)
    return found["account"], await world.api.get(resources.SECRETS, NS, found["names"][-1])


async def test_the_secret_holds_a_token_of_the_account_for_each_name_of_the_registry(
    accounts: World, server: ApiServer
) -> None:
    account, secret = await provided(accounts)
    assert secret["metadata"]["name"].startswith("builder-dockercfg-")
    assert secret["type"] == "kubernetes.io/dockercfg"
    assert account["secrets"] == [{"name": secret["metadata"]["name"]}]
    entries = json.loads(base64.b64decode(secret["data"][".dockercfg"]))
    assert set(entries) == set(REGISTRIES)
    token = entries[INTERNAL_REGISTRY]["password"]
    review = {"metadata": {}, "spec": {"token": token}}
    answer = await server.client(UserInfo("a", groups=("system:masters",))).create(
        resources.TOKEN_REVIEWS, None, review
    )
    assert answer["status"]["user"]["username"] == f"system:serviceaccount:{NS}:builder"


async def test_a_secret_that_is_deleted_is_made_again_and_its_token_is_over(accounts: World) -> None:
    _, secret = await provided(accounts)
    name = secret["metadata"]["name"]
    token = json.loads(base64.b64decode(secret["data"][".dockercfg"]))[INTERNAL_REGISTRY]["password"]
    await accounts.api.delete(resources.SECRETS, NS, name)
    _, other = await provided(accounts, other_than=name)
    assert other["metadata"]["name"] != name
    review = {"metadata": {}, "spec": {"token": token}}
    answer = await accounts.api.create(resources.TOKEN_REVIEWS, None, review)
    assert not answer["status"].get("authenticated")


async def test_an_account_that_has_one_is_left_alone(accounts: World) -> None:
    account, secret = await provided(accounts)
    assert not pullsecrets.wanted(account, REGISTRIES, secret)
    assert pullsecrets.wanted(account, ("elsewhere",), secret)
    assert pullsecrets.wanted(account, REGISTRIES, {**secret, "data": {".dockercfg": "?"}})
