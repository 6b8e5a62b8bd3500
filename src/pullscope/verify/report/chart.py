"""A flowchart as an outline of text, with the way that was taken marked in it. [pure]

Every answer stands under its question, so a question that several ways lead to stands under each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.pull.flow import Edge, Flow, Language


@dataclass(frozen=True)
class Line:
    """One box of the chart, `text` with the branches that lead to it. `taken`: the way led here."""

    text: str
    taken: bool


def outline(chart: Flow, path: Sequence[str], language: Language = "en") -> list[Line]:
    """The chart's lines; of `path` what the chart has counts."""
    kept = {node.id for node in chart.nodes}
    way = tuple(node for node in path if node in kept)
    start = chart.nodes[0]
    first = Line(start.text.say(language), taken=way[:1] == (start.id,))
    return [first, *_below(chart, (start.id,), way, language, "")]


def _below(chart: Flow, walked: tuple[str, ...], way: tuple[str, ...], language: Language, indent: str) -> list[Line]:
    answers = [edge for edge in chart.edges if edge.source == walked[-1]]
    lines = []
    for edge in answers:
        here, last = (*walked, edge.target), edge is answers[-1]
        text = f"{indent}{'└─' if last else '├─'} {_said(chart, edge, language)}"
        lines.append(Line(text, taken=way[: len(here)] == here))
        lines += _below(chart, here, way, language, indent + ("   " if last else "│  "))
    return lines


def _said(chart: Flow, edge: Edge, language: Language) -> str:
    text = chart.node(edge.target).text.say(language)
    return f"{edge.condition.say(language)} → {text}" if edge.condition else text
