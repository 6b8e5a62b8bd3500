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
from pullscope.why.rules import (
    always_pull_images,
    architecture,
    back_off,
    credential_check,
    digest_pinned,
    invalid_name,
    lookup_local,
    mirror,
    missing,
    never_absent,
    node_cache,
    nodes_differ,
    not_restarted,
    old_revision,
    policy_defaulted,
    rate_limited,
    revision_pruned,
    rolled_back,
    rollout_paused,
    side_loaded,
    stream_deleted,
    stream_not_imported,
    trigger_broken,
    trigger_idle,
    trigger_missing,
    trigger_paused,
    trigger_rewrites,
    unauthorised,
    unreachable,
    wrong_content,
)


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
        old_revision,
        rollout_paused,
        trigger_rewrites,
        trigger_paused,
        trigger_idle,
        trigger_broken,
        stream_deleted,
        stream_not_imported,
        lookup_local,
        trigger_missing,
        digest_pinned,
        revision_pruned,
        always_pull_images,
        credential_check,
        architecture,
        invalid_name,
        never_absent,
        missing,
        unauthorised,
        rate_limited,
        unreachable,
        wrong_content,
        rolled_back,
        mirror,
        side_loaded,
        policy_defaulted,
        nodes_differ,
        node_cache,
        not_restarted,
        back_off,
    )
)
