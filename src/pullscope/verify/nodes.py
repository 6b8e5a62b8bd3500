"""What is on the nodes: what they say of themselves, where it may be read, or what somebody on a node sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pullscope.kube import meta, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.verify.evidence import NodeImages, Variant
from pullscope.verify.target import Look

Nodes = dict[str, Object]


async def read(api: Api) -> Nodes | None:
    """All nodes by name; None without the right to list them."""
    try:
        listed = await api.list(resources.NODES)
    except ApiError as error:
        if error.code == 403:
            return None
        raise
    return {node["metadata"]["name"]: node for node in listed.items}


@dataclass(frozen=True)
class Listing:
    """The names of all images on a node: who said so, and how old it was then (None: it does not say)."""

    node: str
    names: tuple[str, ...]
    age_seconds: float | None
    source: str


async def listings(api: Api, look: Look | None, node: str, now: datetime) -> dict[str, Listing] | None:
    """What is on the nodes: `node` alone as `look` sees it, else all as they report it; None without the right to read them."""
    if look is not None and node:
        return {node: Listing(node, tuple(await look(node)), 0.0, "crictl images")}
    found = await read(api)
    return None if found is None else {name: _reported(name, each, now) for name, each in found.items()}


def _reported(name: str, node: Object, now: datetime) -> Listing:
    status = node.get("status") or {}
    names = (str(name) for entry in status.get("images") or [] for name in entry.get("names") or [])
    return Listing(name, tuple(names), age(status, now), "node.status.images")


def images(when: Literal["before", "after"], listing: Listing, image: str, variants: Iterable[Variant]) -> NodeImages:
    """The names in the listing that are the case's: its tag, and its digests in the same repository."""
    repository = image.rpartition(":")[0]
    wanted = {image, *(f"{repository}@{digest}" for variant in variants for digest in variant.digests)}
    listed = tuple(sorted(name for name in listing.names if name in wanted))
    return NodeImages(when, listing.node, listed, listing.age_seconds, listing.source)


def runtime(node: Object) -> str | None:
    """The runtime and its version, as `cri-o://1.37.0`."""
    info = (node.get("status") or {}).get("nodeInfo") or {}
    return info.get("containerRuntimeVersion") or None


def age(status: Object, now: datetime) -> float | None:
    """Seconds since the kubelet last wrote the report: it renews the Ready condition's heartbeat each time."""
    ready = meta.get_condition(status.get("conditions"), "Ready")
    if ready is None or not ready.get("lastHeartbeatTime"):
        return None
    return round(max(0.0, (now - meta.parse_time(ready["lastHeartbeatTime"])).total_seconds()), 1)
