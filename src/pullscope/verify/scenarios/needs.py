"""What a scenario needs of the cluster, and whether it is so here."""

import json
from collections.abc import Mapping

from pullscope.kube import nodeinfo, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.pull.verification import PRELOADED
from pullscope.verify import nodes
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.scenarios.steps import Needs
from pullscope.verify.stage import Stage


async def met(stage: Stage, needs: Needs) -> tuple[str, ...]:
    """The nodes that a scenario's pods may run on: the run's own first. Raises ObstacleError, ApiError."""
    if needs.always_pull_images is not stage.always_pull_images:
        which = "is for clusters that have" if needs.always_pull_images else "is for clusters without"
        raise ObstacleError(f"the scenario {which} the admission plugin AlwaysPullImages", kind="unsupported")
    known = await nodes.read(stage.cluster)
    if lacking := unmet(needs, known, stage.fit.node, hands=stage.crictl is not None):
        raise ObstacleError(lacking, kind="unsupported")
    found = usable(known, stage.fit.node)
    for name in found[: needs.nodes] if needs.since else ():
        await _verifies(stage, needs, name)
    return found


async def _verifies(stage: Stage, needs: Needs, node: str) -> None:
    """Whether the kubelet asks for credentials as the scenario has it; one that does not say is taken for upstream's default."""
    has = await _mode(stage, node) or PRELOADED.mode
    if has != needs.verification:
        what = f"the scenario is for imagePullCredentialsVerificationPolicy {needs.verification}"
        raise ObstacleError(f"{what}, and node {node} has {has}", kind="unsupported")


async def _mode(stage: Stage, node: str) -> str:
    """The node's imagePullCredentialsVerificationPolicy; empty without the right to ask for it."""
    try:
        told = json.loads(await stage.cluster.read(f"{resources.NODES.path(name=node)}/proxy/configz"))
    except (ApiError, ValueError):
        return ""
    return str((told.get("kubeletconfig") or {}).get("imagePullCredentialsVerificationPolicy") or "")


def unmet(needs: Needs, known: Mapping[str, Object] | None, node: str, *, hands: bool) -> str:
    """What is not so, as a sentence; empty when all is. `known` are the nodes, None where they may not be read. [pure]"""
    found = usable(known, node)
    if needs.hands and not hands:
        return "the scenario uses crictl on a node: --node-access"
    if not found:
        return "the scenario says on which node its pods run, and the nodes may not be listed: --node NODE"
    if len(found) < needs.nodes:
        return f"the scenario takes {needs.nodes} nodes, and there is one that takes pods"
    if known is None:
        asks = needs.since or needs.before or needs.runtime
        return "the scenario depends on the nodes' versions, and they may not be read" if asks else ""
    return next(filter(None, (_unlike(needs, name, known[name]) for name in found[: needs.nodes])), "")


def _unlike(needs: Needs, name: str, node: Object) -> str:
    runtime = nodes.runtime(node) or ""
    if needs.runtime and needs.runtime not in nodeinfo.runtimes(runtime):
        return f"the scenario is for {needs.runtime}, and node {name} has {runtime or 'none that it tells'}"
    version = _release(node)
    if needs.since and version < needs.since:
        return f"the scenario is for kubelets since {_told(needs.since)}, and that of node {name} is {_told(version)}"
    if needs.before and version >= needs.before:
        return f"the scenario is for kubelets before {_told(needs.before)}, and that of node {name} is {_told(version)}"
    return ""


def usable(known: Mapping[str, Object] | None, node: str) -> tuple[str, ...]:
    """The nodes that take pods, `node` (where one is named) first. [pure]"""
    named = (node,) if node else ()
    others = (name for name, each in sorted((known or {}).items()) if name != node and _takes_pods(each))
    return (*named, *others)


def _takes_pods(node: Object) -> bool:
    spec = node.get("spec") or {}
    kept_off = any(taint.get("effect") in ("NoSchedule", "NoExecute") for taint in spec.get("taints") or ())
    return not spec.get("unschedulable") and not kept_off


def _release(node: Object) -> tuple[int, int]:
    told = str(((node.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion", ""))
    return nodeinfo.release(told) or (0, 0)


def _told(release: tuple[int, int]) -> str:
    return f"v{release[0]}.{release[1]}"
