"""Events, changes of the pod's STATUS and the registry's requests in one order. [pure]"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pullscope.verify.evidence import Evidence


@dataclass(frozen=True)
class Moment:
    """One thing that was seen, `seconds` after the case's Deployment was created. `where` it was seen."""

    seconds: float
    where: Literal["event", "STATUS", "registry"]
    what: str
    detail: str


def moments(evidence: Evidence) -> list[Moment]:
    """Everything with a time, in its order."""
    return sorted((*_events(evidence), *_statuses(evidence), *_requests(evidence)), key=lambda moment: moment.seconds)


def _events(evidence: Evidence) -> Iterator[Moment]:
    for event in evidence.events:
        message = f"{event.message} (x{event.count})" if event.count > 1 else event.message
        yield Moment(event.seconds, "event", f"{event.reason} ({event.kind})", message)


def _statuses(evidence: Evidence) -> Iterator[Moment]:
    for change in evidence.pod.timeline if evidence.pod else ():
        yield Moment(change.seconds, "STATUS", change.status, change.message)


def _requests(evidence: Evidence) -> Iterator[Moment]:
    for request in evidence.registry_requests or ():
        detail = f"{request['path']}  {request['user_agent']}  {request.get('digest') or ''}".rstrip()
        yield Moment(request["seconds"], "registry", f"{request['method']} {request['status']}", detail)
