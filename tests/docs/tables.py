"""Tables of the documentation, as data: a test that reads one holds the page to what happens."""

from pathlib import Path

_DOCS = Path(__file__).parents[2] / "docs"


def table(page: str, first: str) -> list[dict[str, str]]:
    """The rows of the table on that page whose first column is called `first`, by their columns' names."""
    lines = [line for line in (_DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    begin = next(number for number, line in enumerate(lines) if _cells(line)[0] == first)
    names, found = _cells(lines[begin]), []
    for line in lines[begin + 2 :]:
        cells = _cells(line)
        if len(cells) != len(names):
            break
        found.append(dict(zip(names, cells, strict=True)))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
