"""One step of a daemon set: from what is there to what is to be done, without doing it.

Upstream: pkg/controller/daemon/daemon_controller.go (syncDaemonSet, manage), v1.36. An update goes on only when every
node has its pods; upstream waits there for its own creations and deletions to be seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pullscope.controllers import podcontrol
from pullscope.controllers.daemonset import places, revisions, rolling, status
from pullscope.controllers.daemonset.places import Place, Pod, Rules, Step
from pullscope.controllers.daemonset.pods import HASH
from pullscope.controllers.daemonset.revisions import History
from pullscope.controllers.nodes import NodeView
from pullscope.kube.api import Object
from pullscope.kube.events import Note


@dataclass(frozen=True)
class Observed:
    """A daemon set that is not being deleted, with everything that matters to it.

    `held_back` are the seconds for which the failed pods of a node are left alone, by node.
    """

    daemon_set: Object
    nodes: Sequence[NodeView]
    pods: Sequence[Pod]
    revisions: Sequence[Object]
    held_back: Mapping[str, float]
    now: datetime


@dataclass(frozen=True)
class Plan:
    """What to do, in this order: make or renumber the revision, create and delete pods, forget old revisions, tell.

    `create` and `failed` are names of nodes, `forget` of revisions; `again` says in how many seconds to look again.
    """

    history: History
    create: tuple[str, ...]
    delete: tuple[Pod, ...]
    events: tuple[Note, ...]
    failed: tuple[str, ...]
    forget: tuple[str, ...]
    status: Object
    again: float | None


def plan(observed: Observed) -> Plan:
    """The next step."""
    obj = observed.daemon_set
    spec, history = obj["spec"], revisions.history(obj, observed.revisions)
    found = places.find(obj, observed.nodes, observed.pods)
    wanted = sum(place.wanted for place in found)
    allowed = (
        rolling.limits(spec["updateStrategy"], wanted) if spec["updateStrategy"]["type"] == "RollingUpdate" else None
    )
    rules = Rules(
        hash=history.hash,
        min_ready_seconds=int(spec.get("minReadySeconds") or 0),
        surges=allowed is not None and allowed.surge > 0,
        now=observed.now,
        held_back=observed.held_back,
    )
    step = _kept(observed, found, rules)
    if allowed is not None and not step.create and not step.delete:
        step = _after(step, rolling.roll(found, rules, allowed))
    alive = {pod.view.labels.get(HASH, "") for pod in observed.pods}
    return Plan(
        history=history,
        create=step.create[: podcontrol.BURST],
        delete=step.delete[: podcontrol.BURST],
        events=step.events,
        failed=step.failed,
        forget=tuple(revisions.surplus(history, int(spec["revisionHistoryLimit"]), alive)),
        status=status.of(obj, found, rules),
        again=_soonest(step.again, places.next_available(observed.pods, rules)),
    )


def _kept(observed: Observed, found: Sequence[Place], rules: Rules) -> Step:
    """All nodes' own steps together."""
    step = Step(delete=tuple(places.unplaced(observed.pods, observed.nodes)))
    for place in found:
        step = _after(step, places.keep(place, rules))
    return step


def _after(first: Step, then: Step) -> Step:
    return Step(
        create=first.create + then.create,
        delete=first.delete + then.delete,
        events=first.events + then.events,
        failed=first.failed + then.failed,
        again=_soonest(first.again, then.again),
    )


def _soonest(*seconds: float | None) -> float | None:
    return min((each for each in seconds if each is not None), default=None)
