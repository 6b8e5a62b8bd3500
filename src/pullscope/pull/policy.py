"""Which image will this container run? The kubelet's decision as a value that names its reason and its way.

`decide` takes what is known before any request to a registry; when it says Pull, the caller pulls and `conclude`
judges what came of it. Both return members of a closed union with `path`, the nodes of `flow.FLOW` that were passed.
`default` is the API server's part: the policy of a container that names none.

Upstream: EnsureImageExists, pkg/kubelet/images/image_manager.go, Kubernetes v1.36; in that order of questions.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, assert_never

from pullscope.kube.events import Note
from pullscope.oci import reference
from pullscope.pull import flow, reasons

PullPolicy = Literal["Always", "IfNotPresent", "Never"]

# ------------------------------------------------------------------------- facts


@dataclass(frozen=True)
class Absent:
    """The runtime has no image of that name."""


@dataclass(frozen=True)
class Present:
    """The runtime has it. `accessible`: the credential check lets this pod use it (always so before 1.35)."""

    image_id: str
    accessible: bool = True


@dataclass(frozen=True)
class InspectFailed:
    """The runtime could not say."""

    error: str


Local = Absent | Present | InspectFailed


@dataclass(frozen=True)
class BackingOff:
    """The window after a failed pull is still open. `last` is that attempt's `reason: message`, where known."""

    last: str | None = None


@dataclass(frozen=True)
class Facts:
    """What is known before a decision.

    `name_error` is the reference grammar's sentence when `image` (the pod's own text) is no reference. `local` is what
    the runtime said; nobody asks it under Always. `back_off` is None when a pull may be tried.
    """

    image: str
    policy: PullPolicy
    name_error: str | None = None
    local: Local = Absent()
    back_off: BackingOff | None = None
    version: reasons.Version = reasons.CURRENT


# ------------------------------------------------------------------------- decisions

Path = tuple[str, ...]


@dataclass(frozen=True)
class UseLocal:
    """Run the image that is there."""

    image_id: str
    note: Note
    path: Path


@dataclass(frozen=True)
class Pull:
    """Ask the registry now; `note` is said before."""

    note: Note
    path: Path


@dataclass(frozen=True)
class Refuse:
    """Do not start. `reason` and `message` become the waiting state, `note` the event."""

    reason: str
    message: str
    note: Note
    path: Path


Decision = UseLocal | Pull | Refuse


def decide(facts: Facts) -> Decision:
    """The kubelet's decision before any request to the registry."""
    path: Path = (flow.START, flow.NAME)
    if facts.name_error is not None:
        note = reasons.invalid_name(facts.image, facts.name_error)
        return Refuse(reasons.INVALID_IMAGE_NAME, note.message, note, (*path, flow.INVALID_NAME))
    path = (*path, flow.POLICY)
    match facts.policy:
        case "Always":
            return _pull(facts, path)
        case "IfNotPresent":
            return _if_not_present(facts, path)
        case "Never":
            return _never(facts, path)
        case _:
            assert_never(facts.policy)


def _if_not_present(facts: Facts, path: Path) -> Decision:
    path = (*path, flow.PRESENT)
    match facts.local:
        case Absent():
            return _pull(facts, path)
        case Present(image_id, accessible):
            path = (*path, flow.ACCESS)
            return _use(facts, image_id, path) if accessible else _pull(facts, path)
        case InspectFailed(error):
            return _inspect_failed(error, path)
        case _:
            assert_never(facts.local)


def _never(facts: Facts, path: Path) -> Decision:
    path = (*path, flow.NEVER_PRESENT)
    match facts.local:
        case Absent():
            return _never_pull(facts, path)
        case Present(image_id, accessible):
            path = (*path, flow.NEVER_ACCESS)
            return _use(facts, image_id, path) if accessible else _never_pull(facts, path)
        case InspectFailed(error):
            return _inspect_failed(error, path)
        case _:
            assert_never(facts.local)


def _use(facts: Facts, image_id: str, path: Path) -> UseLocal:
    return UseLocal(image_id, reasons.already_present(facts.image, facts.version), (*path, flow.NODE_IMAGE))


def _never_pull(facts: Facts, path: Path) -> Refuse:
    note = reasons.not_present(facts.image)
    return Refuse(reasons.ERR_IMAGE_NEVER_PULL, note.message, note, (*path, flow.NEVER_PULL))


def _inspect_failed(error: str, path: Path) -> Refuse:
    note = reasons.inspect_failed(error)
    return Refuse(reasons.IMAGE_INSPECT_ERROR, note.message, note, (*path, flow.INSPECT_FAILED))


def _pull(facts: Facts, path: Path) -> Decision:
    path = (*path, flow.BACK_OFF)
    if facts.back_off is None:
        return Pull(reasons.pulling(facts.image), (*path, flow.PULL))
    message = reasons.back_off_waiting(facts.image, facts.back_off.last)
    note = reasons.back_off(facts.image)
    return Refuse(reasons.IMAGE_PULL_BACK_OFF, message, note, (*path, flow.WAITING))


# ------------------------------------------------------------------------- after the pull


@dataclass(frozen=True)
class Delivered:
    """The runtime pulled: the image's id and size in bytes, the time of the pull and the time including the wait."""

    image_id: str
    size: int
    pull: timedelta
    waiting: timedelta


@dataclass(frozen=True)
class NotDelivered:
    """The runtime failed, in its own words."""

    error: str


@dataclass(frozen=True)
class UsePulled:
    """Run the image that the registry delivered (or confirmed: layers that were there are not downloaded again)."""

    image_id: str
    note: Note
    path: Path


def conclude(decision: Pull, image: str, outcome: Delivered | NotDelivered) -> UsePulled | Refuse:
    """What a pull that `decide` asked for came to."""
    match outcome:
        case Delivered(image_id, size, pull, waiting):
            note = reasons.pulled(image, pull, waiting, size)
            return UsePulled(image_id, note, (*decision.path, flow.REGISTRY_IMAGE))
        case NotDelivered(error):
            reason, message = reasons.pull_error(image, error)
            path = (*decision.path, _FAILED[reason])
            return Refuse(reason, message, reasons.pull_failed(image, error), path)
        case _:
            assert_never(outcome)


_FAILED = {
    reasons.ERR_IMAGE_PULL: flow.PULL_FAILED,
    reasons.REGISTRY_UNAVAILABLE: flow.REGISTRY_UNAVAILABLE,
    reasons.SIGNATURE_VALIDATION_FAILED: flow.SIGNATURE_FAILED,
}

# ------------------------------------------------------------------------- the policy of a container that names none


def default(image: str) -> PullPolicy:
    """The policy that the API server writes into a new object (pkg/apis/core/v1/defaults.go, v1.36).

    By the tag alone: `latest`, given or implied by no tag and no digest, means Always, a digest beside it or not. What
    is not a reference has no tag.
    """
    try:
        parsed = reference.parse(image)
    except reference.InvalidReferenceError:
        return "IfNotPresent"
    return "Always" if parsed.with_default_tag().tag == "latest" else "IfNotPresent"
