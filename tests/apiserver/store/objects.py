"""Objects to store, and what tests say of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from pullscope.apiserver.store.records import Bookmark, Event, Key, key
from pullscope.kube import resources
from pullscope.kube.status import ApiError

PODS, NODES, DEPLOYMENTS = resources.PODS, resources.NODES, resources.DEPLOYMENTS


def at(name: str, namespace: str = "demo") -> Key:
    return key(PODS, namespace, name)


def pod(name: str, *, image: str = "v1", node: str = "", **metadata: Any) -> dict[str, Any]:
    spec = {"containers": [{"image": image}], **({"nodeName": node} if node else {})}
    uid = metadata.pop("uid", f"uid-{name}")
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "uid": uid, **metadata}, "spec": spec}


async def refused(writing: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await writing
    return caught.value


async def collect(watch: AsyncIterator[Event | Bookmark], count: int) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    for _ in range(count):
        event = await anext(watch)
        assert isinstance(event, Event)
        found.append((event.type, event.key.name, event.revision))
    return found
