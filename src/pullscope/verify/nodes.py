"""What the nodes say of themselves: their images and their runtime, where the rights allow it to be read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pullscope.kube import meta, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.verify.evidence import NodeImages, Variant

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


def images(
    when: Literal["before", "after"], node: Object, image: str, variants: Iterable[Variant], now: datetime
) -> NodeImages:
    """The names in the node's report that are the case's: its tag, and its digests in the same repository."""
    repository = image.rpartition(":")[0]
    wanted = {image, *(f"{repository}@{digest}" for variant in variants for digest in variant.digests)}
    status = node.get("status") or {}
    names = (name for entry in status.get("images") or [] for name in entry.get("names") or [])
    listed = tuple(sorted(name for name in names if name in wanted))
    return NodeImages(when, node["metadata"]["name"], listed, _age(status, now))


def runtime(node: Object) -> str | None:
    """The runtime and its version, as `cri-o://1.37.0`."""
    info = (node.get("status") or {}).get("nodeInfo") or {}
    return info.get("containerRuntimeVersion") or None


def _age(status: Object, now: datetime) -> float | None:
    """Seconds since the kubelet last wrote the report: it renews the Ready condition's heartbeat each time."""
    ready = meta.get_condition(status.get("conditions"), "Ready")
    if ready is None or not ready.get("lastHeartbeatTime"):
        return None
    return round(max(0.0, (now - meta.parse_time(ready["lastHeartbeatTime"])).total_seconds()), 1)
