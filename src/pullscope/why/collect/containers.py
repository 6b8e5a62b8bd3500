"""Pods as the containers in them: one fact for each container and each image volume. [pure]

What is alike in many pods (images, names of nodes) is kept in memory once.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from pullscope.pull import reasons
from pullscope.why.collect import redact, shapes, workloads
from pullscope.why.collect.events import Events
from pullscope.why.collect.origins import Origins
from pullscope.why.collect.shapes import ContainerSpec, ContainerStatus, Meta, Pod, State, Waiting
from pullscope.why.collect.workloads import Above, Key, Workloads
from pullscope.why.facts import Container, ContainerKind, Template, Workload

_FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Seen:
    """A pod without the answer that it came in. `own`: what a pod of nobody's says of its containers itself."""

    pod: Pod
    own: dict[Key, Template]

    @property
    def metadata(self) -> Meta:
        return self.pod.metadata


def seen(pod: Pod) -> Seen:
    """Take what is wanted of a pod as it was read."""
    metadata = pod.metadata
    own = {} if metadata.controller else workloads.templates(pod.spec, Origins(metadata, ("spec",)))
    lean = msgspec.structs.replace(metadata, annotations=shapes.NOTHING, managed_fields=shapes.NOTHING)
    return Seen(msgspec.structs.replace(pod, metadata=lean), own)


def runs(pod: Pod) -> bool:
    """Whether the pod is still to run something: it has not ended and is not about to go."""
    phase = pod.status.phase if pod.status else ""
    return pod.metadata.deletion_timestamp is None and phase not in _FINISHED


def of(pod: Seen, known: Workloads, events: Events) -> Iterator[Container]:
    """The pod's containers, with what their workload and the kubelet say of them."""
    statuses = {each.name: each for each in pod.pod.status.all()} if pod.pod.status else {}
    owner = pod.metadata.controller
    above = known.above(owner) if owner else Above(Workload("Pod", pod.metadata.name), pod.own)
    shared = _shared(pod, above.workload, current=known.is_current(pod.metadata))
    for kind, spec in _declared(pod.pod):
        key = (kind, spec.name)
        trigger = above.triggers.get(key)
        told = events.get((pod.metadata.uid, spec.name), ()) + events.get((pod.metadata.uid, ""), ())
        yield Container(
            name=sys.intern(spec.name),
            kind=kind,
            image=sys.intern(spec.image),
            policy=workloads.as_policy(spec.image_pull_policy, spec.image),
            template=above.templates.get(key),
            trigger=f"{trigger.source.namespace}/{trigger.source}" if trigger else "",
            trigger_paused=bool(trigger and trigger.paused),
            trigger_fault="" if trigger else above.trigger_fault,
            events=told,
            **shared,
            **_state(statuses.get(spec.name) if kind != "image volume" else None),
        )


def _shared(pod: Seen, workload: Workload, *, current: bool) -> dict[str, Any]:
    """What the containers of a pod have in common."""
    metadata, spec = pod.metadata, pod.pod.spec
    return {
        "namespace": sys.intern(metadata.namespace),
        "pod": metadata.name,
        "uid": metadata.uid,
        "workload": workload,
        "node": sys.intern(spec.node_name),
        "created": metadata.creation_timestamp,
        "service_account": sys.intern(spec.service_account_name or "default"),
        "pull_secrets": tuple(sys.intern(each.name) for each in spec.image_pull_secrets or () if each.name),
        "revision_current": current,
    }


def _declared(pod: Pod) -> Iterator[tuple[ContainerKind, ContainerSpec]]:
    """All that names an image in the pod; an image volume reads like a container."""
    spec = pod.spec
    lists: tuple[tuple[ContainerKind, list[ContainerSpec] | None], ...] = (
        ("container", spec.containers),
        ("init container", spec.init_containers),
        ("ephemeral container", spec.ephemeral_containers),
    )
    for kind, those in lists:
        yield from ((kind, each) for each in those or ())
    for volume in spec.volumes or ():
        if volume.image:
            yield "image volume", ContainerSpec(volume.name, volume.image.reference, volume.image.pull_policy)


def _state(status: ContainerStatus | None) -> dict[str, Any]:
    """What the status says. A container that waits ran last when its last state was started."""
    if status is None:
        return {}
    state, last = status.state or State(), status.last_state or State()
    ended = state.terminated or last.terminated
    common = {"image_id": sys.intern(status.image_id), "restarts": status.restart_count}
    if state.running:
        return {**common, "state": "running", "started": state.running.started_at}
    if state.terminated:  # its message is the program's own words, which may be anything
        started, reason = state.terminated.started_at, state.terminated.reason
        return {**common, "state": "terminated", "started": started, "reason": reason}
    waiting = state.waiting or Waiting()
    return {
        **common,
        "state": "waiting" if state.waiting else "unknown",
        "started": ended.started_at if ended else None,
        "reason": waiting.reason,
        "message": redact.text(waiting.message) if waiting.reason in reasons.NO_IMAGE else "",
    }
