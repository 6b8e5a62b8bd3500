"""Causes around image streams, and digests: what is named first, how surely, and what mends it."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.why.making import (
    AFTER,
    IN_STREAM,
    INTERNAL,
    NEW,
    OLD,
    OTHER,
    REPOSITORY,
    TAGGED,
    always,
    event,
    first,
    found,
    running,
    stream,
    waiting,
)

from pullscope.pull import reasons
from pullscope.why.facts import Container, RegistryImage, Stream, Template, Workload

BY_TAG = f"{INTERNAL}:v1"
BY_DIGEST = f"{INTERNAL}@{OLD}"
RUNS_OLD = f"{INTERNAL}@{OLD}"
RESTART = "kubectl rollout restart deployment/app -n demo"
GONE = {"demo/app": Stream("demo", "app", exists=False)}


def followed(digest: str = OLD, **changes: Any) -> dict[str, Any]:
    """A stream that was imported from quay.io, where the tag means the newer image by now."""
    return {"streams": stream(digest, follows=f"DockerImage {TAGGED}", **changes)}


def triggered(applied: str = "", **changes: Any) -> Container:
    """A container whose image a trigger on demo/app:v1 has set."""
    template = Template(BY_DIGEST, "IfNotPresent", applied=applied)
    return running(BY_DIGEST, image_id=RUNS_OLD, template=template, trigger="demo/app:v1", **changes)


@dataclass(frozen=True)
class Row:
    """A container and further facts; the verdict, the causes with their certainty, and the first one's commands."""

    id: str
    container: Container
    verdict: str
    causes: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)


LOST = 'spec.template.spec.containers[?(@.name=="web")].image'
SET_TRIGGER = "oc set triggers deployment/app --from-image=demo/app:v1 -c app -n demo"
UNSET_TRIGGER = "oc set triggers deployment/app --from-image=demo/app:v1 -c app --remove -n demo"
PATCH = '{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}}}'
ALWAYS = f"kubectl patch deployment/app -n demo -p '{PATCH}'"
IMPORT = "oc import-image app:v1 --confirm -n demo"

