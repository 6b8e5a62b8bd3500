"""Nodes as they report themselves, and of their kubelets' configuration what bears on images.

Upstream: Kubernetes v1.36 pkg/kubelet/nodestatus/setters.go (the 50 largest images, five names each), kubelet's
/configz by way of the API server (rights: get on nodes/proxy, or on nodes/configz since 1.36), v1beta1/defaults.go: where
KubeletEnsureSecretPulledImages is on, there is a policy of verification, and where it is off there can be none.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.base.errors import UnreachableError
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.why.collect import listing, shapes
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.shapes import Wire
from pullscope.why.facts import KubeletSettings, Node, NodeImage

_AT_ONCE = 8
_LONGEST = 10.0  # seconds for all of them
_LARGEST = 1 << 20  # bytes of a configuration
_ALL = -1  # nodeStatusMaxImages of nodes that report all they have
_NAMES = 5  # of an image, at the most


class _Configuration(Wire):
    """kubelet.config.k8s.io/v1beta1 KubeletConfiguration."""

    image_pull_credentials_verification_policy: str = ""
    preloaded_images_verification_allowlist: list[str] | None = None
    serialize_image_pulls: bool | None = None
    node_status_max_images: int | None = None


class _Configz(msgspec.Struct):
    kubeletconfig: _Configuration = msgspec.field(default_factory=_Configuration)


_DECODER = msgspec.json.Decoder(_Configz)


async def read(cluster: Reader, ledger: Ledger, clock: Clock) -> dict[str, Node] | None:
    """All nodes by name; None when they may not be read."""
    found: list[shapes.Node] = []
    try:
        async for page in listing.pages(cluster, resources.NODES, None, shapes.Node):
            found += page
    except REFUSED as error:
        ledger.note("nodes", error)
        return None
    ready = [each.metadata.name for each in found if _ready(each)]
    settings = await _settings(cluster, ready, ledger, clock)
    return {each.metadata.name: _node(each, settings.get(each.metadata.name)) for each in found}


def _node(node: shapes.Node, settings: KubeletSettings | None) -> Node:
    status, info = node.status, node.status.node_info
    images = tuple(NodeImage(tuple(each.names or ()), each.size_bytes) for each in status.images or ())
    most = (settings or KubeletSettings()).max_images
    reported = next((each.last_heartbeat_time for each in status.conditions or () if each.type == "Ready"), None)
    return Node(
        name=node.metadata.name,
        images=images,
        complete=(most == _ALL or len(images) < most) and all(len(each.names) < _NAMES for each in images),
        reported=reported,
        os=info.operating_system,
        architecture=info.architecture,
        kubelet=info.kubelet_version,
        runtime=info.container_runtime_version,
        schedulable=not node.spec.unschedulable and _ready(node),
        settings=settings,
    )


def _ready(node: shapes.Node) -> bool:
    return any(each.type == "Ready" and each.status == "True" for each in node.status.conditions or ())


async def _settings(cluster: Reader, names: Sequence[str], ledger: Ledger, clock: Clock) -> dict[str, KubeletSettings]:
    """The kubelets' settings, of those that give them. Who may not ask one may not ask the others either."""
    found: dict[str, KubeletSettings] = {}
    waiting = iter(names)

    async def ask() -> None:
        for name in waiting:
            try:
                found[name] = await _of_kubelet(cluster, name)
            except REFUSED as error:
                ledger.note("kubelet settings", error)
                if isinstance(error, ApiError) and error.code in (401, 403, 404):
                    return

    async def ask_all() -> bool:
        await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
        return True

    if not await tasks.within(clock, _LONGEST, ask_all()):  # a kubelet that is away keeps the API server waiting
        slow = UnreachableError(f"{len(names) - len(found)} kubelets gave no answer in time")
        ledger.note("kubelet settings", slow)
    return found


async def _of_kubelet(cluster: Reader, node: str) -> KubeletSettings:
    path = f"{resources.NODES.path(None, node)}/proxy/configz"
    body = await cluster.read(path, largest=_LARGEST)
    given, default = listing.decode(_DECODER, body, f"the kubelet of {node}").kubeletconfig, KubeletSettings()
    serialize, most = given.serialize_image_pulls, given.node_status_max_images
    return KubeletSettings(
        verification=given.image_pull_credentials_verification_policy,
        allowlist=tuple(given.preloaded_images_verification_allowlist or ()),
        serialize_pulls=default.serialize_pulls if serialize is None else serialize,
        max_images=default.max_images if most is None else most,
    )
