"""A client that makes and deletes pods until the lab is gone, and what the lab must come to afterwards."""

import asyncio
import random
from pathlib import Path
from typing import Any

import aiohttp
from tests.killing.ledger import Found, Ledger

from pullscope.base.clock import SystemClock

PODS = "/api/v1/namespaces/default/pods"
_NAMES = 6
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 60.0


async def run(http: aiohttp.ClientSession, pods: Ledger, image: str, chance: random.Random) -> None:
    """Make pods of `image` and delete them; a pod that is still going gives its name away later."""
    while True:
        name = f"killed-{chance.randrange(_NAMES)}"
        key = f"pods/{name}"
        if pods.holds(key) is None:
            pods.attempt(key, image)
            request = http.post(PODS, json=pod(name, image))
        else:
            pods.attempt(key, None)
            grace = chance.choice(({}, {"gracePeriodSeconds": 0}))  # forced: the object goes before its containers do
            request = http.delete(f"{PODS}/{name}", json=grace)
        async with request as answer:
            told = await answer.json()
        if answer.ok:
            pods.acknowledge(key)
        else:
            assert told["reason"] in ("AlreadyExists", "Conflict"), told
            pods.refuse(key)


def pod(name: str, image: str) -> dict[str, Any]:
    container = {"name": "app", "image": image, "imagePullPolicy": "Always"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


async def settled(http: aiohttp.ClientSession, root: Path) -> dict[str, Found]:
    """The pods that are not deleted, when all of them run, and the deleted ones are gone, from the node's disk too.

    Raises AssertionError when it does not come to that.
    """
    clock = SystemClock()
    end = clock.monotonic() + _PATIENCE_SECONDS
    while True:
        async with http.get(PODS) as answer:
            items = (await answer.json())["items"]
        uids = {item["metadata"]["uid"] for item in items}
        left = await asyncio.to_thread(_on_disk, root) - uids
        if not left and all(_runs(item) for item in items):
            return {f"pods/{item['metadata']['name']}": Found(_image(item)) for item in items}
        assert clock.monotonic() < end, f"left on the node: {left}; pods: {[_told(item) for item in items]}"
        await clock.sleep(_LOOK_SECONDS)


def _runs(item: dict[str, Any]) -> bool:
    return "deletionTimestamp" not in item["metadata"] and item["status"]["phase"] == "Running"


def _image(item: dict[str, Any]) -> str:
    return str(item["spec"]["containers"][0]["image"])


def _told(item: dict[str, Any]) -> str:
    return f"{item['metadata']['name']} {item['metadata'].get('deletionTimestamp')} {item['status']}"


def _on_disk(root: Path) -> set[str]:
    """The uids of the pods of which the node keeps volumes or logs."""
    volumes = {path.name for path in root.glob("**/kubelet/pods/*")}
    return volumes | {path.name.rpartition("_")[2] for path in root.glob("**/kubelet/logs/*")}
