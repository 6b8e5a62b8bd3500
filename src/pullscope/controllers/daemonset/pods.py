"""What the pods of a daemon set have beside their template: tolerations, and an affinity to their one node.

The scheduler places them; the affinity leaves it no choice. Upstream: pkg/controller/daemon/util/daemonset_util.go v1.36.
"""

from typing import Any

from pullscope.controllers import podcontrol
from pullscope.kube.api import Object

HASH = "controller-revision-hash"
TEMPLATE_GENERATION = "pod-template-generation"
_GENERATION = "deprecated.daemonset.template.generation"
_TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
_ON_HOST_NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")


def with_tolerations(spec: Object) -> Object:
    """The spec of a pod that stays on its node in whatever state that is."""
    tolerations = list(spec.get("tolerations") or ())
    for key, effect in (*_TOLERATED, *([_ON_HOST_NETWORK] if spec.get("hostNetwork") else [])):
        _put(tolerations, {"key": key, "operator": "Exists", "effect": effect})
    return {**spec, "tolerations": tolerations}


def _put(tolerations: list[Object], new: Object) -> None:
    """In place of the one for the same taint, or at the end (upstream: AddOrUpdateToleration)."""

    def about(toleration: Object) -> tuple[Any, ...]:
        return tuple(toleration.get(field) or "" for field in ("key", "effect", "operator", "value"))

    for index, old in enumerate(tolerations):
        if about(old) == about(new):
            tolerations[index] = new
            return
    tolerations.append(new)


def on_node(daemon_set: Object, revision: str, node: str) -> Object:
    """The pod of that daemon set for that node, of the template's revision with that hash."""
    template = daemon_set["spec"]["template"]
    pod = podcontrol.from_template(daemon_set, template)
    generation = (daemon_set["metadata"].get("annotations") or {}).get(_GENERATION)
    labels = {**(pod["metadata"].get("labels") or {}), HASH: revision}
    pod["metadata"]["labels"] = {**labels, TEMPLATE_GENERATION: generation} if generation else labels
    pod["spec"] = {**with_tolerations(template["spec"]), "affinity": _only(template["spec"].get("affinity"), node)}
    return pod


def _only(affinity: Object | None, node: str) -> Object:
    """The affinity with that node as the only one; what it asks of other pods and prefers stays."""
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    of_nodes = (affinity or {}).get("nodeAffinity") or {}
    return {
        **(affinity or {}),
        "nodeAffinity": {**of_nodes, "requiredDuringSchedulingIgnoredDuringExecution": required},
    }
