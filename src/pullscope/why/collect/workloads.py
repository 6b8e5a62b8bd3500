"""Whose a pod is: the chain of controllers above it, the template of the topmost, and whether the pod is of its newest one.

Controllers are listed by kind, those alone that own something that was seen. One that cannot be read ends the chain there.
Upstream: Kubernetes v1.36 pkg/controller/deployment/util (revisions), pkg/controller/daemon (template generations),
pkg/controller/statefulset (updateRevision).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from pullscope.kube import resources
from pullscope.openshift import triggers
from pullscope.openshift.names import TRIGGERS
from pullscope.openshift.triggers import Trigger
from pullscope.pull import policy as policies
from pullscope.why.collect import kinds, listing, redact
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.origins import Origins
from pullscope.why.collect.shapes import ContainerSpec, Controller, Meta, Owner, PodSpec
from pullscope.why.facts import ContainerKind, Policy, Template, Workload

_REVISION = "deployment.kubernetes.io/revision"
_GENERATION = "deprecated.daemonset.template.generation"
_POD_GENERATION = "pod-template-generation"
_POD_REVISION = "controller-revision-hash"
_LONGEST_FAULT = 200


Key = tuple[ContainerKind, str]
"""Which container of a pod: its kind and its name."""


@dataclass(frozen=True)
class Known:
    """A controller, as far as it matters here. What is below another controller has no templates: the topmost's count."""

    kind: str
    name: str
    owner: Owner | None
    created: datetime | None
    revision: str = ""
    templates: Mapping[Key, Template] = field(default_factory=dict)
    triggers: Mapping[Key, Trigger] = field(default_factory=dict)
    trigger_fault: str = ""
    paused: bool = False


@dataclass(frozen=True)
class Newest:
    """The newest ReplicaSet of a Deployment: its UID, and since when the template is what it is (None: rolled back)."""

    uid: str
    changed: datetime | None


@dataclass(frozen=True)
class Above:
    """What the pods of one controller have in common."""

    workload: Workload
    templates: Mapping[Key, Template]
    triggers: Mapping[Key, Trigger] = field(default_factory=dict)
    trigger_fault: str = ""


@dataclass
class Workloads:
    """All controllers that were seen, by UID, and the newest ReplicaSets by the UID of what owns them."""

    known: dict[str, Known] = field(default_factory=dict)
    newest: dict[str, Newest] = field(default_factory=dict)
    _above: dict[str, Above] = field(default_factory=dict)

    def chain(self, owner: Owner | None) -> Iterator[Owner]:
        """The owner, its own owner, and so on to the topmost that is named."""
        seen: set[str] = set()
        while owner is not None and owner.uid not in seen:  # nobody keeps owners from going round in circles
            yield owner
            seen.add(owner.uid)
            above = self.known.get(owner.uid)
            owner = above.owner if above else None

    def above(self, owner: Owner) -> Above:
        """The workload that a controller of pods is part of; the same value for all pods of that controller."""
        if owner.uid not in self._above:
            owners = list(self.chain(owner))
            top = owners[-1]
            known = self.known.get(top.uid)
            changed = next((newest.changed for each in owners if (newest := self.newest.get(each.uid))), None)
            self._above[owner.uid] = Above(Workload(top.kind, top.name), {})
            if known:
                now = {
                    key: replace(each, changed=changed, paused=known.paused) for key, each in known.templates.items()
                }
                self._above[owner.uid] = Above(Workload(top.kind, top.name), now, known.triggers, known.trigger_fault)
        return self._above[owner.uid]

    def is_current(self, metadata: Meta) -> bool:
        """Whether the pod is of its workload's newest template; taken for granted where nothing tells."""
        owner = metadata.controller
        known = self.known.get(owner.uid) if owner else None
        if owner is None or known is None:
            return True
        labels = metadata.labels or {}
        if known.kind == "DaemonSet":
            return not known.revision or labels.get(_POD_GENERATION, known.revision) == known.revision
        if known.kind == "StatefulSet":
            return not known.revision or labels.get(_POD_REVISION, known.revision) == known.revision
        newest = self.newest.get(known.owner.uid) if known.owner else None
        return newest is None or newest.uid == owner.uid


async def read(cluster: Reader, namespace: str | None, owned: Iterable[Meta], ledger: Ledger) -> Workloads:
    """The controllers above these objects, with all ReplicaSets beside theirs (one of them is the newest)."""
    found = Workloads()
    wanted = {owner.kind for metadata in owned if (owner := metadata.controller)}
    seen: set[str] = set()
    while pending := sorted(wanted - seen):
        seen |= wanted
        for kind in pending:
            wanted |= await _read_kind(cluster, namespace, kind, found, ledger)
    return found


