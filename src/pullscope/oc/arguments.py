"""Arguments as `oc` takes them: flags before and after words, short ones together, all after `--` apart.

Upstream: github.com/spf13/pflag v1.0 (parsing and its words) as k8s.io/kubectl v0.36 uses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pullscope.oc.errors import OcError

_TRUE, _FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


@dataclass(frozen=True)
class Flags:
    """The flags of a verb. `values` and `switches` are the long names, with the short one before it: `n/namespace`.

    `leading`: the first word ends the flags (rsh).
    """

    values: Sequence[str] = ()
    switches: Sequence[str] = ()
    leading: bool = False


GLOBAL = Flags(values=("n/namespace", "context", "kubeconfig"), switches=("h/help",))


@dataclass(frozen=True)
class Arguments:
    """What was given: words, the words after `--` (None without one), and flags by their long name."""

    words: list[str] = field(default_factory=list)
    after: list[str] | None = None
    flags: Mapping[str, list[str]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """The last value given to a flag."""
        return self.flags[name][-1] if name in self.flags else default

    def all(self, name: str) -> list[str]:
        """Every value given to a flag."""
        return self.flags.get(name, [])

    def on(self, name: str, *, default: bool = False) -> bool:
        """Whether a switch is on."""
        return self.text(name) == "true" if name in self.flags else default


def parse(given: Sequence[str], flags: Flags) -> Arguments:
    """The arguments after a verb. Raises OcError in pflag's words."""
    reader = _Reader(list(given), flags)
    return reader.read()


class _Reader:
    def __init__(self, rest: list[str], flags: Flags) -> None:
        self._rest = rest
        self._leading = flags.leading
        names = [(name, True) for name in (*GLOBAL.values, *flags.values)]
        names += [(name, False) for name in (*GLOBAL.switches, *flags.switches)]
        self._takes = {name.rpartition("/")[2]: takes for name, takes in names}
        self._short = {name.partition("/")[0]: name.partition("/")[2] for name, _ in names if "/" in name}
        self._found: dict[str, list[str]] = {}

    def read(self) -> Arguments:
        words: list[str] = []
        while self._rest:
            word = self._rest.pop(0)
            if word == "--":
                return Arguments(words, self._rest, self._found)
            if word.startswith("--"):
                self._long(word[2:])
            elif word.startswith("-") and word != "-":
                self._shorts(word[1:])
            else:
                words.append(word)
                if self._leading:
                    return Arguments(words + self._rest, None, self._found)
        return Arguments(words, None, self._found)

    def _long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if name not in self._takes:
            raise OcError(f"unknown flag: --{name}")
        if not equals and self._takes[name] and not self._rest:
            raise OcError(f"flag needs an argument: --{name}")
        self._keep(name, value if equals else None)

    def _shorts(self, letters: str) -> None:
        for index, letter in enumerate(letters):
            name, rest = self._short.get(letter), letters[index + 1 :]
            if name is None:
                raise OcError(f"unknown shorthand flag: '{letter}' in -{letters}")
            if self._takes[name] or rest.startswith("="):
                if not rest and not self._rest:
                    raise OcError(f"flag needs an argument: '{letter}' in -{letters}")
                self._keep(name, rest.removeprefix("=") if rest else None)
                return
            self._keep(name, None)

    def _keep(self, name: str, value: str | None) -> None:
        if self._takes[name]:
            value = self._rest.pop(0) if value is None else value
        else:
            value = _switched(name, "true" if value is None else value)
        self._found.setdefault(name, []).append(value)


def _switched(name: str, value: str) -> str:
    if value not in (*_TRUE, *_FALSE):
        why = f'strconv.ParseBool: parsing "{value}": invalid syntax'
        raise OcError(f'invalid argument "{value}" for "--{name}" flag: {why}')
    return "true" if value in _TRUE else "false"
