"""What the judge says of each container: a verdict, the causes in the order of their likelihood, and a forecast. [pure]

Texts for people are in English and Japanese; reasons, messages and commands are the field's own in both.
"""

from dataclasses import dataclass
from typing import Literal

from pullscope.pull.flow import Text
from pullscope.why.facts import Container, Facts

Word = Literal["up to date", "stale", "pinned", "failing", "unknown"]
Certainty = Literal["certain", "likely", "possible"]


@dataclass(frozen=True)
class Mend:
    """A command that mends it, as typed in a shell, and what it does."""

    command: str
    text: Text


@dataclass(frozen=True)
class Cause:
    """One reason for what was found. `id` is the name of its file in `rules/`, as `node-cache`; stable, for scripts."""

    id: str
    title: Text
    certainty: Certainty
    evidence: tuple[Text, ...]
    mends: tuple[Mend, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """What a pod that is made now would get on `node`: the digest, or none and why. `source` says who delivers it.

    `path` is the way there as nodes of the flowchart, as far as it can be foreseen.
    """

    node: str
    digest: str | None
    source: Literal["node", "registry"] | None
    certainty: Certainty
    because: Text
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The verdict on one container.

    `running`, `wanted` and `on_node` are digests as people compare them: what runs, what the reference means in the registry
    now, what the node has under that name; None where not known.
    """

    container: Container
    verdict: Word
    because: Text
    running: str | None = None
    wanted: str | None = None
    on_node: str | None = None
    causes: tuple[Cause, ...] = ()
    forecast: tuple[Forecast, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """All findings of one look at a cluster."""

    facts: Facts
    findings: tuple[Finding, ...]

    @property
    def stale(self) -> bool:
        """Whether anything runs an image that its reference does not mean any more."""
        return any(each.verdict == "stale" for each in self.findings)
