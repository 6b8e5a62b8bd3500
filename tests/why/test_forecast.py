"""What the next pod would get: whose image, and how certain that is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.why.making import (
    INTERNAL,
    NEW,
    NOW,
    OLD,
    REPOSITORY,
    TAGGED,
    always,
    first,
    node,
    nodes,
    running,
    stream,
)

from pullscope.why.facts import Container, KubeletSettings, RegistryImage, Template
from pullscope.why.findings import Forecast

NAMES = (TAGGED, f"{REPOSITORY}@{OLD}")
HELD = node("node-1", *NAMES)


def coming(container: Container, *there: Any, **changes: Any) -> Forecast:
    """The forecast for the first of these nodes."""
    return first(container, nodes=nodes(*there), **changes).forecast[0]


@pytest.mark.parametrize(
    ("container", "there", "got"),
    [
        (running(), HELD, (OLD, "node", "certain")),
        (running(), replace(HELD, reported=NOW - timedelta(minutes=5)), (OLD, "node", "likely")),
        (running(), replace(HELD, reported=None), (OLD, "node", "likely")),
        (running(), node("node-1"), (NEW, "registry", "certain")),
        (running(), node("node-1", complete=False), (NEW, "registry", "likely")),
        (always(), HELD, (NEW, "registry", "certain")),
        (replace(running(), template=Template(TAGGED, "Never")), HELD, (OLD, "node", "certain")),
        (replace(running(), template=Template(TAGGED, "Never")), node("node-1"), (None, None, "certain")),
        (replace(running(), template=Template(TAGGED, "Never")), node("node-1", complete=False), (None, None, "likely")),
        (replace(running(), policy="Always"), HELD, (NEW, "registry", "certain")),
        (running("team/UPPER:v1"), HELD, (None, None, "certain")),
    ],
)  # fmt: skip
def test_the_next_pod_gets(container: Container, there: Any, got: tuple[str | None, str | None, str]) -> None:
    forecast = coming(container, there)
    assert (forecast.digest, forecast.source, forecast.certainty) == got


def test_other_credentials_make_a_copy_uncertain() -> None:
    """Since 1.35 the kubelet may ask the registry in spite of it, unless it is told not to, or a pod like this one runs it."""
    elsewhere = running(node="node-2")
    assert coming(elsewhere, HELD).certainty == "likely"
    assert coming(elsewhere, replace(HELD, kubelet="v1.34.1")).certainty == "certain"
    unchecked = replace(HELD, settings=KubeletSettings("NeverVerify"))
    assert coming(elsewhere, unchecked).certainty == "certain"


@pytest.mark.parametrize(
    ("status", "got"), [("no tag", (None, "certain")), ("unauthorised", (None, "possible")), ("found", (NEW, "certain"))]
)  # fmt: skip
def test_the_registry_answers_nodes_as_it_answers_us_or_not(status: Any, got: tuple[str | None, str]) -> None:
    registry = {TAGGED: RegistryImage(status, digest=NEW if status == "found" else "")}
    forecast = coming(always(), HELD, registry=registry)
    assert (forecast.digest, forecast.certainty) == got


@pytest.mark.parametrize(
    ("entry", "digest"),
    [("linux/amd64", NEW), ("linux/arm64", None), ("linux/amd64/v3", NEW), ("wasi/wasm", NEW), ("linux/arm", None)],
)
def test_an_index_may_have_nothing_for_a_node(entry: str, digest: str | None) -> None:
    """The other node is of another platform, and both are told apart."""
    image = RegistryImage("found", NEW, manifests={entry: OLD})
    other = node("node-2", architecture="s390x")
    first_, second = first(always(digest=NEW), nodes=nodes(node(), other), registry={TAGGED: image}).forecast
    assert first_.digest == digest
    assert second.digest == (NEW if entry.startswith("wasi") else None)


def test_a_registry_that_was_not_asked_leaves_it_open() -> None:
    forecast = coming(always(), HELD, registry={})
    assert (forecast.digest, forecast.source, forecast.certainty) == (None, "registry", "possible")


def test_without_nodes_only_always_can_be_told() -> None:
    assert [(each.node, each.digest, each.certainty) for each in first(always()).forecast] == [("", NEW, "certain")]
    assert [(each.node, each.digest, each.certainty) for each in first(running()).forecast] == [("", None, "possible")]


def test_nodes_without_room_are_left_out() -> None:
    finding = first(running(), nodes=nodes(HELD, replace(HELD, name="node-2", schedulable=False)))
    assert [each.node for each in finding.forecast] == ["node-1"]


def test_a_short_name_means_what_the_stream_points_to() -> None:
    """Admission resolves it anew for the next pod, so that no node's copy of the old one counts."""
    container = running(f"{INTERNAL}@{OLD}", template=Template("app:v1", "IfNotPresent"))
    there = node("node-1", f"{INTERNAL}@{OLD}")
    forecast = coming(container, there, streams=stream(NEW, OLD, lookup_local=True))
    assert (forecast.digest, forecast.source, forecast.certainty) == (NEW, "registry", "certain")


@pytest.mark.parametrize(
    ("container", "got"),
    [
        (running(), ("", None, "node", "possible")),  # what that is cannot be known, but something it may well be
        (always(), ("", NEW, "registry", "certain")),
    ],
)
def test_where_nodes_may_not_be_read(container: Container, got: tuple[str, str | None, str, str]) -> None:
    (forecast,) = first(container, nodes=None).forecast
    assert (forecast.node, forecast.digest, forecast.source, forecast.certainty) == got
