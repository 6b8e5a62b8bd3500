"""One step of a deployment: from what is there to what is to be done, without doing it.

Upstream: pkg/controller/deployment deployment_controller.go (syncDeployment), rolling.go, recreate.go, sync.go, v1.36.
Where upstream returns in the middle of a sync to wait for its own writes, the plan ends there; the next change of a
replica set brings the next plan. Upstream's intermediate status updates are one update here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pullscope.controllers.deployment import facts, revisions, sizes, status
from pullscope.controllers.deployment.facts import Deployment, ReplicaSet
from pullscope.kube.api import Object


@dataclass(frozen=True)
class Create:
    """Create this replica set; its size is in it."""

    object: Object


@dataclass(frozen=True)
class Resize:
    """Give a replica set another size (or the same one) and the annotations that go with it."""

    name: str
    before: int
    after: int
    annotations: dict[str, str]


@dataclass(frozen=True)
class Annotate:
    """Bring the current replica set's annotations and minReadySeconds up to date."""

    name: str
    annotations: dict[str, str]
    min_ready_seconds: int


@dataclass(frozen=True)
class Delete:
    """Delete a replica set that is history."""

    name: str


@dataclass(frozen=True)
class UpdateStatus:
    """Write the deployment's status, and its revision annotation (None: leave it)."""

    status: Object
    revision: str | None


Action = Create | Resize | Annotate | Delete | UpdateStatus


@dataclass(frozen=True)
class Plan:
    """What to do, in order, and in how many seconds to look again (None: when something changes)."""

    actions: tuple[Action, ...]
    again: float | None = None


@dataclass(frozen=True)
class _State:
    """The deployment as it will be after the actions so far."""

    deployment: Deployment
    now: datetime
    new: ReplicaSet | None
    old: list[ReplicaSet]
    conditions: list[Object]
    actions: tuple[Action, ...] = ()
    revision: str | None = None

    def do(self, *actions: Action) -> "_State":
        return replace(self, actions=self.actions + actions)

    @property
    def sets(self) -> list[ReplicaSet]:
        return [*self.old, *([self.new] if self.new else [])]


def plan(obj: Object, replica_sets: Sequence[Object], pods: Mapping[str, int], now: datetime) -> Plan:
    """The next step for the Deployment `obj` that owns `replica_sets`.

    `pods` counts, by replica set name, the pods that are not finished, those that are going included: the strategy
    Recreate waits for them.
    """
    deployment = facts.deployment(obj)
    sets = [facts.replica_set(each) for each in replica_sets]
    new = revisions.current(deployment, sets)
    old = [each for each in sets if new is None or each.name != new.name]
    state = _State(deployment, now, new, old, list(deployment.status.get("conditions") or ()))
    if deployment.deleting:
        return _finish(state, judge=False)
    state = replace(state, conditions=status.paused_or_resumed(deployment, state.conditions, now))
    if deployment.paused or sizes.is_scaled(deployment, sets):
        return _scale(_with_current(state))
    return _recreate(state, pods) if deployment.recreate else _roll(state)


def _scale(state: _State) -> Plan:
    """Follow the deployment's size without going on with a rollout."""
    state = _resize(state, sizes.scaled(state.deployment, state.new, state.old))
    if state.deployment.paused:
        state = _clean_up(state)
    return _finish(state, judge=False)


def _roll(state: _State) -> Plan:
    """RollingUpdate: grow the new replica set, or else shrink old ones."""
    state = _with_new(state)
    assert state.new is not None
    size = sizes.new_size(state.deployment, state.new, state.old)
    if size != state.new.size:
        return _finish(_resize(state, {state.new.name: size}))
    smaller = sizes.old_sizes(state.deployment, state.new, state.old)
    if smaller:
        return _finish(_resize(state, smaller))
    return _finish(_clean_up_when_complete(state))


