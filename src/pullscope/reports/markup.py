"""HTML and SVG as values: text is escaped where it is put in, so that no text of a cluster can become markup. [pure]

Only `tag` makes an `Html`; whatever else is given as a child or an attribute is text.
"""

import html
from collections.abc import Iterable, Mapping
from typing import Final

from pullscope.reports.texts import visible

_EMPTY: Final = frozenset({"br", "hr", "link", "meta"})  # HTML's void elements, those that are used here


LONGEST: Final = 8000
"""Characters of one text; of a longer one the beginning is shown."""


class Html(str):
    """Markup that is complete and may stand in a document as it is."""

    __slots__ = ()


Child = str | Html
Attributes = Mapping[str, str]


def tag(name: str, attributes: Attributes | None = None, *children: Child) -> Html:
    """An element. Names of elements and attributes are ours; values and children may hold anything."""
    given = "".join(f' {key}="{html.escape(visible(value))}"' for key, value in (attributes or {}).items())
    if name in _EMPTY:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Html:
    """The children one after the other."""
    return Html("".join(child if isinstance(child, Html) else html.escape(visible(_cut(child))) for child in children))


def _cut(text: str) -> str:
    """At most LONGEST characters of it: a page is for reading, and what a cluster says may be megabytes."""
    more = len(text) - LONGEST
    return text if more <= 0 else f"{text[:LONGEST]} … (+{more})"
