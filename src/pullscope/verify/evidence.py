"""What was seen of a case, as values: written by the runner, read by the judge and the reports. [pure]

Seconds count from the moment the case's Deployment was created, on one monotonic clock. What could not be seen (no
rights, a registry without an access log) is None, never an empty list.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pullscope.verify.case import Source


@dataclass(frozen=True)
class Variant:
    """An image made for one case. `digests` are all names a runtime may call it: its index, manifests and configs."""

    source: Source
    war: str
    digest: str
    digests: frozenset[str]


@dataclass(frozen=True)
class Step:
    """One thing that was done and what came back."""

    did: str
    came_back: str


@dataclass(frozen=True)
class Command:
    """A command that was typed, all that it wrote, and its exit code. `purpose`: what it was typed for, as a title."""

    command: str
    output: str
    code: int
    purpose: str = ""


@dataclass(frozen=True)
class Operation:
    """One of the three operations that make a case: ① the policy, ② the node's image, ③ the registry's image."""

    number: int
    subject: Literal["policy", "node", "registry"]
    state: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Primed:
    """The pod that put the image on the node: where it ran, what it ran, and whether it is gone."""

    pod: str
    node: str
    image_id: str
    gone: bool


Hindrance = Literal["unsupported", "failed", "contrary"]


@dataclass(frozen=True)
class Obstacle:
    """Why a case could not be made. `unsupported`: the cluster or registry does not do this at all; `contrary`: it does the
    contrary of what it must.
    """

    kind: Hindrance
    text: str


@dataclass(frozen=True)
class StatusChange:
    """A change of what `oc get pod` shows in STATUS."""

    seconds: float
    status: str
    message: str = ""


@dataclass(frozen=True)
class Event:
    """A Kubernetes event about the case's Deployment, ReplicaSet or pod; seen again with each new `count`."""

    seconds: float
    type: str
    reason: str
    message: str
    kind: str
    component: str = ""
    count: int = 1


@dataclass(frozen=True)
class Pod:
    """The case's pod as it was last read. `executed` is False for a held container; `ready_message` explains Pending."""

    uid: str
    name: str
    template_hash: str
    node: str
    policy: str
    image: str
    status: str
    running: bool
    reason: str | None = None
    message: str = ""
    image_id: str = ""
    container_id: str = ""
    restarts: int = 0
    executed: bool = True
    unscheduled: str = ""
    timeline: tuple[StatusChange, ...] = ()


@dataclass(frozen=True)
class Log:
    """A container's log, and of which pod and container the API server gave it."""

    uid: str
    container_id: str
    text: str


@dataclass(frozen=True)
class Control:
    """The positive control of a failing case: what was mended, and what a fresh pod of the same template then did."""

    steps: tuple[Step, ...]
    uid: str
    template_hash: str
    status: str
    running: bool
    image_id: str
    seconds: float


@dataclass(frozen=True)
class NodeImages:
    """The case's images on a node, by its own report or by crictl there, before the Deployment was created or after the outcome.

    `age_seconds`: how old the report was when it was read (None when it does not say); a node reports late.
    """

    when: Literal["before", "after"]
    node: str
    names: tuple[str, ...]
    age_seconds: float | None
    source: str = "node.status.images"


@dataclass(frozen=True)
class Sight:
    """What was seen of a pod at one step of a scenario.

    `settled`: within the time that it had, it came to what was looked for, or to something else that lasts. `events` are all of
    the pod; `requests` those of the scenario's registry since the last step. `wanted_node`: where the pod had to be.
    """

    pod: Pod | None
    settled: bool
    waited: float
    events: tuple[Event, ...] = ()
    log: Log | None = None
    log_error: str = ""
    requests: tuple[dict[str, Any], ...] = ()
    wanted_node: str = ""


@dataclass(frozen=True)
class Evidence:
    """Everything about one case.

    `reference` is the image as the Deployment names it; `variants` what was made for it; `registry_digest` what the
    registry said it holds under the tag right before the Deployment (None: nothing). `seconds` is when the outcome was
    seen, None when it was not within `waited` seconds. `stream_deleted`: the ImageStream through which OpenShift's registry
    resolves every name is not there. `commands` is what was typed, where the method is to type. `story` and `sights` are a
    scenario's: what was done, and what was seen at each look; the last one that decides, or that is not as it must be, is also
    in `pod`, `events`, `log` …
    """

    reference: str
    variants: tuple[Variant, ...] = ()
    setup: tuple[Operation, ...] = ()
    primed: Primed | None = None
    registry_digest: str | None = None
    obstacle: Obstacle | None = None
    template_hash: str = ""
    pod: Pod | None = None
    events: tuple[Event, ...] = ()
    log: Log | None = None
    log_error: str = ""
    registry_requests: tuple[dict[str, Any], ...] | None = None
    control: Control | None = None
    node_images: tuple[NodeImages, ...] | None = None
    seconds: float | None = None
    waited: float = 0.0
    stream_deleted: bool = False
    commands: tuple[Command, ...] = ()
    story: tuple[Step, ...] = ()
    sights: tuple[Sight, ...] = ()

    def variant(self, source: Source) -> Variant | None:
        """The variant made for the node or for the registry."""
        return next((variant for variant in self.variants if variant.source == source), None)

    def named_by(self, image_id: str) -> Variant | None:
        """The variant that a pod's imageID (`repository@digest`, or a bare digest) names."""
        digest = image_id.rpartition("@")[2]
        return next((variant for variant in self.variants if digest in variant.digests), None)


@dataclass(frozen=True)
class Observed:
    """What the evidence says happened, before anybody compares it with what was expected.

    `outcome` is None when nothing was seen. `source`: whose image runs, as digests and the registry's log say it.
    """

    outcome: Literal["running", "waiting"] | None = None
    source: Source | None = None
    reason: str | None = None
    image_id: str | None = None
    seconds: float | None = None
    wars: tuple[str, ...] = ()
    path: tuple[str, ...] = field(default=())
