"""One self-contained page of HTML: no script, no request, nothing outside of the file. [pure]

The policy in its head lets a browser load nothing at all and take no style but the page's own, whatever its texts hold.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

import pullscope
from pullscope.pull.flow import Language, Text
from pullscope.reports.markup import Child, Html, joined, tag

_SKIP = Text("Skip to the results", "結果へ移動")
_FOOT = Text(
    "Made by pullscope {version}. This file makes no request.",
    "pullscope {version} で作成。このファイルは外部に要求を送りません。",
)
MAIN = "results"
_SYMBOLS = {"good": "✓", "bad": "✗", "odd": "?", "calm": "·"}
"""How good a verdict is, said without colour."""


def page(title: str, language: Language, intro: Iterable[Child], main: Iterable[Child]) -> str:
    """The document: its title as heading, `intro` below it, then what is to be read."""
    head = (
        tag("meta", {"charset": "utf-8"}),
        tag("meta", {"http-equiv": "Content-Security-Policy", "content": _policy()}),
        tag("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        tag("meta", {"name": "color-scheme", "content": "light dark"}),
        tag("meta", {"name": "referrer", "content": "no-referrer"}),
        tag("link", {"rel": "icon", "href": "data:,"}),  # or a browser asks for one
        tag("title", None, title),
        tag("style", None, Html(_style())),
    )
    foot = _FOOT.say(language).format(version=pullscope.__version__)
    body = (
        tag("a", {"class": "skip", "href": f"#{MAIN}"}, _SKIP.say(language)),
        tag("header", None, tag("h1", None, title), *intro),
        tag("main", {"id": MAIN, "tabindex": "-1"}, *main),
        tag("footer", None, tag("p", None, foot)),
    )
    document = tag("html", {"lang": language}, tag("head", None, *head), "\n", tag("body", None, *body))
    return f"<!doctype html>\n{document}\n"


def table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[Child]]) -> Html:
    """A table whose first column heads its rows. One that is too wide scrolls by itself, also by keyboard.

    In a narrow window each row becomes a block of named lines. Its roles are written out, since browsers forget them then.
    """
    head = (tag("th", {"scope": "col", "role": "columnheader"}, title) for title in titles)
    made = (
        tag("caption", None, caption),
        tag("thead", {"role": "rowgroup"}, tag("tr", {"role": "row"}, *head)),
        tag("tbody", {"role": "rowgroup"}, *(_row(titles, cells) for cells in rows)),
    )
    return scrolling(caption, tag("table", {"role": "table"}, *made))


def _row(titles: Sequence[str], cells: Sequence[Child]) -> Html:
    first = tag("th", {"scope": "row", "role": "rowheader", "data-title": titles[0]}, tag("div", None, cells[0]))
    rest = (
        tag("td", {"role": "cell", "data-title": title}, tag("div", None, cell))
        for title, cell in zip(titles[1:], cells[1:], strict=True)
    )
    return tag("tr", {"role": "row"}, first, *rest)


def scrolling(name: str, *children: Child) -> Html:
    """A part that is wider than a narrow window, and scrolls within itself."""
    return tag("div", {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": name}, *children)


def facts(pairs: Iterable[tuple[str, Child]]) -> Html:
    """Names and what they are."""
    return tag("dl", None, *(joined((tag("dt", None, name), tag("dd", None, value))) for name, value in pairs))


def verdict(text: str, mood: str) -> Html:
    """A verdict: `mood` is good, bad, odd or calm, and is shown as a sign and a colour."""
    sign = tag("span", {"aria-hidden": "true"}, f"{_SYMBOLS[mood]} ")
    return tag("span", {"class": f"verdict {mood}"}, sign, text)


def code(text: str, kind: str = "") -> Html:
    """What is a name or a digest; `kind` colours it."""
    return tag("code", {"class": kind} if kind else None, text)


def block(text: str, name: str) -> Html:
    """Lines as they are: a log, a command. It scrolls within itself."""
    return tag("pre", {"tabindex": "0", "role": "region", "aria-label": name}, tag("code", None, text))


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8").replace("\r\n", "\n")


def _policy() -> str:
    hashed = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
