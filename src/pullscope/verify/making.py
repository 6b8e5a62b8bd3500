"""A case under way: its evidence, which grows with each step."""

from dataclasses import dataclass, replace
from typing import Any

from pullscope.verify.case import Case
from pullscope.verify.evidence import Evidence, Operation, Variant


@dataclass
class Making:
    """One case and what was seen of it so far."""

    case: Case
    evidence: Evidence

    def note(self, **seen: Any) -> None:
        """Add to the evidence."""
        self.evidence = replace(self.evidence, **seen)

    def made(self, variant: Variant) -> None:
        """An image was made for the case; a later one of the same source takes its place."""
        others = (each for each in self.evidence.variants if each.source != variant.source)
        self.note(variants=(*others, variant))

    def operation(self, operation: Operation) -> None:
        """One of the three operations was done; they stand in the order of their numbers."""
        self.note(setup=tuple(sorted((*self.evidence.setup, operation), key=lambda each: each.number)))
