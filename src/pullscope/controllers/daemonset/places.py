"""Which nodes a daemon set runs on, and what to do on each of them when it is not being updated.

Upstream: pkg/controller/daemon/daemon_controller.go (NodeShouldRunDaemonPod, podsShouldBeOnNode), v1.36.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.controllers import nodeaffinity, tolerations
from pullscope.controllers.cache import Seen
from pullscope.controllers.daemonset import pods
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.pods import PodView
from pullscope.kube.api import Object
from pullscope.kube.events import Note

Pod = Seen[PodView]


@dataclass(frozen=True)
class Place:
    """A node with the daemon set's pods: whether one shall run there, and whether one that does may stay.

    A node that is gone `exists` no more; its pods are left to others.
    """

    node: str
    wanted: bool
    tolerated: bool
    pods: tuple[Pod, ...] = ()
    exists: bool = True

    @property
    def alive(self) -> list[Pod]:
        """The pods that are not going."""
        return [pod for pod in self.pods if not pod.deleting]


@dataclass(frozen=True)
class Step:
    """On which nodes to create a pod, which pods to delete, what to tell. `failed` are the nodes whose pods failed."""

    create: tuple[str, ...] = ()
    delete: tuple[Pod, ...] = ()
    events: tuple[Note, ...] = ()
    failed: tuple[str, ...] = ()
    again: float | None = None


@dataclass(frozen=True)
class Rules:
    """What the decisions are made by. `held_back`: seconds for which a node's failed pods are left alone, by node."""

    hash: str
    min_ready_seconds: int
    surges: bool
    now: datetime
    held_back: Mapping[str, float]

    def is_available(self, pod: Pod) -> bool:
        since = pod.view.available_at(self.min_ready_seconds)
        return since is not None and since <= self.now

    def is_updated(self, pod: Pod) -> bool:
        return pod.view.labels.get(pods.HASH) == self.hash


def find(daemon_set: Object, nodes: Iterable[NodeView], daemon_pods: Sequence[Pod]) -> list[Place]:
    """All nodes that want a pod or have one, by name. Pods that have ended and are going do not count."""
    by_node: dict[str, list[Pod]] = {}
    for pod in daemon_pods:
        if pod.view.target and not (pod.deleting and pod.view.finished):
            by_node.setdefault(pod.view.target, []).append(pod)
    spec = pods.with_tolerations(daemon_set["spec"]["template"]["spec"])
    found = {node.name: _place(spec, node, by_node.get(node.name, ())) for node in nodes}
    gone = {
        name: Place(name, wanted=False, tolerated=True, pods=tuple(here), exists=False)
        for name, here in by_node.items()
    }
    return [place for _, place in sorted((gone | found).items()) if place.wanted or place.pods]


def _place(spec: Object, node: NodeView, daemon_pods: Iterable[Pod]) -> Place:
    here = tuple(daemon_pods)
    if spec.get("nodeName", node.name) != node.name or not nodeaffinity.matches(spec, node):
        return Place(node.name, wanted=False, tolerated=False, pods=here)
    kept_away = tolerations.untolerated(spec, node.taints, ("NoSchedule", "NoExecute")) is not None
    evicted = tolerations.untolerated(spec, node.taints, ("NoExecute",)) is not None
    return Place(node.name, wanted=not kept_away, tolerated=not evicted, pods=here)


def keep(place: Place, rules: Rules) -> Step:
    """One pod where one is wanted, none where none may be; pods that ended make way for new ones."""
    if not place.exists:
        return Step()
    if place.wanted and not place.pods:
        return Step(create=(place.node,))
    if not place.tolerated:
        return Step(delete=tuple(place.alive))
    failed = [pod for pod in place.alive if pod.view.phase == "Failed"]
    succeeded = [pod for pod in place.alive if pod.view.phase == "Succeeded"]
    running = sorted((pod for pod in place.alive if not pod.view.finished), key=oldest)
    held = rules.held_back.get(place.node, 0.0) if failed else 0.0
    gone = [*succeeded, *([] if held else failed)]
    missing = rules.surges and place.wanted and not running
    return Step(
        create=(place.node,) if missing else (),
        delete=(*gone, *_surplus(running, rules)),
        events=tuple(_ended(pod, place.node) for pod in gone),
        failed=(place.node,) if failed and not held else (),
        again=held or None,
    )


def unplaced(daemon_pods: Iterable[Pod], nodes: Iterable[NodeView]) -> list[Pod]:
    """Pods that wait for a node that is gone."""
    names = {node.name for node in nodes}
    return [pod for pod in daemon_pods if not pod.deleting and not pod.view.node and pod.view.target not in names]


def oldest(pod: Pod) -> tuple[bool, datetime, str]:
    """Sort key: pods that have a node first, then by age."""
    return (not pod.view.node, pod.view.created, pod.name)


def _surplus(running: Sequence[Pod], rules: Rules) -> list[Pod]:
    """All but the oldest. While surging an old pod stays beside the new one until that is available."""
    if not rules.surges:
        return list(running[1:])
    new = [pod for pod in running if rules.is_updated(pod)]
    old = [pod for pod in running if not rules.is_updated(pod)]
    gone = [*new[1:], *old[1:]]
    if new and old and (not old[0].view.ready or rules.is_available(new[0])):
        gone.append(old[0])
    return gone


def _ended(pod: Pod, node: str) -> Note:
    where = f"daemon pod {pod.namespace}/{pod.name} on node {node}"
    if pod.view.phase == "Failed":
        return Note("Warning", "FailedDaemonPod", f"Found failed {where}, will try to kill it")
    return Note("Normal", "SucceededDaemonPod", f"Found succeeded {where}, will try to delete it")


def next_available(daemon_pods: Iterable[Pod], rules: Rules) -> float | None:
    """Seconds until the next ready pod has been ready long enough."""
    moments = (pod.view.available_at(rules.min_ready_seconds) for pod in daemon_pods)
    left = (moment - rules.now for moment in moments if moment is not None and moment > rules.now)
    return min((each / timedelta(seconds=1) for each in left), default=None)
