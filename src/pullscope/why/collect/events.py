"""What the kubelet told about the images of pods: their events, by pod and container.

Upstream: Kubernetes v1.36 pkg/kubelet/events/event.go (reasons), pkg/kubelet/container/ref.go (field paths); k8s.io/api
core/v1 Event, of which `eventTime` and `series` are the newer half.
"""

import re
from collections.abc import Collection

from pullscope.kube import resources
from pullscope.pull import reasons
from pullscope.why.collect import listing, redact, shapes
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.facts import PullEvent

Events = dict[tuple[str, str], tuple[PullEvent, ...]]
"""By the pod's UID and the container's name."""

_ALWAYS = frozenset(
    {
        *(reasons.PULLING, reasons.PULLED, reasons.ERR_IMAGE_NEVER_PULL, reasons.INSPECT_FAILED),
        reasons.FAILED_TO_RETRIEVE_SECRET,
    }
)
_PATH = re.compile(r"spec\.(?:containers|initContainers|ephemeralContainers|volumes)\{(?P<name>[^}]+)\}")


async def read(cluster: Reader, namespace: str | None, pods: Collection[str], ledger: Ledger) -> Events:
    """The events about images of the pods with these UIDs. What concerns a whole pod stands under an empty name."""
    found: Events = {}
    try:
        async for page in listing.pages(
            cluster, resources.EVENTS, namespace, shapes.Event, fields="involvedObject.kind=Pod"
        ):
            for event in page:
                if event.involved_object.uid in pods and _about_images(event.reason, event.message):
                    _note(found, event)
    except REFUSED as error:
        ledger.note("events", error, where=f"in namespace {namespace}" if namespace else "")
    return {key: tuple(sorted(events, key=lambda each: each.first)) for key, events in found.items()}


def _about_images(reason: str, message: str) -> bool:
    """Whether an event tells of an image: Failed and BackOff are told of containers that cannot start, too.

    What those say is nobody's business here: it may have a part of a command line.
    """
    if reason == reasons.FAILED:
        return message.startswith("Failed to pull image ") or message.removeprefix("Error: ") in reasons.NO_IMAGE
    if reason == reasons.BACK_OFF:
        return message.startswith("Back-off pulling image ")
    return reason in _ALWAYS


def _note(found: Events, event: shapes.Event) -> None:
    about = event.involved_object
    path = _PATH.fullmatch(about.field_path)
    first = event.first_timestamp or event.event_time or event.metadata.creation_timestamp
    if first is None:
        return
    series = event.series
    last = (series.last_observed_time if series else None) or event.last_timestamp or first
    count = max(event.count, series.count if series else 0, 1)
    told = PullEvent(event.reason, redact.text(event.message), first, last, count)
    key = (about.uid, path["name"] if path else "")
    found[key] = (*found.get(key, ()), told)
