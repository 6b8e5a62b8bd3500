"""What a run found out: one result per case, the cluster it was found on, and what the process says at its end. [pure]"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

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


def together(parts: Sequence[Report], cases: Sequence[Case]) -> Report:
    """One report of runs that came one after the other, its results in the order of `cases`; it names the first's place."""
    if len(parts) == 1:
        return parts[0]
    order = {case.id: at for at, case in enumerate(cases)}
    results = sorted((each for part in parts for each in part.results), key=lambda each: order[each.case.id])
    return replace(parts[0], suite="full", results=tuple(results), seconds=sum(part.seconds for part in parts))
