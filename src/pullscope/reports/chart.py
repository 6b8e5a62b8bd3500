"""The kubelet's flowchart as a drawing (SVG), with the way that was taken. [pure]

The boxes stand in a grid; an arrow goes straight, or sideways first and then down, or down first and then sideways.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pullscope.pull import flow
from pullscope.pull.flow import Edge, Flow, Language, Node, Text
from pullscope.reports import page
from pullscope.reports.markup import Html, tag
from pullscope.reports.texts import balanced

PLACES: dict[str, tuple[int, int]] = {
    flow.START: (3, 0),
    flow.NAME: (3, 1),
    flow.INVALID_NAME: (4, 1),
    flow.POLICY: (3, 2),
    flow.NEVER_PRESENT: (1, 3),
    flow.INSPECT_FAILED: (2, 3),
    flow.PRESENT: (3, 3),
    flow.NEVER_PULL: (0, 4),
    flow.NEVER_ACCESS: (1, 4),
    flow.NODE_IMAGE: (2, 4),
    flow.ACCESS: (3, 4),
    flow.BACK_OFF: (4, 4),
    flow.WAITING: (5, 4),
    flow.REGISTRY_IMAGE: (3, 5),
    flow.PULL: (4, 5),
    flow.PULL_FAILED: (5, 5),
    flow.REGISTRY_UNAVAILABLE: (5, 6),
    flow.SIGNATURE_FAILED: (5, 7),
}
"""Column and row of each box."""
_DOWN_FIRST = frozenset({(flow.PULL, flow.REGISTRY_UNAVAILABLE), (flow.PULL, flow.SIGNATURE_FAILED)})

WIDTH, HEIGHT = 188, 66  # of a box
_ACROSS, _BELOW = 70, 32  # between boxes
_MARGIN = 12
_LINE = 15
_LETTERS, _ANSWER_LETTERS = 22, 12  # that fit into a line of a box, and between two boxes
_HEAD = 6
_NAME = Text("the kubelet's flowchart, with the way that was taken", "kubelet のフローチャートと通った経路")
_NO_WAY = Text("no way through it is proven", "経路を示す証拠がない")

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """An arrow's corners, and where its answer is written."""

    points: tuple[Point, ...]
    answer: Point
    room: int = _ANSWER_LETTERS


def draw(way: Sequence[str], language: Language, name: str) -> Html:
    """`flow.FLOW` with the boxes and arrows of `way` stressed and numbered. `name` makes its ids the page's only ones."""
    steps = set(itertools.pairwise(way))
    edges = sorted(flow.FLOW.edges, key=lambda edge: (edge.source, edge.target) in steps)  # the way lies on top
    width = _MARGIN * 2 + 6 * WIDTH + 5 * _ACROSS
    height = _MARGIN * 2 + 8 * HEIGHT + 7 * _BELOW
    labelled = {"viewBox": f"0 0 {width} {height}", "role": "img", "aria-labelledby": f"{name}-title {name}-way"}
    drawing = tag(
        "svg",
        labelled,
        tag("title", {"id": f"{name}-title"}, _NAME.say(language)),
        tag("desc", {"id": f"{name}-way"}, _told(flow.FLOW, way, language)),
        *(_edge(edge, language, taken=(edge.source, edge.target) in steps) for edge in edges),
        *(_box(node, way, language) for node in flow.FLOW.nodes),
    )
    return tag(
        "div", {"class": "chart"}, _listed(flow.FLOW, way, language), page.scrolling(_NAME.say(language), drawing)
    )


