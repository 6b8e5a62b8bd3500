"""`pullscope node images -w`: what changes among the images of nodes, and how far pulls are, until Ctrl-C.

Plain lines in a pipe, as `kubectl get -w` prints them; rows that move on a terminal; one document a line with `-o json`.
"""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pullscope.base.errors import UnreachableError
from pullscope.cli import nodeimages, nodeplaces
from pullscope.cli.nodewhere import Part, Where
from pullscope.cri.crictl import tables
from pullscope.oci import reference

if TYPE_CHECKING:
    from rich.table import Table

_OFTEN, _SELDOM = 0.25, 1.0  # seconds between news of a pull: on a terminal, elsewhere
_TITLES = ("NODE", "IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE", "STATUS")
_LEAST = {"IMAGE": 32, "IMAGE ID": 16}  # columns, so that an empty list leaves room for what comes
_PADDING = 3
_BAR = 20  # columns


@dataclass(frozen=True)
class Wanted:
    """What the options ask for: which columns, `whole` ids and digests, JSON."""

    digest: bool
    id: bool
    whole: bool
    as_json: bool


class Printer(Protocol):
    """Prints what there is at first, and then each change."""

    def first(self, parts: Sequence[Part]) -> None: ...

    def change(self, part: Part) -> None: ...


async def watch(where: Where, words: Sequence[str], wanted: Wanted) -> None:
    """Print until cancelled, or until the lab has stopped. Raises as `nodeplaces.follow`."""
    many = not words and len(await nodeplaces.names(where)) > 1
    rows = Rows(wanted, node=many)
    live = sys.stdout.isatty() and not wanted.as_json
    with _live(rows) if live else contextlib.nullcontext(Documents() if wanted.as_json else Lines(rows)) as printer:
        begun = False
        try:
            async for part in nodeplaces.follow(where, "watch", words=words, every=_OFTEN if live else _SELDOM):
                if begun:
                    printer.change(part)
                else:
                    printer.first([*_unrolled(part)])
                begun = True
        except UnreachableError:
            if not (begun and where.in_lab):
                raise
            sys.stderr.write(f"the lab {where.name} has stopped\n")


def _unrolled(part: Part) -> Iterator[Part]:
    """What is there at first, as changes."""
    yield from ({"type": "ADDED", "image": image} for image in part["images"])
    yield from ({"type": "PULLING", "pull": pull} for pull in part["pulls"])


# ------------------------------------------------------------------------------------------------ rows


class Rows:
    """Changes as rows of a table."""

    def __init__(self, wanted: Wanted, *, node: bool) -> None:
        self._whole = wanted.whole
        self._shown = (node, True, True, wanted.digest, wanted.id, True, True)
        self.titles = self._chosen(_TITLES)

    def of(self, part: Part) -> list[list[str]]:
        """One for each tag of an image, or one for a pull."""
        if "pull" in part:
            return [self._pull(part["pull"])]
        image, status = part["image"], "Removed" if part["type"] == "DELETED" else "Present"
        cells = tables.image_rows(nodeimages.read(image), whole=self._whole)
        return [self._chosen((image["node"], *row, status)) for row in cells]

    def _pull(self, pull: Mapping[str, Any]) -> list[str]:
        name = reference.parse(pull["image"])
        size = "" if pull["bytesTotal"] is None else tables.human_size(pull["bytesTotal"])
        locator = name.tag or tables.NONE
        return self._chosen((pull["node"], name.name, locator, tables.NONE, tables.NONE, size, said(pull)))

    def _chosen(self, cells: Sequence[str]) -> list[str]:
        return [cell for cell, shown in zip(cells, self._shown, strict=True) if shown]


