"""The page's frame: what is in it is text, what it says is reachable for everybody, and its colours can be read."""

import base64
import hashlib
import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from importlib import resources

import pytest
from tests.reports.samples import pages

from pullscope.reports import markup, page

CSS = resources.files("pullscope.reports").joinpath("page.css").read_text(encoding="utf-8")
PAGES = dict(pages())
READ = [
    ("ink", "paper"),
    ("ink", "panel"),
    ("soft", "paper"),
    ("soft", "panel"),
    ("link", "paper"),
    ("ink", "way-paper"),
]
READ += [(word, f"{word}-paper") for word in ("good", "bad", "odd", "calm")] + [("paper", "way"), ("bad", "paper")]
READ += [(source, paper) for source in ("node", "registry") for paper in ("paper", "panel")]
SEEN = [("faint", "paper"), ("way", "paper"), ("way", "way-paper"), ("good", "good-paper"), ("bad", "bad-paper")]


class Outline(HTMLParser):
    """What a reader of the page goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name in names]


OUTLINES = {name: Outline(text) for name, text in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_no_text_becomes_markup(name: str) -> None:
    tags = {tag for tag, _ in OUTLINES[name].tags}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "input", "base"}
    assert not [key for _, attributes in OUTLINES[name].tags for key in attributes if key.startswith("on")]
    assert "\x1b" not in PAGES[name]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_leads_outside(name: str) -> None:
    outline = OUTLINES[name]
    links = [value for _, attributes in outline.tags for key, value in attributes.items() if key in {"href", "src"}]
    ids = {str(attributes["id"]) for _, attributes in outline.tags if "id" in attributes}
    assert [link for link in links if str(link)[1:] not in ids and link != "data:,"] == []
    policy = next(meta for meta in outline.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'; ")


@pytest.mark.parametrize("name", PAGES)
def test_it_can_be_used_without_seeing_it(name: str) -> None:
    outline = OUTLINES[name]
    (document,) = outline.all("html")
    assert document["lang"] == ("ja" if name.endswith("-ja") else "en")
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), "a level is left out"
    assert all("scope" in cell for cell in outline.all("th"))
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all("aria-labelledby" in drawing for drawing in outline.all("svg"))
    ids = Counter(attributes["id"] for _, attributes in outline.tags if "id" in attributes)
    assert [each for each, count in ids.items() if count > 1] == []
    named = [
        str(attributes["aria-labelledby"]).split() for _, attributes in outline.tags if "aria-labelledby" in attributes
    ]
    assert {each for names in named for each in names} <= set(ids)
    scrolling = [each for each in (*outline.all("pre"), *outline.all("div")) if each.get("role") == "region"]
    assert all(each["tabindex"] == "0" and each["aria-label"] for each in scrolling)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_apart(scheme: str) -> None:
    light, dark = re.findall(r":root \{([^}]*)\}", CSS)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))
    poor = {pair: contrast(*(colours[each] for each in pair)) for pair in READ}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}
    faint = {pair: contrast(*(colours[each] for each in pair)) for pair in SEEN}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_only_markup_is_taken_as_it_is() -> None:
    made = markup.tag("p", {"title": '">'}, "<b>", markup.tag("br"), "&\x00")
    assert made == '<p title="&quot;&gt;">&lt;b&gt;<br>&amp;\\x00</p>'


def test_the_policy_names_the_style_that_is_there() -> None:
    text = page.page("t", "en", [], [])
    style = text.partition("<style>")[2].partition("</style>")[0]
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src &#x27;sha256-{hashed}&#x27;" in text


def test_a_page_stays_small_whatever_a_cluster_says() -> None:
    text = page.page("t", "en", [], [page.block("x" * 10_000_000, "log")])
    assert len(text) < 50_000
    assert "… (+9992000)" in text


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_attached_anywhere(name: str) -> None:
    assert len(PAGES[name].encode()) < 200_000
