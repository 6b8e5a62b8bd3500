"""Texts that a cluster or a registry chose, made fit to be shown; and text in lines of a given width. [pure]"""

import re

from rich.cells import cell_len

# A word, or one character of a script that breaks lines anywhere.
_TOKEN = re.compile(r"\s+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")


def visible(text: str) -> str:
    """The text with its control characters written out: they could move a terminal's cursor, and no document may have them."""
    return "".join(each if each in "\n\t" or each.isprintable() or each > "\x9f" else repr(each)[1:-1] for each in text)


def wrapped(text: str, cells: int) -> list[str]:
    """The text in lines of at most so many columns, where its words allow; a Japanese character takes two."""
    lines = [""]
    for token in _TOKEN.findall(text):
        if lines[-1] and cell_len(lines[-1] + token.rstrip()) > cells:
            lines.append("")
        lines[-1] += token if lines[-1] or not token.isspace() else ""
    return [line.rstrip() for line in lines]


def balanced(text: str, cells: int) -> list[str]:
    """As `wrapped`, in as many lines, but none much shorter than the others."""
    lines = wrapped(text, cells)
    narrower = (wrapped(text, width) for width in range(cells // 2, cells))
    return next((tried for tried in narrower if len(tried) == len(lines)), lines)
