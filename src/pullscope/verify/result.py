"""What a run found out: one result per case, the cluster it was found on, and what the process says at its end. [pure]"""

from collections import Counter
from dataclasses import dataclass

from pullscope.verify.case import Case
from pullscope.verify.evidence import Evidence, Observed
from pullscope.verify.verdict import Verdict, Word


@dataclass(frozen=True)
class ClusterInfo:
    """Where the cases ran. `kind` is `lab` or `cluster`; what the rights do not show is None."""

    kind: str
    server: str
    version: str
    node: str | None
    runtime: str | None
    registry: str


@dataclass(frozen=True)
class CaseResult:
    """One case: expected, observed, judged, and the evidence."""

    case: Case
    observed: Observed
    verdict: Verdict
    evidence: Evidence


@dataclass(frozen=True)
class Report:
    """The whole run; `seconds` is its wall time, `version` Pullscope's, `namespace` where it happened."""

    version: str
    suite: str
    cluster: ClusterInfo
    results: tuple[CaseResult, ...]
    seconds: float
    namespace: str

    def count(self, word: Word) -> int:
        """How many cases were judged so."""
        return Counter(result.verdict.word for result in self.results)[word]

    @property
    def exit_code(self) -> int:
        """0 as expected, 1 something differs, 3 something could not be found out."""
        if self.count("fail"):
            return 1
        return 3 if self.count("inconclusive") else 0
