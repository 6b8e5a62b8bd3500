"""Mirrors, other addresses, and the credentials that everybody here may use."""

import json

import aiohttp
import pytest
from tests.remote import peers

from pullscope.oci import reference
from pullscope.pull import keyring
from pullscope.pull.mirrors import Mirror, Rules
from pullscope.remote import errors, registries
from pullscope.remote.registries import Registries


async def test_the_mirrors_come_first_and_the_registry_itself_last() -> None:
    rules = Rules((Mirror("r.test/a", "one.test/x"), Mirror("r.test/a", "two.test")))
    async with aiohttp.ClientSession() as session:
        places = Registries(session, rules=lambda: rules).places(reference.literal("r.test/a/b:1"))
    assert [str(place.reference) for place in places] == ["one.test/x/b:1", "two.test/b:1", "r.test/a/b:1"]
    assert [place.client.host for place in places] == ["one.test", "two.test", "r.test"]


async def test_a_blocked_registry_is_not_asked() -> None:
    async with peers.ours() as address, aiohttp.ClientSession() as session:
        ways = Registries(session, rules=lambda: Rules(blocked=frozenset({f"{address}/team"})))
        with pytest.raises(errors.BlockedError, match="NeverContactSource"):
            await ways.client(reference.parse(f"{address}/team/app:1")).ping()
        await ways.client(reference.parse(f"{address}/other/app:1")).ping()


async def test_a_registry_may_be_at_another_address() -> None:
    async with peers.ours() as address, aiohttp.ClientSession() as session:
        ways = Registries(session, addresses={"internal.svc:5000": address})
        client = ways.client(reference.literal("internal.svc:5000/a/b"))
        await client.ping()
        assert (client.host, client.scheme) == ("internal.svc:5000", "http")


async def test_our_own_credentials_are_used_where_none_are_given() -> None:
    auth = '{"auths": {"r.test": {"username": "u", "password": "p"}, "r.test/a": {"auth": "YTpi"}}}'
    own = keyring.of_config(json.loads(auth))
    async with aiohttp.ClientSession() as session:
        ways = Registries(session, own=own)
        assert ways.credentials(reference.literal("r.test/a/x")) == registries.Login("a", "b")
        assert ways.credentials(reference.literal("r.test/b")) == registries.Login("u", "p")
        assert ways.credentials(reference.literal("other.test/b")) is None
