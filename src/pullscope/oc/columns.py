"""Tables as kubectl prints those that a server sends.

Upstream: k8s.io/cli-runtime v0.36 pkg/printers/tableprinter.go and its tabwriter (at least 6 wide, 3 apart, widths are
remembered for the rows of a watch).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pullscope.kube.api import Object

_LEAST, _APART = 6, 3


@dataclass(frozen=True)
class Style:
    """What of a table is shown. `prefix` stands before names: `pod/`."""

    wide: bool = False
    namespaces: bool = False
    labels: bool = False
    headers: bool = True
    prefix: str = ""


@dataclass
class Printer:
    """Makes lines of the tables of one resource; of a watch, one table after another."""

    style: Style
    _definitions: Sequence[Object] = ()
    _widths: list[int] = field(default_factory=list)

    def lines(self, table: Object) -> list[str]:
        """The lines of a table: with its headers if it is the first."""
        first = not self._definitions
        self._definitions = table.get("columnDefinitions") or self._definitions
        rows = [self._row(row) for row in table.get("rows") or []]
        if first and self.style.headers:
            rows.insert(0, self._headers())
        return self._aligned(rows)

    def _shown(self) -> list[int]:
        return [at for at, each in enumerate(self._definitions) if self.style.wide or not each.get("priority")]

    def _headers(self) -> list[str]:
        names = [self._definitions[at]["name"].upper() for at in self._shown()]
        return ["NAMESPACE"] * self.style.namespaces + names + ["LABELS"] * self.style.labels

    def _row(self, row: Object) -> list[str]:
        metadata, cells = row.get("object", {}).get("metadata", {}), [_text(cell) for cell in row["cells"]]
        shown = [cells[at] for at in self._shown()]
        name = next(
            (at for at, each in enumerate(self._shown()) if self._definitions[each].get("format") == "name"), None
        )
        if name is not None:
            shown[name] = self.style.prefix + shown[name]
        labels = ",".join(f"{key}={value}" for key, value in sorted((metadata.get("labels") or {}).items()))
        namespace = metadata.get("namespace", "")
        return [namespace] * self.style.namespaces + shown + [labels or "<none>"] * self.style.labels

    def _aligned(self, rows: list[list[str]]) -> list[str]:
        """Cells below each other; the last of a line is not filled up."""
        for row in rows:
            self._widths += [_LEAST] * (len(row) - len(self._widths))
            for at, cell in enumerate(row):
                self._widths[at] = max(self._widths[at], len(cell) + _APART)
        return [
            "".join(cell.ljust(width) for cell, width in zip(row[:-1], self._widths, strict=False)) + row[-1]
            for row in rows
        ]


def _text(cell: Any) -> str:
    match cell:
        case None:
            return "<none>"
        case bool():
            return str(cell).lower()
        case _:
            return str(cell).replace("\n", "\\n")
