"""The kubelet waits before it tries again: 10 s after the first failure, twice as long after each further one, up to 300 s.

Upstream: pkg/kubelet/kubelet.go (imageBackOffPeriod, MaxImageBackOff), Kubernetes v1.36. A try comes only when the pod is
looked at again after its window, which is every 10 to 15 s.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.pull import backoff, reasons
from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "back-off"
TITLE = Text("the kubelet waits before it tries again", "kubelet が再試行を待っている")

_SYNC = timedelta(seconds=15)
_MENDED = (Complaint.MISSING, Complaint.LIMITED)  # what the registry's answer to us says of its answer to the node
_KNOWN = 5  # failures after which the window has its full length


@dataclass(frozen=True)
class Tries:
    """How often it was tried, when the last time, and when the next try is due (at the earliest, at the latest)."""

    count: int
    last: datetime
    earliest: datetime

    @property
    def latest(self) -> datetime:
        return self.earliest + _SYNC


def look(case: Case) -> Cause | None:
    """Likely the only thing left where the registry has the image by now; else what explains the wait."""
    if case.word != "failing" or case.container.reason not in (*reasons.PULL_ERRORS, reasons.IMAGE_PULL_BACK_OFF):
        return None
    mended = case.asked is not None and case.asked.status == "found" and case.complaint in _MENDED
    why = Text("a fresh pod has no back-off, and is tried at once", "新しい Pod には待ち時間がなく、すぐに試行される")
    counted = told(case)
    evidence = (*_now(mended=mended), *((counted,) if counted else ()))
    return Cause(ID, TITLE, "likely" if mended else "possible", evidence, (mends.again(case.container, why),))


def tries(case: Case) -> Tries | None:
    """The tries as the events count them; None where they are gone."""
    image = f'"{case.container.image}"'
    failed = [
        event
        for event in case.container.events
        if event.reason == reasons.FAILED and event.message.startswith(f"Failed to pull image {image}")
    ]
    if not failed:
        return None
    count, last = sum(event.count for event in failed), max(event.last for event in failed)
    return Tries(count, last, last + window(count))


def window(failures: int) -> timedelta:
    """How long the kubelet waits after so many failures."""
    doubled: timedelta = backoff.INITIAL * 2 ** min(failures - 1, _KNOWN)
    return min(doubled, backoff.MAXIMUM)


def _now(*, mended: bool) -> tuple[Text, ...]:
    return (Text("the registry has the image by now", "現在はレジストリにイメージがあります"),) if mended else ()


def told(case: Case) -> Text | None:
    """Which try this was, and when the next one comes; None where the events are gone."""
    found = tries(case)
    if found is None:
        return None
    last, earliest, latest = said.at(found.last), said.at(found.earliest), said.at(found.latest)
    if found.latest < case.world.facts.collected:  # a client's recorder keeps 25 events of a pod, then one in 5 minutes
        return Text(
            f"try {found.count} failed at {last}, and the events tell of none since; "
            "tries are at most 5 minutes and a few seconds apart",
            f"{found.count} 回目の試行は {last} に失敗しました。その後の試行はイベントに残っていません。間隔は最長 5 分余りです",
        )
    return Text(
        f"try {found.count} failed at {last}; the next comes between {earliest} and {latest}",
        f"{found.count} 回目の試行は {last} に失敗しました。次は {earliest} から {latest} の間です",
    )
