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
    PULLED,
    REPOSITORY,
    TAGGED,
    always,
    event,
    first,
    node,
    nodes,
    running,
    stream,
)

from pullscope.pull import flow
from pullscope.why.facts import Container, KubeletSettings, RegistryImage, Template, Unseen
from pullscope.why.findings import Forecast
from pullscope.why.report import groups

NEVER = replace(running(node=""), template=Template(TAGGED, "Never"))
LISTED = KubeletSettings("NeverVerifyAllowlistedImages", (REPOSITORY,))
NAMES = (TAGGED, f"{REPOSITORY}@{OLD}")
HELD = node("node-1", *NAMES)


def coming(container: Container, *there: Any, **changes: Any) -> Forecast:
    """The forecast for the first of these nodes."""
    return first(container, nodes=nodes(*there), **changes).forecast[0]


@pytest.mark.parametrize(
    ("container", "there", "got"),
    [
        (running(), HELD, (OLD, "node", "certain")),
        (running(), replace(HELD, reported=NOW - timedelta(minutes=9)), (OLD, "node", "likely")),
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


THEIRS = running(pod="app-2", uid="uid-2", namespace="shop", pull_secrets=("quay",), events=(event(PULLED),))
PRIVATE = {TAGGED: RegistryImage("found", NEW, anonymous=False)}


@pytest.mark.parametrize(
    ("mine", "there", "got", "asked"),
    [
        (running(node=""), HELD, (None, None, "likely"), flow.ACCESS),
        (running(node="", pull_secrets=("own",)), HELD, (NEW, "registry", "possible"), flow.ACCESS),
        (running(node="", pull_secrets=("default-dockercfg-x7k2p",)), HELD, (None, None, "likely"), flow.ACCESS),
        (running(node="", namespace="shop", pull_secrets=("quay", "own")), HELD, (OLD, "node", "certain"), flow.ACCESS),
        (running(node="", namespace="shop", pull_secrets=("own",)), HELD, (NEW, "registry", "possible"), flow.ACCESS),
        (NEVER, HELD, (None, None, "likely"), flow.NEVER_ACCESS),
        (running(node=""), replace(HELD, kubelet="v1.34.2"), (OLD, "node", "certain"), flow.ACCESS),
        (NEVER, replace(HELD, kubelet="v1.34.2"), (OLD, "node", "certain"), flow.NEVER_ACCESS),
        (running(node=""), replace(HELD, settings=KubeletSettings("NeverVerify")), (OLD, "node", "certain"), flow.ACCESS),
        (running(node=""), replace(HELD, settings=LISTED), (OLD, "node", "certain"), flow.ACCESS),
        (running(node=""), replace(HELD, kubelet="v1.34.2", settings=KubeletSettings("AlwaysVerify")), (None, None, "likely"), flow.ACCESS),
        (always(node=""), HELD, (NEW, "registry", "certain"), flow.POLICY),
    ],
)  # fmt: skip
def test_an_image_that_others_pulled_with_their_secret(
    mine: Container, there: Any, got: tuple[str | None, str | None, str], asked: str
) -> None:
    """Their pod is beside the one in question."""
    forecast = coming(mine, there, neighbours=(THEIRS,), registry=PRIVATE)
    assert (forecast.digest, forecast.source, forecast.certainty) == got
    assert asked in forecast.path
    assert flow.FLOW.contains(forecast.path)


@pytest.mark.parametrize(
    ("secrets", "unseen", "got"),
    [
        ((), (), (None, "likely")),
        (("own",), (), (None, "likely")),
        (("own",), (Unseen("pull secrets in namespace demo", "forbidden", ""),), ("registry", "possible")),
    ],
)
def test_a_registry_that_lets_nobody_in(secrets: tuple[str, ...], unseen: Any, got: tuple[str | None, str]) -> None:
    """Unless the pod's own secrets could not be shown to it."""
    mine = running(node="", pull_secrets=secrets)
    refused = {TAGGED: RegistryImage("unauthorised")}
    forecast = coming(mine, HELD, neighbours=(THEIRS,), registry=refused, unseen=unseen)
    assert (forecast.source, forecast.certainty) == got


@pytest.mark.parametrize(
    ("neighbour", "registry", "certainty"),
    [
        (THEIRS, {TAGGED: RegistryImage("found", NEW, anonymous=True)}, "likely"),  # perhaps without their secret
        (replace(THEIRS, events=()), PRIVATE, "likely"),  # perhaps it was loaded
        (replace(THEIRS, image_id=f"{REPOSITORY}@{NEW}"), PRIVATE, "likely"),  # they run another one
        (THEIRS, {TAGGED: RegistryImage("found", NEW)}, "likely"),  # nobody knows whether it wants their secret
        (replace(THEIRS, pull_secrets=()), PRIVATE, "certain"),  # then all may
        (
            replace(THEIRS, pull_secrets=("builder-dockercfg-x7k2p",)),
            PRIVATE,
            "certain",
        ),  # with the node's own credentials
    ],
)
def test_what_is_not_shown_to_be_theirs_is_the_nodes(neighbour: Container, registry: Any, certainty: str) -> None:
    forecast = coming(running(node=""), HELD, neighbours=(neighbour,), registry=registry)
    assert (forecast.digest, forecast.source, forecast.certainty) == (OLD, "node", certainty)


def test_each_node_decides_by_its_own_kubelet() -> None:
    """A cluster that is being upgraded: two forecasts, each with its way."""
    before, now = replace(HELD, name="before", kubelet="v1.34.2"), replace(HELD, name="now")
    beside = tuple(replace(THEIRS, node=each.name, uid=each.name) for each in (before, now))
    finding = first(running(node=""), nodes=nodes(before, now), neighbours=beside, registry=PRIVATE)
    told = [(each.digest, there) for each, there in groups.alike(finding.forecast)]
    assert told == [(OLD, ("before",)), (None, ("now",))]


def test_the_rule_that_decides_is_told() -> None:
    before = coming(running(node=""), replace(HELD, kubelet="v1.34.2"), neighbours=(THEIRS,), registry=PRIVATE)
    now = coming(running(node=""), HELD, neighbours=(THEIRS,), registry=PRIVATE)
    assert "kubelet v1.34.2 lets any pod use what its node has" in before.because.en
    assert "KubeletEnsureSecretPulledImages is off by default before 1.35" in before.because.en
    assert "pod app-2 pulled the node's copy with secret quay of namespace shop, which this pod lacks" in now.because.en
    assert now.because.en.endswith("so the registry is asked, and the pull fails: access was refused")


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
