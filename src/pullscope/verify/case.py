"""A case as data: what is set up and what must then be seen. [pure]"""

from dataclasses import dataclass
from typing import Literal

Policy = Literal["Always", "IfNotPresent", "Never"]
Outcome = Literal["running", "waiting"]
Source = Literal["node", "registry"]


@dataclass(frozen=True)
class Expected:
    """What must be seen. `reasons` are upstream's waiting reasons in the order in which they appear.

    `source` says whose image runs; None when none does. `text` says the same to people.
    """

    outcome: Outcome
    source: Source | None
    reasons: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Case:
    """One row of the table.

    `on_node`: a pod has pulled the tag on the node before. `in_registry`: the registry has an image under the tag; where
    both hold, it is another one. `node_matters` is False where the outcome must be the same whatever the node has.
    """

    id: str
    policy: Policy
    on_node: bool
    in_registry: bool
    expected: Expected
    node_matters: bool = True

    @property
    def title(self) -> str:
        """The case in words."""
        node = "the image on the node" if self.on_node else "no image on the node"
        if not self.in_registry:
            return f"{self.policy}, {node}, none in the registry"
        return f"{self.policy}, {node}, {'another' if self.on_node else 'one'} in the registry"
