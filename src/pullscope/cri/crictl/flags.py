"""Flags of one command line, as crictl reads them: before the first argument, short ones together (`-aq`). Pure.

Upstream: github.com/urfave/cli v2 with UseShortOptionHandling, over Go's package flag, whose words the errors have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class FlagError(ValueError):
    """The flags cannot be used; the message says why."""


@dataclass(frozen=True)
class Flag:
    """One flag: its names, the long one first, and what it is for. `value`: it takes one."""

    names: tuple[str, ...]
    usage: str
    value: bool = False


@dataclass(frozen=True)
class Parsed:
    """What was given: values by long names (of flags that take none: an empty text), and the arguments."""

    values: Mapping[str, tuple[str, ...]]
    arguments: tuple[str, ...] = field(default=())

    def has(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str, default: str = "") -> str:
        """The last value of a flag."""
        return self.values.get(name, (default,))[-1]


def parse(known: Sequence[Flag], words: Sequence[str]) -> Parsed:
    """Raises FlagError."""
    by_name = {name: flag for flag in known for name in flag.names}
    values: dict[str, list[str]] = {}
    left = list(words)
    while left and left[0].startswith("-") and left[0] != "-":
        word = left.pop(0)
        if word == "--":
            break
        name, assigned, value = word.lstrip("-").partition("=")
        together = not word.startswith("--") and name not in by_name and all(each in by_name for each in name)
        for each in name if together else [name]:
            flag = by_name.get(each)
            if flag is None:
                raise FlagError(f"flag provided but not defined: -{each}")
            given = value
            if flag.value and not assigned:
                if not left:
                    raise FlagError(f"flag needs an argument: -{each}")
                given = left.pop(0)
            values.setdefault(flag.names[0], []).append(given)
    return Parsed({name: tuple(given) for name, given in values.items()}, tuple(left))


def help_text(name: str, purpose: str, usage: str, known: Sequence[Flag]) -> str:
    """What `--help` shows of a command."""
    rows = [(", ".join(_dashed(each) for each in flag.names), flag) for flag in known]
    shown = [(f"{names} value" if flag.value else names, flag.usage) for names, flag in rows]
    shown.append(("--help, -h", "show help"))
    width = max(len(names) for names, _ in shown)
    options = "".join(f"   {names:{width}}  {text}\n" for names, text in shown)
    return f"NAME:\n   crictl {name} - {purpose}\n\nUSAGE:\n   crictl {usage}\n\nOPTIONS:\n{options}"


def _dashed(name: str) -> str:
    return f"-{name}" if len(name) == 1 else f"--{name}"
