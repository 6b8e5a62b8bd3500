"""One cause a file: a case in, a cause with its evidence and its mends out, or nothing. [pure]

Each module has `ID` (its file's name with hyphens), `TITLE`, and `look`. `ALL` is in the order in which causes of the same
certainty are told: specific before general. docs/why.md has a table of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from pullscope.pull.flow import Text
from pullscope.why.case import Case
from pullscope.why.findings import Cause
from pullscope.why.rules import digest_pinned, node_cache, not_restarted


@dataclass(frozen=True)
class Rule:
    """One cause: its id and title, and the function that looks for it."""

    id: str
    title: Text
    look: Callable[[Case], Cause | None]


def _rule(module: ModuleType) -> Rule:
    return Rule(module.ID, module.TITLE, module.look)


ALL = tuple(
    _rule(module)
    for module in (
        node_cache,
        not_restarted,
        digest_pinned,
    )
)
