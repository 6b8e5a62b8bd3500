"""A lab's name, what is named after it (its contexts in a kubeconfig, the option that means it), and its nodes' names."""

import re
from collections.abc import Sequence

from pullscope.base.errors import UsageError

DEFAULT = "default"
"""The lab that is meant when none is named."""

MOST_NODES = 16

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_DEVELOPER = "-developer"


def is_name(lab: str) -> bool:
    """Whether a lab can have that name. `x-developer` would have the context of the lab x's developer."""
    return bool(_NAME.fullmatch(lab)) and not f"-{lab}".endswith(_DEVELOPER)


def check(lab: str) -> None:
    """Raise UsageError unless a lab can have that name."""
    if not is_name(lab):
        hint = (
            "use at most 32 lower case letters, digits and dashes, a letter or digit at both ends, `developer` not last"
        )
        raise UsageError(f"{lab!r} is no name for a lab", hint=hint)


def context(lab: str) -> str:
    """The context in which one is the lab's administrator: `pullscope`, or `pullscope-NAME`."""
    return "pullscope" if lab == DEFAULT else f"pullscope-{lab}"


def developer_context(admin: str) -> str:
    """The context in which one is the developer of the lab whose administrator has the context `admin`."""
    return f"{admin}{_DEVELOPER}"


def option(lab: str) -> str:
    """What a command line needs besides to mean this lab: nothing, or ` --name NAME`."""
    return "" if lab == DEFAULT else f" --name {lab}"


def of_nodes(count: int) -> Sequence[str]:
    """`crc`, as on OpenShift Local, `crc-2`, `crc-3` … Raises UsageError for a number of nodes that cannot be."""
    if not 1 <= count <= MOST_NODES:
        raise UsageError(f"a lab cannot have {count} nodes", hint=f"choose 1 to {MOST_NODES}")
    return ("crc", *(f"crc-{number}" for number in range(2, count + 1)))


def node_meant(names: Sequence[str], words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The node that is meant, and the other words. Raises UsageError when it must be named and is not."""
    if words and words[0] in names:
        return words[0], words[1:]
    if len(names) == 1:
        return names[0], words
    raise UsageError("which node?", hint=f"name one first: {', '.join(names)}")
