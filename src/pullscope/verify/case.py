"""A case as data: what is set up and what must then be seen. [pure]"""

from dataclasses import dataclass
from typing import Literal

from pullscope.pull import reasons as said
from pullscope.pull.complaints import Cause

Policy = Literal["Always", "IfNotPresent", "Never"]
Outcome = Literal["running", "waiting"]
Source = Literal["node", "registry"]
Registry = Literal[
    "has it",
    "newer",
    "same",
    "404 manifest",
    "404 repository",
    "401",
    "403",
    "429",
    "500",
    "refuses",
    "times out",
    "wrong digest",
    "private",
]
"""What the registry has or does: the node's image (`same`) or another one (`newer`), or what it answers in place of one.

`private`: it has the image for those who show the right credentials."""

Scheme = Literal["basic", "bearer"]
"""How a private registry has them shown: a password, or a token that is given for it."""

_ORDINARY: tuple[Registry, ...] = ("has it", "newer", "404 manifest")
_LONG: tuple[Registry, ...] = ("429", "times out")


@dataclass(frozen=True)
class Expected:
    """What must be seen. `reasons` are upstream's waiting reasons in the order in which they appear.

    `source` says whose image runs; None when none does. `text` says the same to people. `cause` is why a pull fails, where
    one does.
    """

    outcome: Outcome
    source: Source | None
    reasons: tuple[str, ...]
    text: str
    cause: Cause = Cause.MISSING


@dataclass(frozen=True)
class Case:
    """One row of the table.

    `on_node`: a pod has pulled the tag on the node before. `in_registry`: the registry has an image under the tag; where
    both hold, it is another one, unless `registry` says more. `node_matters` is False where the outcome must be the same
    whatever the node has.
    """

    id: str
    policy: Policy
    on_node: bool
    in_registry: bool
    expected: Expected
    node_matters: bool = True
    registry: Registry | None = None

    @property
    def state(self) -> Registry:
        """What the registry has or does."""
        if self.registry is not None:
            return self.registry
        return ("newer" if self.on_node else "has it") if self.in_registry else "404 manifest"

    @property
    def misbehaves(self) -> bool:
        """Whether the case takes a registry that nobody else asks: it does what a good one does not, or all it sends counts."""
        return self.state not in _ORDINARY

    @property
    def asks(self) -> bool:
        """Whether the registry must be asked for the image."""
        return self.policy == "Always" or (self.policy == "IfNotPresent" and not self.on_node)

    @property
    def waits_on(self) -> bool:
        """Whether what must be seen is that nothing happens: the pull neither ends nor fails."""
        return said.CONTAINER_CREATING in self.expected.reasons

    @property
    def takes_long(self) -> bool:
        """Whether its pull is under way for so long that it holds up others, where a node pulls one image after the other."""
        return self.state in _LONG and self.asks

    @property
    def title(self) -> str:
        """The case in words."""
        node = "the image on the node" if self.on_node else "no image on the node"
        if self.registry is not None:
            return f"{self.policy}, {node}, the registry: {self.registry}"
        if not self.in_registry:
            return f"{self.policy}, {node}, none in the registry"
        return f"{self.policy}, {node}, {'another' if self.on_node else 'one'} in the registry"
