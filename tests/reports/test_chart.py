"""The drawing: every box has a place, arrows meet no box on their way, texts stay within."""

import itertools

import pytest

from pullscope.pull import flow
from pullscope.reports import chart
from pullscope.reports.chart import HEIGHT, PLACES, WIDTH
from pullscope.reports.texts import balanced, wrapped

LANGUAGES: tuple[flow.Language, ...] = ("en", "ja")


def test_every_box_has_a_place_of_its_own() -> None:
    assert PLACES.keys() == {node.id for node in flow.FLOW.nodes}
    assert len(set(PLACES.values())) == len(PLACES)


@pytest.mark.parametrize("edge", flow.FLOW.edges, ids=lambda edge: f"{edge.source}-{edge.target}")
def test_no_arrow_crosses_a_box(edge: flow.Edge) -> None:
    points = chart.route(edge.source, edge.target).points
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        assert x1 == x2 or y1 == y2
        for node in PLACES.keys() - {edge.source, edge.target}:
            x, y = chart.middle(node)
            beside = max(x1, x2) < x - WIDTH / 2 or min(x1, x2) > x + WIDTH / 2
            above = max(y1, y2) < y - HEIGHT / 2 or min(y1, y2) > y + HEIGHT / 2
            assert beside or above, f"{edge} runs through {node}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_fits_its_box(language: flow.Language) -> None:
    assert max(len(balanced(node.text.say(language), 22)) for node in flow.FLOW.nodes) <= 4


def test_the_way_is_stressed_numbered_and_told() -> None:
    way = (flow.START, flow.NAME, flow.POLICY, flow.PRESENT, flow.ACCESS, flow.NODE_IMAGE)
    drawn = chart.draw(way, "en", "x")
    assert drawn.count('class="badge"') == len(way)
    assert drawn.count('class="way"') == len(way) - 1  # its arrows
    assert "imagePullPolicy?<strong> IfNotPresent</strong>" in drawn
    assert "→ The node&#x27;s image runs</desc>" in drawn


def test_lines_break_where_words_and_scripts_allow() -> None:
    assert wrapped("Is the image on the node?", 14) == ["Is the image", "on the node?"]
    assert wrapped("イメージはノードにあるか", 10) == ["イメージは", "ノードにあ", "るか"]
    assert balanced("イメージはノードにあるか", 10) == ["イメージ", "はノード", "にあるか"]
    assert wrapped("SignatureValidationFailed", 10) == ["SignatureValidationFailed"]
    assert wrapped("", 10) == [""]