def said(pull: Mapping[str, Any]) -> str:
    """How far a pull is, in words."""
    seconds, total = f"{pull['seconds']:.1f}s", tables.human_size(pull["bytesTotal"] or 0)
    match pull["phase"]:
        case "Resolving":
            return f"Resolving, {seconds}"
        case "Pulled":
            return f"Pulled in {seconds}, {f'{total} downloaded' if pull['bytesTotal'] else 'nothing to download'}"
        case "Failed":
            return f"Failed after {seconds}: {pull['error']}"
    done = f"{tables.human_size(pull['bytesDone'])} of {total}, " if pull["bytesTotal"] else ""
    return f"{pull['phase']} {done}{pull['layersDone']} of {pull['layers']} layers, {seconds}"


# ------------------------------------------------------------------------------------------------ printers


class Documents:
    """One JSON document a line."""

    def first(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self.change(part)

    def change(self, part: Part) -> None:
        sys.stdout.write(f"{json.dumps(part)}\n")
        sys.stdout.flush()


class Lines:
    """A table that goes on: columns grow with what comes into them."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._widths = [_LEAST.get(title, 0) for title in rows.titles]

    def first(self, parts: Sequence[Part]) -> None:
        self._print([self._rows.titles, *(row for part in parts for row in self._rows.of(part))])

    def change(self, part: Part) -> None:
        self._print(self._rows.of(part))

    def _print(self, rows: Sequence[Sequence[str]]) -> None:
        longest = [max(len(cell) + _PADDING for cell in column) for column in zip(*rows, strict=True)]
        self._widths = [max(pair) for pair in zip(self._widths, longest, strict=True)]
        for row in rows:
            cells = [f"{cell:{width}}" for cell, width in zip(row[:-1], self._widths, strict=False)]
            sys.stdout.write("".join([*cells, row[-1]]) + "\n")
        sys.stdout.flush()


class Screen:
    """What there is now, pulls first; a pull that failed stays above as a line."""

    def __init__(self, rows: Rows, show: Any, say: Any) -> None:
        """`show` takes the table as it is now, `say` a line."""
        self._rows, self._show, self._say = rows, show, say
        self._images: dict[tuple[str, ...], Part] = {}
        self._pulls: dict[tuple[str, str], Part] = {}

    def first(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self._take(part)
        self._show(self.table())

    def change(self, part: Part) -> None:
        self._take(part)
        self._show(self.table())

    def _take(self, part: Part) -> None:
        if "image" in part:
            image = part["image"]
            key = (image["node"], image["id"] or " ".join([*image["repoDigests"], *image["repoTags"]]))
            self._images.pop(key, None) if part["type"] == "DELETED" else self._images.update({key: part})
            return
        pull = part["pull"]
        if part["type"] == "PULLING":
            self._pulls[pull["node"], pull["image"]] = part
        else:
            self._pulls.pop((pull["node"], pull["image"]), None)
        if part["type"] == "FAILED":
            self._say(f"{pull['image']} on {pull['node']}: {said(pull)}")

    def table(self) -> "Table":
        from rich.table import Table

        shown = Table(box=None, pad_edge=False, padding=(0, _PADDING, 0, 0), header_style="")
        for title in self._rows.titles:
            shown.add_column(title, no_wrap=True, overflow="ellipsis")
        for part in self._pulls.values():
            (row,) = self._rows.of(part)
            shown.add_row(*row[:-1], bar(part["pull"]))
        for part in self._images.values():
            for row in self._rows.of(part):
                shown.add_row(*row)
        return shown


def bar(pull: Mapping[str, Any]) -> "Table":
    """How far a pull is, as a bar and in words."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(ProgressBar(pull["bytesTotal"] or 1, pull["bytesDone"], width=_BAR), said(pull))
    return grid


@contextlib.contextmanager
def _live(rows: Rows) -> Iterator[Printer]:
    from rich.live import Live

    from pullscope.reports import terminal

    console = terminal.console(sys.stdout)
    with Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        yield Screen(
            rows, lambda table: live.update(table, refresh=True), lambda line: console.print(line, markup=False)
        )