def _recreate(state: _State, pods: Mapping[str, int]) -> Plan:
    """Recreate: empty the old replica sets, wait until their pods are gone, then start the new one."""
    state = _with_current(state)
    active = {each.name: 0 for each in state.old if each.size > 0}
    if active:
        return _finish(_resize(state, active))
    if any(each.replicas or pods.get(each.name) for each in state.old):
        return _finish(state)
    state = _with_new(state)
    assert state.new is not None
    if state.new.size != state.deployment.replicas:
        state = _resize(state, {state.new.name: state.deployment.replicas})
    return _finish(_clean_up_when_complete(state))


def _with_new(state: _State) -> _State:
    """The state in which the current replica set exists: found and brought up to date, or created."""
    if state.new is not None:
        return _with_current(state)
    revision = revisions.following(state.old)
    size = sizes.new_size(state.deployment, None, state.old)
    obj = revisions.build(state.deployment, revision, size)
    name = obj["metadata"]["name"]
    made = ReplicaSet(name, state.now, obj["metadata"]["annotations"], obj["spec"]["template"], size)
    created = status.Condition("Progressing", "True", status.CREATED_REASON, f'Created new replica set "{name}"')
    conditions = state.conditions if state.deployment.deadline is None else _put(state, created)
    return replace(state.do(Create(obj)), new=made, revision=str(revision), conditions=conditions)


def _with_current(state: _State) -> _State:
    """The state in which the current replica set, if there is one, has its annotations and the revision is known."""
    new = state.new
    if new is None:
        return state
    wanted = revisions.annotations(state.deployment, new, revisions.following(state.old))
    conditions = state.conditions
    if state.deployment.deadline is not None and all(each["type"] != "Progressing" for each in conditions):
        found = status.Condition("Progressing", "True", status.FOUND_REASON, f'Found new replica set "{new.name}"')
        conditions = _put(state, found)
    if wanted != new.annotations or new.min_ready_seconds != state.deployment.min_ready_seconds:
        state = state.do(Annotate(new.name, wanted, state.deployment.min_ready_seconds))
    return replace(
        state, new=replace(new, annotations=wanted), revision=wanted.get(facts.REVISION), conditions=conditions
    )


def _put(state: _State, condition: status.Condition) -> list[Object]:
    return status.put(state.conditions, condition, state.now)


def _resize(state: _State, wanted: sizes.Sizes) -> _State:
    """Resize, and note the deployment's own size on those replica sets; nothing when both are so already."""
    noted = state.deployment.size_annotations()
    actions = [
        Resize(each.name, each.size, wanted[each.name], noted)
        for each in state.sets
        if each.name in wanted
        and (wanted[each.name] != each.size or any(each.annotations.get(key) != value for key, value in noted.items()))
    ]
    new = sizes.apply([state.new], wanted)[0] if state.new else None
    return replace(state.do(*actions), new=new, old=sizes.apply(state.old, wanted))


def _clean_up_when_complete(state: _State) -> _State:
    return _clean_up(state) if status.is_complete(state.deployment, _counts(state)) else state


def _clean_up(state: _State) -> _State:
    return state.do(*[Delete(name) for name in revisions.surplus(state.deployment, state.old)])


def _counts(state: _State) -> Object:
    return status.counted(state.deployment, state.new, state.old)


def _finish(state: _State, *, judge: bool = True) -> Plan:
    """Add the status update, if anything in it changes. `judge`: whether the rollout's progress is looked at."""
    deployment = state.deployment
    after = status.with_availability(deployment, _counts(state), state.conditions, state.now)
    if judge:
        after = status.with_progress(deployment, state.new, after, state.now)
        after = status.with_failure(after, state.new, state.old)
    renumbered = state.revision is not None and state.revision != deployment.annotations.get(facts.REVISION)
    if after != deployment.status or renumbered:
        state = state.do(UpdateStatus(after, state.revision if renumbered else None))
    return Plan(state.actions, status.next_check(deployment, after, state.now))
