"""The way through the flowchart that events and the registry's log prove. [pure]

Derived from what was seen, never from what was expected: a cluster that leaves the chart's arrows gives a path that is no
walk in it (see `is_walk`), and what nothing proves is left out.
"""

from typing import Any

from pullscope.oci import reference as references
from pullscope.pull import flow, reasons
from pullscope.verify.case import Case, Source
from pullscope.verify.evidence import Event, Evidence

_ENDS = {
    reasons.REGISTRY_UNAVAILABLE: flow.REGISTRY_UNAVAILABLE,
    reasons.SIGNATURE_VALIDATION_FAILED: flow.SIGNATURE_FAILED,
    reasons.ERR_IMAGE_PULL: flow.PULL_FAILED,
}


def is_walk(path: tuple[str, ...]) -> bool:
    """Whether the path goes along arrows of the chart, from its start to one of its ends."""
    return flow.FLOW.contains(path) and flow.FLOW.node(path[-1]).kind in {"runs", "fails"}


def is_under_way(path: tuple[str, ...]) -> bool:
    """Whether the path goes along arrows of the chart to a pull, of which nothing tells an end."""
    return flow.FLOW.contains(path) and path[-1] == flow.PULL


def asked(case: Case, evidence: Evidence) -> bool:
    """Whether the registry's log shows a request of the case: for its tag, or any at all where nobody else asks it."""
    return bool(evidence.registry_requests) if case.misbehaves else bool(tag_requests(evidence))


def tag_requests(evidence: Evidence) -> list[dict[str, Any]]:
    """The requests for the case's tag in the registry's log, where there is one, in their order."""
    tag = references.parse(evidence.reference).tag
    requests = evidence.registry_requests or ()
    return [request for request in requests if request.get("kind") == "manifest" and request.get("reference") == tag]


def proven(evidence: Evidence, source: Source | None) -> tuple[str, ...]:
    """The node ids of `flow.FLOW` of the pod's first attempt; `source` is whose image runs, None when none does."""
    pod = evidence.pod
    events = [event for event in evidence.events if event.kind == "Pod"]
    if pod is None or not any(event.component == "kubelet" for event in events):
        return ()
    if pod.reason == reasons.INVALID_IMAGE_NAME:
        return (flow.START, flow.NAME, flow.INVALID_NAME)
    asked = _asked(evidence, events)
    return (flow.START, flow.NAME, flow.POLICY, *_looked(evidence, asked=asked), *_ended(events, source, asked=asked))


def _asked(evidence: Evidence, events: list[Event]) -> bool:
    """Whether the registry was asked. Its own log knows best; `Pulling` is said before the runtime asks."""
    if evidence.registry_requests is not None and evidence.pod and evidence.pod.running:
        return bool(tag_requests(evidence))
    return any(event.reason == reasons.PULLING for event in events)


def _looked(evidence: Evidence, *, asked: bool) -> tuple[str, ...]:
    """The questions about the node's copy, as the policy that the pod really has asks them."""
    policy = evidence.pod.policy if evidence.pod else ""
    present = evidence.primed is not None
    if policy == "IfNotPresent":
        found = (flow.PRESENT, flow.ACCESS) if present else (flow.PRESENT,)
        return (*found, flow.BACK_OFF, flow.PULL) if asked else found
    if policy == "Never":
        found = (flow.NEVER_PRESENT, flow.NEVER_ACCESS) if present else (flow.NEVER_PRESENT,)
        return (*found, flow.PULL) if asked else found
    return (flow.BACK_OFF, flow.PULL) if asked else ()


def _ended(events: list[Event], source: Source | None, *, asked: bool) -> tuple[str, ...]:
    """Where the attempt ended, by what runs or by the first error that the kubelet told."""
    if source is not None:
        return (flow.REGISTRY_IMAGE,) if source == "registry" and asked else (flow.NODE_IMAGE,)
    for event in events:
        if event.reason == reasons.ERR_IMAGE_NEVER_PULL:
            return (flow.NEVER_PULL,)
        if event.reason == reasons.INSPECT_FAILED:
            return (flow.INSPECT_FAILED,)
        for reason, end in _ENDS.items():
            if event.message == reasons.sync_failed(reason).message:
                return (end,)
    return ()
