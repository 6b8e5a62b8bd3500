"""The flowchart is one graph: whole, free of dead ends, drawn and cut without losing an answer."""

import itertools

import pytest

from pullscope.pull import flow

CHARTS = [pytest.param(flow.FLOW, id="full"), pytest.param(flow.TUTORIAL, id="tutorial")]


@pytest.mark.parametrize("chart", CHARTS)
def test_every_arrow_joins_two_boxes_of_the_chart(chart: flow.Flow) -> None:
    ids = [node.id for node in chart.nodes]
    assert len(set(ids)) == len(ids)
    assert {end for edge in chart.edges for end in (edge.source, edge.target)} == set(ids)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_box_is_reached_from_the_start_and_only_ends_lead_nowhere(chart: flow.Flow) -> None:
    reached = {chart.nodes[0].id}
    for _ in chart.nodes:
        reached |= {edge.target for edge in chart.edges if edge.source in reached}
    assert reached == {node.id for node in chart.nodes}
    leaving = {edge.source for edge in chart.edges}
    assert all((node.id in leaving) == (node.kind not in ("runs", "fails")) for node in chart.nodes)


@pytest.mark.parametrize("chart", CHARTS)
def test_answers_of_a_question_differ_in_every_language(chart: flow.Flow) -> None:
    for node in chart.nodes:
        answers = [edge.condition for edge in chart.edges if edge.source == node.id]
        if node.kind == "question":
            assert None not in answers
            for language in ("en", "ja"):
                said = [answer.say(language) for answer in answers if answer]
                assert len(set(said)) == len(said) > 1


def test_the_tutorials_chart_holds_the_six_cases() -> None:
    walks = [
        ("start", "policy", "pull", "pull-failed"),
        ("start", "policy", "pull", "registry-image"),
        ("start", "policy", "present", "pull", "pull-failed"),
        ("start", "policy", "present", "pull", "registry-image"),
        ("start", "policy", "present", "node-image"),
    ]
    assert all(flow.TUTORIAL.contains(walk) for walk in walks)
    assert len(flow.TUTORIAL.nodes) == 7


@pytest.mark.parametrize("path", [(), ("policy",), ("start", "pull"), ("start", "nowhere")])
def test_what_is_no_walk_from_the_start_is_not_contained(path: tuple[str, ...]) -> None:
    assert not flow.FLOW.contains(path)


def test_a_node_is_found_by_its_id() -> None:
    assert flow.FLOW.node("pull-failed").text.say("ja") == "ErrImagePull"
    with pytest.raises(KeyError):
        flow.FLOW.node("nowhere")


def test_the_drawing() -> None:
    assert flow.TUTORIAL.mermaid() == (
        "flowchart TD\n"
        '    n_start(["A container is to start"])\n'
        '    n_policy{"imagePullPolicy?"}\n'
        '    n_present{"Is the image on the node?"}\n'
        '    n_node_image(["The node\'s image runs"])\n'
        '    n_pull{"Ask the registry: does it deliver the image?"}\n'
        '    n_registry_image(["The registry\'s image runs"])\n'
        '    n_pull_failed[["ErrImagePull"]]\n'
        "    n_start --> n_policy\n"
        '    n_policy -->|"Always"| n_pull\n'
        '    n_policy -->|"IfNotPresent"| n_present\n'
        '    n_present -->|"yes"| n_node_image\n'
        '    n_present -->|"no"| n_pull\n'
        '    n_pull -->|"yes"| n_registry_image\n'
        '    n_pull -->|"no"| n_pull_failed\n'
    )


def test_the_drawing_in_japanese_has_the_same_shape() -> None:
    english, japanese = (flow.FLOW.mermaid(language).splitlines() for language in ("en", "ja"))
    assert len(english) == len(japanese)
    assert all(
        a.split("[")[0].split("{")[0].split("|")[0] == b.split("[")[0].split("{")[0].split("|")[0]
        for a, b in zip(english, japanese, strict=True)
    )
    assert english != japanese


def test_texts_are_there_in_both_languages() -> None:
    texts = itertools.chain(
        (node.text for node in flow.FLOW.nodes), (e.condition for e in flow.FLOW.edges if e.condition)
    )
    assert all(text.en and text.ja for text in texts)
