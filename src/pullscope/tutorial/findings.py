"""What came of a case that was made by hand, and whether it is what the table says. [pure]"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.kube.api import Object
from pullscope.pull import flow, reasons
from pullscope.tutorial.steps import IMAGE, Chapter
from pullscope.verify import observation, path, pods
from pullscope.verify.case import Case, Source
from pullscope.verify.cases import article
from pullscope.verify.evidence import Event, Evidence, Primed

_ENDS = {"registry": flow.REGISTRY_IMAGE, "node": flow.NODE_IMAGE, None: flow.PULL_FAILED}


@dataclass(frozen=True)
class Finding:
    """One case: what `oc get pod` shows, why a pod waits, the WARs of its log, its way through the flowchart."""

    case: Case
    status: str
    message: str
    wars: tuple[str, ...]
    path: tuple[str, ...]
    as_expected: bool


def case_of(chapter: Chapter) -> Case:
    """The case of a chapter that makes one."""
    return next(case for case in article.SIX if case.id == chapter.case)


def judge(chapter: Chapter, pod: Object, events: Sequence[Event], log: str) -> Finding:
    """What the pod, its events and the output of `oc logs` say."""
    case, seen = case_of(chapter), pods.describe(pod, ())
    pulled = any(event.reason == reasons.PULLING for event in events)
    source: Source | None = ("registry" if pulled else "node") if seen.running else None
    primed = Primed("", seen.node, "", gone=True) if case.on_node else None  # by the chapters before
    evidence = Evidence(IMAGE, pod=seen, events=tuple(events), primed=primed)
    way, wars = path.proven(evidence, source), observation.deployed(log)
    right = (
        seen.status in (case.expected.reasons or ("Running",))
        and wars == ((chapter.war,) if chapter.war else ())
        and way[-1:] == (_ENDS[case.expected.source],)
        and path.is_walk(way)
    )
    return Finding(case, seen.status, seen.message, wars, way, as_expected=right)