async def _read_kind(cluster: Reader, namespace: str | None, kind: str, found: Workloads, ledger: Ledger) -> set[str]:
    """Note the controllers of one kind; returns the kinds of their owners."""
    resource = kinds.BY_KIND.get(kind)
    if resource is None or resource == resources.PODS:
        return set()  # somebody's own kind: what is above it is not known
    above: set[str] = set()
    revisions: dict[str, list[_Revision]] = {}
    try:
        async for page in listing.pages(cluster, resource, namespace, Controller):
            for each in page:
                found.known[each.metadata.uid] = _known(kind, each)
                if owner := each.metadata.controller:
                    above.add(owner.kind)
                    revisions.setdefault(owner.uid, []).append(_Revision.of(each.metadata))
    except REFUSED as error:
        ledger.note("workloads", error, where=resource.qualified)
    if resource == resources.REPLICA_SETS:
        found.newest |= {uid: _newest(those) for uid, those in revisions.items()}
    return above


class _Revision(NamedTuple):
    """One ReplicaSet of a Deployment."""

    number: int
    created: datetime
    uid: str

    @classmethod
    def of(cls, metadata: Meta) -> "_Revision":
        number = metadata.annotation(_REVISION)
        created = metadata.creation_timestamp or datetime.min.replace(tzinfo=UTC)
        return cls(int(number) if number.isdecimal() else 0, created, metadata.uid)


def _newest(revisions: list[_Revision]) -> Newest:
    newest = max(revisions)
    rolled_back = newest.created < max(each.created for each in revisions)
    return Newest(newest.uid, None if rolled_back else newest.created)


def _known(kind: str, controller: Controller) -> Known:
    metadata = controller.metadata
    path = ("spec", "jobTemplate", "spec", "template", "spec") if kind == "CronJob" else ("spec", "template", "spec")
    top = metadata.controller is None
    followed = _annotated(kind, controller) if top else {}
    return Known(
        kind=kind,
        name=metadata.name,
        owner=metadata.controller,
        created=metadata.creation_timestamp,
        revision=_revision(kind, controller),
        templates=templates(controller.template, Origins(metadata, path)) if top else {},
        triggers=_triggers(followed) if followed else {},
        trigger_fault=_fault(followed) if followed else "",
        paused=bool(controller.spec.paused),
    )


def _revision(kind: str, controller: Controller) -> str:
    """What the newest pods bear as a label, of the kinds that make pods themselves."""
    if kind == "DaemonSet":
        return controller.metadata.annotation(_GENERATION)
    return controller.status.update_revision if kind == "StatefulSet" and controller.status else ""


def templates(spec: PodSpec | None, origins: Origins) -> dict[Key, Template]:
    """What a pod template (or a pod of nobody's) says of each container and image volume."""
    if spec is None:
        return {}
    lists: tuple[tuple[ContainerKind, list[ContainerSpec] | None], ...] = (
        ("container", spec.containers),
        ("init container", spec.init_containers),
    )
    found: dict[Key, Template] = {
        (kind, each.name): Template(
            image=each.image,
            policy=as_policy(each.image_pull_policy, each.image),
            origin=origins.of(each.name),
            applied=origins.applied(each.name),
        )
        for kind, those in lists
        for each in those or ()
    }
    for volume in spec.volumes or ():
        if volume.image:
            image = volume.image.reference
            found["image volume", volume.name] = Template(image, as_policy(volume.image.pull_policy, image))
    return found


def as_policy(text: str, image: str) -> Policy:
    """The policy, which the API server always fills in, also where a server did not."""
    match text:
        case "Always" | "IfNotPresent" | "Never":
            return text
        case _:
            return policies.default(image)


def _annotated(kind: str, controller: Controller) -> triggers.Object:
    """As much of a workload as its image triggers need, each container with its kind; empty for one without triggers."""
    annotation, spec = controller.metadata.annotation(TRIGGERS), controller.template
    if not annotation or spec is None:
        return {}
    lists: tuple[tuple[str, ContainerKind, list[ContainerSpec] | None], ...] = (
        ("containers", "container", spec.containers),
        ("initContainers", "init container", spec.init_containers),
    )
    pod = {field: [{"name": each.name, "kind": kind} for each in those or ()] for field, kind, those in lists}
    if kind == "CronJob":  # its triggers name their containers by the longer path
        annotation = annotation.replace("spec.jobTemplate.spec.template.", "spec.template.")
    return {
        "metadata": {"namespace": controller.metadata.namespace, "annotations": {TRIGGERS: annotation}},
        "spec": {"template": {"spec": pod}},
    }


def _fault(workload: triggers.Object) -> str:
    """The first part of its annotation that nobody understands, or the beginning of it."""
    return redact.text(next(iter(triggers.faults(workload)), ""))[:_LONGEST_FAULT]


def _triggers(workload: triggers.Object) -> dict[Key, Trigger]:
    """The image triggers of its annotation, by the container that each sets."""
    found = ((triggers.container_at(workload, trigger.path), trigger) for trigger in triggers.of(workload))
    return {(container["kind"], container["name"]): trigger for container, trigger in found if container}
