"""Verdicts: what is known is said, and nothing else."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.why.making import (
    NEW,
    OLD,
    TAGGED,
    always,
    event,
    facts,
    first,
    found,
    ids,
    node,
    nodes,
    running,
    stream,
    waiting,
)

from pullscope.pull import reasons
from pullscope.why import judge, rules
from pullscope.why.facts import Container, Template, Workload


@pytest.mark.parametrize(
    ("container", "verdict"),
    [
        (running(digest=NEW), "up to date"),
        (running(digest=OLD), "stale"),
        (running(digest=OLD, state="terminated"), "unknown"),
        (running(digest=OLD, state="terminated", kind="init container"), "stale"),
        (running(digest=OLD, state="waiting", reason="CrashLoopBackOff"), "stale"),
        (running(digest=NEW, state="terminated"), "up to date"),
        (running(image_id=""), "unknown"),
        (running(image_id="", state="waiting", reason=reasons.CONTAINER_CREATING), "unknown"),
        (running(image_id="", state="unknown"), "unknown"),
        (running("a b"), "unknown"),
        (waiting(reasons.not_present(TAGGED), reasons.ERR_IMAGE_NEVER_PULL), "failing"),
        (waiting(reasons.inspect_failed("it broke"), reasons.IMAGE_INSPECT_ERROR), "failing"),
    ],
)
def test_each_state_has_its_verdict(container: Container, verdict: str) -> None:
    finding = first(container)
    assert finding.verdict == verdict
    assert finding.because.en
    assert finding.because.ja


def test_nothing_tells_the_image_of_a_volume() -> None:
    finding = first(running(image_id="", state="unknown", kind="image volume"))
    assert (finding.verdict, finding.because.en) == ("unknown", "a pod's status does not tell which image a volume has")


def test_what_is_shown_are_the_digests_that_were_compared() -> None:
    finding = first(running(), nodes=nodes(node("node-1", TAGGED, f"quay.io/team/app@{OLD}")))
    assert (finding.running, finding.wanted, finding.on_node) == (OLD, NEW, OLD)


def test_a_diagnosis_is_stale_when_anything_is() -> None:
    assert judge.judge(facts(running(), running(digest=NEW))).stale
    assert not judge.judge(facts(running(digest=NEW))).stale


def test_a_stream_that_is_not_there_is_no_stream_that_is_not_seen() -> None:
    """Without a word on streams, a trigger's container is judged by its own reference."""
    finding = first(running(trigger="demo/app:v1"))
    assert finding.verdict == "stale"


def test_an_image_of_several_platforms_is_one_image() -> None:
    registry = {TAGGED: found(NEW, manifests={"linux/amd64": OLD})}
    assert first(running(), registry=registry).verdict == "up to date"


def test_a_pod_without_a_node_waits_for_one() -> None:
    assert first(running(image_id="", state="unknown", started=None, node="")).because.en.startswith(
        "it waits for a node"
    )


@pytest.mark.parametrize("kind", ["Deployment", "Job", "Pod", "ReplicaSet", "Rollout", "CronJob"])
@pytest.mark.parametrize("of", ["container", "init container", "ephemeral container", "image volume"])
def test_whatever_makes_pods_gets_commands_of_its_own(kind: str, of: Any) -> None:
    """No kind of container and workload has a mend that another kind's command would be."""
    for container in (
        running(workload=Workload(kind, "app"), kind=of),
        always(workload=Workload(kind, "app"), kind=of),
    ):
        finding = first(container)
        assert ids(finding)
        assert all(mend.command.startswith("kubectl ") for cause in finding.causes for mend in cause.mends)


TEXT = st.one_of(st.text(max_size=30), st.sampled_from((TAGGED, OLD, f"{TAGGED}@{OLD}", "a b", "@", "x@sha256:1")))


@given(
    image=TEXT,
    written=TEXT,
    applied=TEXT,
    image_id=TEXT,
    message=TEXT,
    trigger=TEXT,
    reason=st.sampled_from(("", *reasons.NO_IMAGE)),
    listed=st.lists(TEXT, max_size=6),
)
def test_whatever_a_cluster_says_is_judged(
    image: str, written: str, applied: str, image_id: str, message: str, trigger: str, reason: str, listed: list[str]
) -> None:  # fmt: skip
    """References, ids and messages may be anything; commands stay words of a shell."""
    state = "waiting" if reason else "running"
    told = (event(reasons.pull_failed(image, message)), event(reasons.already_present(image)))
    template = Template(written, "IfNotPresent", applied=applied)
    container = running(
        image,
        image_id=image_id,
        message=message,
        trigger=trigger,
        reason=reason,
        state=state,
        events=told,
        template=template,
    )
    finding = first(container, nodes=nodes(node("node-1", *listed)), streams=stream(OLD, NEW, lookup_local=True))
    assert finding.because.en
    assert all(shlex.split(mend.command) for cause in finding.causes for mend in cause.mends)


def test_rules_are_told_apart_and_in_two_languages() -> None:
    assert len({rule.id for rule in rules.ALL}) == len(rules.ALL)
    assert all(rule.title.en and rule.title.ja for rule in rules.ALL)


def test_streams_of_other_namespaces_are_others() -> None:
    other = {"other/app": next(iter(stream(NEW, lookup_local=True).values()))}
    assert first(running("app:v1", digest=NEW), streams=other, registry={}).verdict == "unknown"
