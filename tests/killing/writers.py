"""Clients that write until the server is gone, each noting in the ledger what it sends and what is answered.

A key is a ConfigMap's name. A value is the
text in `data.value`, with its checksum beside it: an object that was half written has another one.
"""

import hashlib
import json
import random
from typing import Any

import aiohttp
from tests.killing.ledger import Found, Ledger, Tally

NAMES = 12  # ConfigMaps of one writer
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
GONE = (aiohttp.ClientError, ConnectionError)
"""How a client sees that the server was killed; an answer that was cut off is none."""

_COUNTER = "counter"
_LABEL = "killed"  # tells ours from those that every namespace has
_MERGE = {"Content-Type": "application/merge-patch+json"}
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def body(name: str, value: str) -> dict[str, Any]:
    """The ConfigMap that holds `value`."""
    metadata = {"name": name, "labels": {_LABEL: "yes"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": _data(value)}


def _data(value: str) -> dict[str, str]:
    return {"value": value, "sum": hashlib.sha256(value.encode()).hexdigest()}


def value_of(obj: dict[str, Any]) -> str:
    """What a ConfigMap holds; says so where it is not whole."""
    data = obj.get("data") or {}
    return str(data["value"]) if data == _data(str(data.get("value"))) else f"half written: {data}"


async def write(session: aiohttp.ClientSession, ledger: Ledger, who: str, chance: random.Random) -> None:
    """Create, replace, patch and delete ConfigMaps of one's own, in any order."""
    while True:
        name = f"{who}-{chance.randrange(NAMES)}"
        way = "post" if ledger.holds(name) is None else chance.choice(("put", "patch", "delete"))
        value = f"{next(ledger.serials)} " + "x" * chance.choice((10, 500, 5000))
        ledger.attempt(name, None if way == "delete" else value)
        async with _request(session, way, name, value) as answer:
            told = await answer.json()
        if not answer.ok:
            raise AssertionError(f"{name} was refused: {told}")
        ledger.acknowledge(name, int(told["metadata"].get("resourceVersion", 0)))


def _request(session: aiohttp.ClientSession, way: str, name: str, value: str) -> aiohttp.client._RequestContextManager:
    match way:
        case "post":
            return session.post(CONFIG_MAPS, json=body(name, value))
        case "put":
            return session.put(f"{CONFIG_MAPS}/{name}", json=body(name, value))
        case "patch":
            data = json.dumps({"data": _data(value)})
            return session.patch(f"{CONFIG_MAPS}/{name}", data=data, headers=_MERGE)
    return session.delete(f"{CONFIG_MAPS}/{name}")


async def count(session: aiohttp.ClientSession, tally: Tally) -> None:
    """Raise the counter by one again and again; where another writer was faster, read anew."""
    while True:
        async with session.get(f"{CONFIG_MAPS}/{_COUNTER}") as answer:
            obj = await answer.json()
        obj["data"]["value"] = str(int(obj["data"]["value"]) + 1)
        tally.attempt()
        async with session.put(f"{CONFIG_MAPS}/{_COUNTER}", json=obj) as answer:
            await answer.read()
        if answer.ok:
            tally.acknowledge()
        else:
            assert answer.status == 409
            tally.refuse()


async def make_counter(session: aiohttp.ClientSession) -> None:
    """The counter at nought, unless it is there."""
    async with session.post(CONFIG_MAPS, json={"metadata": {"name": _COUNTER}, "data": {"value": "0"}}) as answer:
        assert answer.status in (201, 409), await answer.text()


async def watch(session: aiohttp.ClientSession, ledger: Ledger, revision: int) -> None:
    """Note what everybody is shown."""
    ledger.follow(revision)
    query = {"watch": "true", "resourceVersion": str(revision), "labelSelector": _LABEL}
    async with session.get(CONFIG_MAPS, params=query, timeout=aiohttp.ClientTimeout(total=None)) as answer:
        async for line in answer.content:
            if not line.endswith(b"\n"):
                return
            event = json.loads(line)
            obj = event["object"]
            if event["type"] != "BOOKMARK":
                value = None if event["type"] == "DELETED" else value_of(obj)
                ledger.seen(obj["metadata"]["name"], value, int(obj["metadata"]["resourceVersion"]))


async def read(session: aiohttp.ClientSession) -> tuple[dict[str, Found], int]:
    """All ConfigMaps of the writers, and the revision of the list."""
    async with session.get(CONFIG_MAPS, params={"labelSelector": _LABEL}) as answer:
        told = await answer.json()
    found = {
        obj["metadata"]["name"]: Found(value_of(obj), int(obj["metadata"]["resourceVersion"])) for obj in told["items"]
    }
    return found, int(told["metadata"]["resourceVersion"])


async def counted(session: aiohttp.ClientSession) -> int:
    """Where the counter stands."""
    async with session.get(f"{CONFIG_MAPS}/{_COUNTER}") as answer:
        return int((await answer.json())["data"]["value"])