ROWS = (
    Row(
        "even Always is stale where the stream was not imported",
        always(image=BY_TAG, image_id=RUNS_OLD),
        "stale",
        (("stream-not-imported", "certain"),),
        (f"{IMPORT} && {RESTART}",),
        followed(),
    ),
    Row(
        "not imported, and admission wrote the digest into the template",
        running(BY_DIGEST, image_id=RUNS_OLD, template=Template(BY_DIGEST, "IfNotPresent", applied="app:v1")),
        "stale",
        (("stream-not-imported", "certain"),),
        (f"{IMPORT} && kubectl set image deployment/app app=app:v1 -n demo",),
        {"streams": stream(OLD, lookup_local=True, follows=TAGGED)},
    ),
    Row(
        "a trigger does what comes after the import",
        triggered(),
        "stale",
        (("stream-not-imported", "certain"),),
        (IMPORT,),
        followed(scheduled=True),
    ),
    Row(
        "not imported, and a node's copy would be used",
        running(BY_TAG, image_id=RUNS_OLD),
        "stale",
        (("stream-not-imported", "certain"),),
        (
            f"{IMPORT} && {ALWAYS}",
        ),
        followed(failure="Internal error occurred: quay.io/team/app:v1: unauthorized"),
    ),
    Row(
        "an import in the old mode keeps the platform's manifest",
        always(image=BY_TAG, image_id=RUNS_OLD),
        "up to date",
        (),
        (),
        {**followed(), "registry": {**IN_STREAM, TAGGED: found(manifests={"linux/amd64": OLD})}},
    ),
    Row(
        "Always, and the stream has moved",
        always(image=BY_TAG, image_id=RUNS_OLD),
        "stale",
        (("not-restarted", "certain"), ("trigger-missing", "possible")),
        (RESTART,),
        {"streams": stream(NEW, OLD)},
    ),
    Row(
        "the trigger is paused",
        triggered(trigger_paused=True),
        "stale",
        (("trigger-paused", "certain"),),
        ("oc set triggers deployment/app --auto -n demo",),
        {"streams": stream(NEW, OLD)},
    ),
    Row(
        "the trigger has not acted",
        triggered(),
        "stale",
        (("trigger-idle", "certain"),),
        (f"kubectl set image deployment/app app={INTERNAL}@{NEW} -n demo",),
        {"streams": stream(NEW, OLD)},
    ),
    Row(
        "the trigger has not acted yet",
        triggered(),
        "stale",
        (("trigger-idle", "possible"),),
        (f"kubectl set image deployment/app app={INTERNAL}@{NEW} -n demo",),
        {"streams": stream(NEW, OLD), "collected": AFTER},
    ),
    Row(
        "no trigger looks at a ReplicaSet",
        triggered(workload=Workload("ReplicaSet", "app")),
        "stale",
        (("trigger-idle", "certain"),),
        (),
        {"streams": stream(NEW, OLD), "collected": AFTER},
    ),
    Row(
        "the trigger has acted, and the rollout is paused",
        replace(triggered(), template=Template(f"{INTERNAL}@{NEW}", "IfNotPresent", paused=True)),
        "stale",
        (("rollout-paused", "certain"),),
        ("kubectl rollout resume deployment/app -n demo",),
        {"streams": stream(NEW, OLD)},
    ),
    Row(
        "the trigger is for a container that is not there",
        running(BY_DIGEST, image_id=RUNS_OLD, trigger_fault=LOST),
        "pinned",
        (("trigger-broken", "certain"), ("digest-pinned", "certain")),
        (SET_TRIGGER,),
        {"streams": stream(NEW, OLD)},
    ),
    Row(
        "the trigger that should put an image there is broken",
        waiting(reasons.invalid_name(" ", "invalid"), reasons.INVALID_IMAGE_NAME, image="a b", trigger_fault=LOST),
        "failing",
        (("invalid-name", "certain"), ("trigger-broken", "possible")),
        ("kubectl edit deployment/app -n demo",),
        {"streams": stream(NEW, OLD)},
    ),
    Row("a fault of another trigger explains nothing", running(digest=NEW, trigger_fault=LOST), "up to date", (), ()),
    Row("the trigger has done its work", triggered(), "up to date", (), (), {"streams": stream(OLD)}),
    Row(
        "no trigger for a digest out of a stream's history",
        running(BY_DIGEST, image_id=RUNS_OLD),
        "pinned",
        (("trigger-missing", "certain"), ("digest-pinned", "certain")),
        (SET_TRIGGER,),
        {"streams": stream(NEW, OLD)},
    ),
    Row(
        "the trigger puts its image in the place of what was applied",
        triggered(applied=TAGGED),
        "stale",
        (("trigger-rewrites", "certain"),),
        (f"{UNSET_TRIGGER} && kubectl set image deployment/app app={TAGGED} -n demo",),
        {"streams": stream(OLD)},
    ),
    Row(
        "a name that the trigger is meant to replace",
        triggered(applied="app:v1"),
        "up to date",
        (),
        (),
        {"streams": stream(OLD), "registry": {**IN_STREAM, "docker.io/library/app:v1": found()}},
    ),
    Row(
        "a short name was resolved when the pod was made",
        running(BY_DIGEST, image_id=RUNS_OLD, template=Template("app:v1", "IfNotPresent")),
        "stale",
        (("lookup-local", "certain"), ("trigger-missing", "possible")),
        (RESTART,),
        {"streams": stream(NEW, OLD, lookup_local=True)},
    ),
    Row(
        "admission wrote the digest into the template as well",
        running(BY_DIGEST, image_id=RUNS_OLD, template=Template(BY_DIGEST, "IfNotPresent", applied="app:v1")),
        "stale",
        (("lookup-local", "certain"), ("trigger-missing", "possible")),
        ("kubectl set image deployment/app app=app:v1 -n demo",),
        {"streams": stream(NEW, OLD, lookup_local=True)},
    ),
    Row(
        "a short name that still leads to what runs",
        running(BY_DIGEST, image_id=RUNS_OLD, template=Template("app:v1", "IfNotPresent")),
        "up to date",
        (),
        (),
        {"streams": stream(OLD, NEW, lookup_local=True)},
    ),
    Row(
        "the stream is gone",
        always(image=BY_TAG, image_id=RUNS_OLD),
        "unknown",
        (("stream-deleted", "certain"),),
        ("oc create imagestream app -n demo",),
        {"streams": GONE},
    ),
    Row(
        "the stream of a trigger is gone, and another registry has what runs",
        running(image=f"{REPOSITORY}@{OLD}", trigger="demo/app:v1"),
        "unknown",
        (("stream-deleted", "certain"),),
        (f"oc tag --source=docker {REPOSITORY}@{OLD} demo/app:v1",),
        {"streams": GONE},
    ),
    Row(
        "the tag was never imported",
        always(image=BY_TAG, image_id=RUNS_OLD),
        "unknown",
        (("stream-deleted", "certain"),),
        (IMPORT,),
        {"streams": stream(follows=f"DockerImage {TAGGED}", failure="not found")},
    ),
    Row(
        "a digest that somebody wrote",
        running(f"{REPOSITORY}@{OLD}"),
        "pinned",
        (("digest-pinned", "certain"),),
        (),
    ),
    Row(
        "a tag beside the digest that has moved",
        running(f"{TAGGED}@{OLD}"),
        "pinned",
        (("digest-pinned", "certain"),),
        (f"kubectl set image deployment/app app={TAGGED}@{NEW} -n demo",),
    ),
    Row(
        "a digest that admission wrote",
        running(f"{REPOSITORY}@{OLD}", template=Template(TAGGED, "IfNotPresent", "written")),
        "stale",
        (("not-restarted", "certain"),),
        (RESTART,),
        {"registry": {TAGGED: found(created=AFTER)}},
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_streams_and_digests_have_their_causes(row: Row) -> None:
    finding = first(row.container, **row.facts)
    assert finding.verdict == row.verdict, finding.because
    assert [(cause.id, cause.certainty) for cause in finding.causes] == list(row.causes)
    assert tuple(mend.command for cause in finding.causes[:1] for mend in cause.mends) == row.commands


def test_a_digest_that_runs_under_another_name_is_pinned_all_the_same() -> None:
    """An image with several digests has one of them in the status, which the registry may have lost."""
    image = f"{REPOSITORY}@{OLD}"
    finding = first(running(image, image_id=f"other.example/app@{OTHER}"), registry={image: found(OLD)})
    assert finding.verdict == "pinned"


def test_a_digest_that_is_written_now_is_not_what_older_pods_have() -> None:
    wanted = Template(f"{REPOSITORY}@{NEW}", "IfNotPresent")
    registry = {wanted.image: found()}
    finding = first(running(f"{REPOSITORY}@{OLD}", template=wanted, revision_current=False), registry=registry)
    assert (finding.verdict, finding.causes[0].id) == ("stale", "old-revision")


def test_an_unasked_registry_leaves_the_verdict_open() -> None:
    told = event(reasons.already_present(TAGGED))
    finding = first(running(events=(told,)), registry={})
    assert (finding.verdict, finding.causes, finding.wanted) == ("unknown", (), None)


def test_an_image_without_answer_is_no_stream() -> None:
    finding = first(always(image=BY_TAG, image_id=RUNS_OLD), registry={BY_TAG: RegistryImage("unauthorised")})
    assert finding.verdict == "unknown"
