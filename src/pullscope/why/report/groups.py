"""Findings that say the same, as one: a thousand pods of one workload are one line. [pure]"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pullscope.why.findings import Diagnosis, Finding, Forecast, Word

VERDICTS: tuple[Word, ...] = ("stale", "failing", "unknown", "pinned", "up to date")
"""In the order in which they are told: what needs somebody first."""
ASKS: frozenset[Word] = frozenset({"stale", "failing"})
"""The verdicts that ask somebody to do something."""
TOLD: frozenset[Word] = ASKS | {"unknown"}
"""The verdicts whose reason is told."""
_NODES_NAMED = 3
_MEANT = "digest-pinned"

Forecasts = tuple[tuple[Forecast, tuple[str, ...]], ...]
"""Each with the nodes that it holds for."""


@dataclass(frozen=True)
class Group:
    """Findings with the same workload, container, image, policy, verdict and first cause."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The one that stands for all: evidence names its pod."""
        return self.findings[0]

    @property
    def verdict(self) -> Word:
        """The verdict on all."""
        return self.first.verdict

    @property
    def told(self) -> bool:
        """Whether its reason is told: that of who is pinned where it has another one than that somebody wrote a digest."""
        causes = self.first.causes
        return self.verdict in TOLD or (self.verdict == "pinned" and bool(causes) and causes[0].id != _MEANT)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Where they run."""
        return tuple(sorted({each.container.node for each in self.findings if each.container.node}))

    def digests(self, of: str) -> tuple[str, ...]:
        """The distinct digests of `running`, `wanted` or `on_node`, those that are known."""
        return tuple(sorted({digest for each in self.findings if (digest := getattr(each, of)) is not None}))

    @property
    def forecasts(self) -> Forecasts:
        """What new pods would get, each with the nodes of which the same is said."""
        distinct = {
            id(finding.forecast): finding.forecast for finding in self.findings
        }  # shared by those that are alike
        return alike(forecast for said in distinct.values() for forecast in said)


def alike(forecasts: Iterable[Forecast]) -> Forecasts:
    """The forecasts, each with the nodes of which the same is said."""
    found: dict[tuple[object, ...], tuple[Forecast, set[str]]] = {}
    for forecast in forecasts:
        key = (forecast.digest, forecast.source, forecast.certainty, forecast.path)
        found.setdefault(key, (forecast, set()))[1].add(forecast.node)
    return tuple((forecast, tuple(sorted(nodes))) for forecast, nodes in found.values())


def groups(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """The findings in groups: what needs somebody first, then by namespace, workload and container."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        alike.setdefault(_key(finding), []).append(finding)
    return tuple(sorted((Group(tuple(each)) for each in alike.values()), key=_order))


def counts(diagnosis: Diagnosis) -> Mapping[Word, int]:
    """How many containers were judged so, for each verdict."""
    found = dict.fromkeys(VERDICTS, 0)
    for finding in diagnosis.findings:
        found[finding.verdict] += 1
    return found


def pods(findings: Iterable[Finding]) -> int:
    """How many pods the findings are of."""
    return len({(each.container.namespace, each.container.pod, each.container.uid) for each in findings})


def named(nodes: tuple[str, ...]) -> tuple[str, int]:
    """The first few nodes by name, and how many more there are."""
    return ", ".join(nodes[:_NODES_NAMED]), max(0, len(nodes) - _NODES_NAMED)


def _key(finding: Finding) -> tuple[object, ...]:
    container = finding.container
    of = (container.namespace, container.workload, container.kind, container.name, container.image, container.policy)
    return (*of, finding.verdict, finding.causes[0].id if finding.causes else "")


def _order(group: Group) -> tuple[object, ...]:
    container = group.first.container
    workload = container.workload
    where = (container.namespace, workload.kind, workload.name, container.kind, container.name, container.image)
    return (VERDICTS.index(group.verdict), *where, container.policy)
