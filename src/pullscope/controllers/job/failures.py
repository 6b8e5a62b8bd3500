"""How long to wait before the pod that failed is made anew: 10 s, doubled by each failure up to 10 minutes.

Upstream: pkg/controller/job/backoff_utils.go v1.36. A success starts anew. It is kept in memory only, as upstream.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pullscope.controllers.cache import Seen
from pullscope.controllers.pods import PodView

INITIAL, MAXIMUM = 10.0, 600.0


@dataclass(frozen=True)
class Failures:
    """How many pods failed since the last success, and when the last one did."""

    count: int = 0
    last: datetime | None = None

    def after(self, succeeded: Iterable[Seen[PodView]], failed: Iterable[Seen[PodView]]) -> "Failures":
        """With the pods that ended since."""
        successes, ends = sorted(map(_ended, succeeded)), sorted(map(_ended, failed))
        if successes:
            ends = [end for end in ends if end > successes[-1]]
            return Failures(len(ends), ends[-1] if ends else None)
        return Failures(self.count + len(ends), ends[-1]) if ends else self

    def remaining(self, now: datetime) -> float:
        """Seconds until the next pod may be made."""
        if not self.count or self.last is None:
            return 0.0
        delay = min(INITIAL * 2.0 ** min(self.count - 1, 10), MAXIMUM)
        return max(delay - (now - self.last).total_seconds(), 0.0)


NONE = Failures()


def _ended(pod: Seen[PodView]) -> datetime:
    return pod.view.ended or pod.view.created
