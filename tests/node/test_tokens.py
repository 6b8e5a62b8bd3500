"""Pods' tokens: asked for once, kept while they are fresh, and asked for again in time."""

import pytest
from tests.apiserver.support import ADMIN, pod

from pullscope.apiserver.authentication import signatures
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.node import tokens
from pullscope.node.projection import VolumeError
from pullscope.node.tokens import ApiTokens

HOUR = 3607


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def api(clock: ManualClock) -> Api:
    made = ApiServer(Store.open(None), clock).client(ADMIN)
    await made.create(resources.NAMESPACES, None, {"metadata": {"name": "demo"}})
    await made.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    return made


@pytest.fixture
async def web(api: Api) -> Object:
    return await api.create(resources.PODS, "demo", pod())


def claims(token: str) -> signatures.Claims:
    found = signatures.claims_of(token)
    assert found is not None
    return found


async def test_what_is_asked_for(api: Api, clock: ManualClock, web: Object) -> None:
    kept = ApiTokens(api, clock)
    mine = claims(await kept.token(web, None, HOUR))
    assert mine["sub"] == "system:serviceaccount:demo:default"
    assert mine["kubernetes.io"]["pod"] == {"name": "web", "uid": web["metadata"]["uid"]}
    assert claims(await kept.token(web, "vault", 600))["aud"] == ["vault"]


async def test_one_is_kept_for_four_fifths_of_its_life(api: Api, clock: ManualClock, web: Object) -> None:
    kept = ApiTokens(api, clock)
    first = await kept.token(web, None, 1000)
    clock.advance(799)
    assert await kept.token(web, None, 1000) == first
    clock.advance(2)
    second = await kept.token(web, None, 1000)
    assert second != first
    assert await kept.token(web, None, 1000) == second


async def test_and_for_a_day_at_most(api: Api, clock: ManualClock, web: Object) -> None:
    kept = ApiTokens(api, clock)
    first = await kept.token(web, None, 30 * 24 * 3600)
    clock.advance(24 * 3600 - 1)
    assert await kept.token(web, None, 30 * 24 * 3600) == first
    clock.advance(2)
    assert await kept.token(web, None, 30 * 24 * 3600) != first


async def test_an_old_one_does_while_there_is_no_new_one(api: Api, clock: ManualClock, web: Object) -> None:
    kept = ApiTokens(api, clock)
    first = await kept.token(web, None, 1000)
    await api.delete(resources.SERVICE_ACCOUNTS, "demo", "default")
    clock.advance(900)
    assert await kept.token(web, None, 1000) == first
    clock.advance(101)
    with pytest.raises(VolumeError, match=r'^failed to fetch token: serviceaccounts "default" not found$'):
        await kept.token(web, None, 1000)


async def test_a_pod_that_is_gone_gets_none(api: Api, clock: ManualClock, web: Object) -> None:
    await api.delete(resources.PODS, "demo", "web", DeleteOptions(grace_period_seconds=0))
    with pytest.raises(VolumeError, match='pods "web" not found'):
        await ApiTokens(api, clock).token(web, None, HOUR)


async def test_no_more_are_kept_than_need_be(
    api: Api, clock: ManualClock, web: Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "KEPT_MAX", 2)
    kept = ApiTokens(api, clock)
    first = await kept.token(web, None, 601)
    for seconds in (602, 603):
        await kept.token(web, None, seconds)
    assert await kept.token(web, None, 601) != first
    assert len(kept._kept) == 2