def route(source: str, target: str) -> Line:
    """The arrow from one box to another."""
    (x1, y1), (x2, y2) = middle(source), middle(target)
    if y1 == y2:
        side = 1 if x2 > x1 else -1
        ends = ((x1 + side * WIDTH / 2, y1), (x2 - side * WIDTH / 2, y2))
        return Line(ends, ((ends[0][0] + ends[1][0]) / 2, y1 - 7))
    if x1 == x2:
        return Line(((x1, y1 + HEIGHT / 2), (x2, y2 - HEIGHT / 2)), (x1, (y1 + y2) / 2 + 4), WIDTH // 6)
    side = 1 if x2 > x1 else -1
    if (source, target) in _DOWN_FIRST:
        corners = ((x1, y1 + HEIGHT / 2), (x1, y2), (x2 - side * WIDTH / 2, y2))
        return Line(corners, ((x1 + x2 - side * WIDTH / 2) / 2 + side * 4, y2 - 7), 22)
    start = x1 + side * WIDTH / 2
    return Line(((start, y1), (x2, y1), (x2, y2 - HEIGHT / 2)), (start + side * _ACROSS / 2, y1 - 7), _ANSWER_LETTERS)


def middle(node: str) -> Point:
    """Where the middle of a box is."""
    column, row = PLACES[node]
    return _MARGIN + column * (WIDTH + _ACROSS) + WIDTH / 2, _MARGIN + row * (HEIGHT + _BELOW) + HEIGHT / 2


def _edge(edge: Edge, language: Language, *, taken: bool) -> Html:
    line = route(edge.source, edge.target)
    drawn = [tag("polyline", {"class": "arrow", "points": _points(line.points)}), _head(*line.points[-2:])]
    if edge.condition:
        lines = balanced(edge.condition.say(language), line.room)
        x, y = line.answer
        drawn.append(_text(lines, (x, y - (len(lines) - 1) * 12), 12, "answer"))
    return tag("g", {"class": "way"} if taken else None, *drawn)


def _head(before: Point, end: Point) -> Html:
    """The arrow's head, at its end."""
    (x1, y1), (x, y) = before, end
    along = (0 if x == x1 else (1 if x > x1 else -1), 0 if y == y1 else (1 if y > y1 else -1))
    back = (x - along[0] * _HEAD * 1.6, y - along[1] * _HEAD * 1.6)
    wings = [(back[0] + side * along[1] * _HEAD, back[1] + side * along[0] * _HEAD) for side in (1, -1)]
    return tag("polygon", {"class": "head", "points": _points([end, *wings])})


def _box(node: Node, way: Sequence[str], language: Language) -> Html:
    x, y = middle(node.id)
    lines = balanced(node.text.say(language), _LETTERS)
    parts = [*_shape(node, x, y), _text(lines, (x, y + 4.5 - (len(lines) - 1) * _LINE / 2), _LINE)]
    if node.id in way:
        left, top = x - WIDTH / 2 + 4, y - HEIGHT / 2 + 3
        parts.append(tag("circle", {"class": "badge", "cx": _number(left), "cy": _number(top), "r": "10"}))
        parts.append(_text([str(list(way).index(node.id) + 1)], (left, top + 4), _LINE, "count"))
    return tag("g", {"class": f"way {node.kind}"} if node.id in way else None, *parts)


def _shape(node: Node, x: float, y: float) -> list[Html]:
    """Questions have points, beginnings and good ends are round, failures have a double edge."""
    left, top = x - WIDTH / 2, y - HEIGHT / 2
    if node.kind == "question":
        corners = [(left + 12, top), (left + WIDTH - 12, top), (left + WIDTH, y), (left + WIDTH - 12, top + HEIGHT)]
        corners += [(left + 12, top + HEIGHT), (left, y)]
        return [tag("polygon", {"class": "box", "points": _points(corners)})]
    round_ = {"start": HEIGHT / 2, "runs": HEIGHT / 2, "fails": 0, "action": 4}[node.kind]
    shapes = [_rectangle(left, top, 0, round_)]
    return [*shapes, _rectangle(left, top, 4, round_)] if node.kind == "fails" else shapes


Corner = Literal[0, 4]


def _rectangle(left: float, top: float, inset: Corner, round_: float) -> Html:
    size = {"width": _number(WIDTH - 2 * inset), "height": _number(HEIGHT - 2 * inset), "rx": _number(round_)}
    return tag("rect", {"class": "box", "x": _number(left + inset), "y": _number(top + inset), **size})


def _text(lines: Sequence[str], at: Point, step: int, kind: str = "") -> Html:
    x, y = at
    spans = (
        tag("tspan", {"x": _number(x), "y": _number(y + number * step)}, line) for number, line in enumerate(lines)
    )
    return tag("text", {"class": kind} if kind else None, *spans)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:g}"


def _listed(chart: Flow, way: Sequence[str], language: Language) -> Html:
    """The way as a list, each question with its answer: for windows too narrow for the drawing."""
    answers = {(edge.source, edge.target): edge.condition for edge in chart.edges}
    items = []
    for step, following in itertools.zip_longest(way, way[1:]):
        answer = answers.get((step, following))
        told = f" {answer.say(language)}" if answer else ""
        items.append(tag("li", None, chart.node(step).text.say(language), tag("strong", None, told)))
    return tag("ol", None, *items)


def _told(chart: Flow, way: Sequence[str], language: Language) -> str:
    """The way in words, for those who cannot see it."""
    return " → ".join(chart.node(each).text.say(language) for each in way) or _NO_WAY.say(language)
