"""Causes of a container that cannot start: what is named first, how surely, and what mends it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.why.making import (
    NEW,
    NOW,
    OLD,
    PULLED,
    REPOSITORY,
    TAGGED,
    event,
    first,
    found,
    ids,
    node,
    nodes,
    running,
    stream,
    waiting,
)

from pullscope.kube.events import Note
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.openshift import names
from pullscope.pull import failures, flavours, reasons
from pullscope.pull.failures import PullFailure
from pullscope.why.facts import Container, KubeletSettings, RegistryImage, Template, Workload
from pullscope.why.rules import back_off

REFERENCE = reference.literal("quay.io/team/app:v1")
AGAIN = "kubectl delete pod app-6f5f64d9f5-9n562 -n demo"
HELD = nodes(node("node-1", TAGGED, f"{REPOSITORY}@{OLD}"))
OLDER = nodes(replace(HELD["node-1"], kubelet="v1.34.3"))
NO_TAG = RegistryImage("no tag", error="manifest unknown")
NOT_PRESENT = reasons.not_present(TAGGED)


def pulling(failure: PullFailure, image: str = TAGGED, **changes: Any) -> Container:
    """A container that waits since CRI-O failed in that way."""
    sentence = flavours.sentence("cri-o", reference.parse(image), failure)
    reason, message = reasons.pull_error(image, sentence.message)
    note = Note(reasons.WARNING, reasons.FAILED, reasons.back_off_waiting(image, f"{reason}: {message}"))
    failed = event(reasons.pull_failed(image, sentence.message), NOW)
    return waiting(note, image=image, events=(failed,), **{"template": Template(image, "IfNotPresent"), **changes})


@dataclass(frozen=True)
class Row:
    """Containers and further facts; the causes of the first one with their certainty, and what the first one's mends begin with."""

    id: str
    containers: tuple[Container, ...]
    causes: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)


CREATE_SECRET = "kubectl create secret generic pull-secret -n demo --type=kubernetes.io/dockerconfigjson"
CURL = "curl -sS -o /dev/null -w '%{http_code}\\n' https://quay.io/v2/"
OTHERS = f"{names.INTERNAL_REGISTRY}/others/app:v1"
PINNED = f"{REPOSITORY}@{OLD}"

ROWS = (
    Row(
        "the tag is missing",
        (pulling(failures.ManifestUnknown()),),
        (("missing", "certain"), ("back-off", "possible")),
        (f"docker push {TAGGED}",),
        {"registry": {TAGGED: NO_TAG}},
    ),
    Row(
        "the repository is missing",
        (pulling(failures.NameUnknown()),),
        (("missing", "certain"), ("back-off", "possible")),
        (f"docker push {TAGGED}",),
        {"registry": {TAGGED: RegistryImage("no repository", error="name unknown")}},
    ),
    Row(
        "the tag is back, and only the wait is left",
        (pulling(failures.ManifestUnknown()),),
        (("back-off", "likely"), ("missing", "possible")),
        (AGAIN,),
    ),
    Row(
        "nothing listens",
        (pulling(failures.ConnectionRefused("quay.io:443")),),
        (("unreachable", "certain"), ("back-off", "possible")),
        (CURL,),
        {"registry": {TAGGED: RegistryImage("unreachable", error="connection refused")}},
    ),
    Row(
        "the certificate is not trusted, and the node's copy would do",
        (pulling(failures.TlsFailed("x509: certificate signed by unknown authority"), policy="Always",
                 template=Template(TAGGED, "Always")),),
        (("unreachable", "likely"), ("back-off", "possible")),
        (CURL, "kubectl patch deployment/app -n demo -p "),
        {"nodes": HELD},
    ),
    Row(
        "no credentials",
        (pulling(failures.AuthenticationRequired()),),
        (("unauthorised", "certain"), ("back-off", "possible")),
        (CREATE_SECRET,),
    ),
    Row(
        "another pod has the secret",
        (pulling(failures.Denied()), running(uid="uid-2", pod="app-2", node="node-2", pull_secrets=("quay",))),
        (("unauthorised", "certain"), ("back-off", "possible")),
        ("""kubectl patch deployment/app -n demo -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"quay"}]}}}}'""",),
    ),
    Row(
        "another pod has a secret for OpenShift's own registry alone",
        (pulling(failures.Denied()), running(uid="uid-2", pod="app-2", node="node-2", pull_secrets=("robot-dockercfg-x7k2p",))),
        (("unauthorised", "certain"), ("back-off", "possible")),
        (CREATE_SECRET,),
    ),
    Row(
        "an image of another project",
        (pulling(failures.AuthenticationRequired(), image=OTHERS),),
        (("unauthorised", "certain"), ("back-off", "possible")),
        (
            f"oc policy add-role-to-user system:image-puller system:serviceaccount:demo:default -n others && {AGAIN}",
        ),
    ),
    Row(
        "too many requests",
        (pulling(failures.TooManyRequests(), workload=Workload("Job", "app")),),
        (("rate-limited", "certain"), ("back-off", "possible")),
        (CREATE_SECRET,),
        {"registry": {TAGGED: RegistryImage("rate limited", error="toomanyrequests")}},
    ),
    Row(
        "other bytes than the digest names",
        (pulling(failures.WrongManifestDigest(Digest.parse(NEW), Digest.parse(OLD))),),
        (("wrong-content", "certain"), ("back-off", "possible")),
        (f"skopeo copy docker://{TAGGED} dir:image", f"docker push {TAGGED}"),
    ),
    Row(
        "no variant for the node",
        (pulling(failures.NoMatchingPlatform("linux", "amd64")),),
        (("architecture", "certain"), ("back-off", "possible")),
        (f"docker buildx build --platform linux/amd64 -t {TAGGED} --push .",),
        {"nodes": nodes(node()), "registry": {TAGGED: found(manifests={"linux/arm64": OLD})}},
    ),
    Row(
        "a name in capitals",
        (waiting(reasons.invalid_name("Quay.io/App:v1", "invalid"), reasons.INVALID_IMAGE_NAME, image="quay.io/App:V1"),),
        (("invalid-name", "certain"),),
        ("kubectl set image deployment/app app=quay.io/app:V1 -n demo",),
    ),
    Row(
        "a name beyond repair",
        (waiting(reasons.invalid_name("a b", "invalid reference format"), reasons.INVALID_IMAGE_NAME, image="a b"),),
        (("invalid-name", "certain"),),
        ("kubectl edit deployment/app -n demo",),
    ),
    Row(
        "Never, and not there",
        (waiting(NOT_PRESENT, reasons.ERR_IMAGE_NEVER_PULL, policy="Never"),),
        (("never-absent", "certain"),),
        ("""kubectl patch deployment/app -n demo -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"IfNotPresent"}]}}}}'""",),
        {"nodes": nodes(node())},
    ),
    Row(
        "Never, and who knows",
        (waiting(NOT_PRESENT, reasons.ERR_IMAGE_NEVER_PULL, policy="Never"),),
        (("never-absent", "likely"),),
        ("kubectl patch deployment/app",),
    ),
    Row(
        "Never refuses what is there",
        (waiting(NOT_PRESENT, reasons.ERR_IMAGE_NEVER_PULL, policy="Never"),),
        (("credential-check", "certain"),),
        (CREATE_SECRET,),
        {"nodes": HELD},
    ),
    Row(
        "IfNotPresent pulls what is there, and may not",
        (pulling(failures.AuthenticationRequired()), running(uid="uid-2", pod="app-2", pull_secrets=("quay",))),
        (("credential-check", "certain"), ("unauthorised", "certain"), ("back-off", "possible")),
        ("kubectl patch deployment/app -n demo -p ",),
        {"nodes": HELD},
    ),
    Row(
        "IfNotPresent pulls what is there, and the registry lacks it",
        (pulling(failures.ManifestUnknown()),),
        (("missing", "certain"), ("credential-check", "likely"), ("back-off", "possible")),
        (f"docker push {TAGGED}",),
        {"nodes": HELD, "registry": {TAGGED: NO_TAG}},
    ),
    Row(
        "IfNotPresent pulled before the node had it, since kubelets before 1.35 do not look at credentials again",
        (pulling(failures.AuthenticationRequired()), running(uid="uid-2", pod="app-2", pull_secrets=("quay",))),
        (("unauthorised", "certain"), ("back-off", "possible")),
        ("kubectl patch deployment/app -n demo -p ",),
        {"nodes": OLDER},
    ),
    Row(
        "Never, and a kubelet before 1.35 refuses nothing that is there",
        (waiting(NOT_PRESENT, reasons.ERR_IMAGE_NEVER_PULL, policy="Never"),),
        (("never-absent", "likely"),),
        ("kubectl patch deployment/app",),
        {"nodes": OLDER},
    ),
    Row(
        "nor does one that was told not to look",
        (waiting(NOT_PRESENT, reasons.ERR_IMAGE_NEVER_PULL, policy="Never"),),
        (("never-absent", "likely"),),
        ("kubectl patch deployment/app",),
        {"nodes": nodes(replace(HELD["node-1"], settings=KubeletSettings("NeverVerify")))},
    ),
    Row(
        "AlwaysPullImages asks for what is there",
        (pulling(failures.ManifestUnknown(), policy="Always", template=Template(TAGGED, "IfNotPresent", "written")),),
        (("always-pull-images", "certain"), ("missing", "certain"), ("back-off", "possible")),
        (f"docker push {TAGGED}",),
        {"nodes": HELD, "registry": {TAGGED: NO_TAG}},
    ),
    Row(
        "AlwaysPullImages changes nothing where the image is not there",
        (pulling(failures.ManifestUnknown(), policy="Always", template=Template(TAGGED, "IfNotPresent", "written")),),
        (("missing", "certain"), ("back-off", "possible")),
        (f"docker push {TAGGED}",),
        {"nodes": nodes(node()), "registry": {TAGGED: NO_TAG}},
    ),
    Row(
        "an old revision's digest was pruned",
        (pulling(failures.ManifestUnknown(), image=PINNED),),
        (("revision-pruned", "certain"), ("missing", "certain"), ("back-off", "possible")),
        (f"kubectl set image deployment/app app={REPOSITORY}@{NEW} -n demo",),
        {"streams": stream(NEW, repository=REPOSITORY), "registry": {PINNED: NO_TAG}},
    ),
    Row(
        "a digest is missing that the stream has in its history",
        (pulling(failures.ManifestUnknown(), image=PINNED),),
        (("missing", "certain"), ("back-off", "possible")),
        (f"docker push {PINNED}",),
        {"streams": stream(NEW, OLD, repository=REPOSITORY), "registry": {PINNED: NO_TAG}},
    ),
    Row(
        "AlwaysPullImages, and nobody sees whether the node has the image",
        (pulling(failures.ManifestUnknown(), policy="Always", template=Template(TAGGED, "IfNotPresent", "written")),),
        (("missing", "certain"), ("always-pull-images", "possible"), ("back-off", "possible")),
        (f"docker push {TAGGED}",),
        {"registry": {TAGGED: NO_TAG}},
    ),
    Row(
        "a digest is missing, and no stream tells more",
        (pulling(failures.ManifestUnknown(), image=PINNED),),
        (("revision-pruned", "certain"), ("missing", "certain"), ("back-off", "possible")),
        ("kubectl edit deployment/app -n demo",),
        {"registry": {PINNED: NO_TAG}},
    ),
    Row(
        "a digest is missing, and pods of the revision before are left",
        (pulling(failures.ManifestUnknown(), image=PINNED), running(uid="uid-2", pod="app-2", revision_current=False)),
        (("revision-pruned", "certain"), ("missing", "certain"), ("back-off", "possible")),
        ("kubectl rollout undo deployment/app -n demo",),
        {"registry": {PINNED: NO_TAG}},
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_failing_container_has_its_cause(row: Row) -> None:
    finding = first(*row.containers, **row.facts)
    assert finding.verdict == "failing", finding.because
    assert [(cause.id, cause.certainty) for cause in finding.causes] == list(row.causes)
    commands = [mend.command for mend in finding.causes[0].mends]
    assert len(commands) == len(row.commands)
    assert all(command.startswith(begun) for command, begun in zip(commands, row.commands, strict=True)), commands


@pytest.mark.parametrize("flavour", ["cri-o", "containerd"])
def test_both_runtimes_are_understood(flavour: flavours.Flavour) -> None:
    """Whose sentence it is does not matter."""
    found_in = {}
    for failure in (failures.ManifestUnknown(), failures.AuthenticationRequired(), failures.ConnectionRefused("h:1")):
        text = flavours.sentence(flavour, REFERENCE, failure).message
        found_in[type(failure).__name__] = ids(first(waiting(reasons.pull_failed(TAGGED, text))))[0]
    named = {
        "ManifestUnknown": "back-off",
        "AuthenticationRequired": "unauthorised",
        "ConnectionRefused": "unreachable",
    }
    assert found_in == named


def test_a_pod_that_is_refused_now_is_refused_again() -> None:
    """Whatever our own login, or others' secrets, told us of the image."""
    theirs = running(uid="uid-2", pod="app-2", pull_secrets=("quay",), events=(event(PULLED),))
    finding = first(pulling(failures.AuthenticationRequired(), pull_secrets=("own",)), theirs, nodes=HELD)
    (forecast,) = finding.forecast
    assert (forecast.digest, forecast.source, forecast.certainty) == (None, None, "likely")


def test_the_same_pod_was_possible_before_the_credential_check() -> None:
    """Of kubelets before 1.35, Never means what it says."""
    old = {"node-1": replace(HELD["node-1"], kubelet="v1.34.3", images=())}
    finding = first(waiting(NOT_PRESENT, reasons.ERR_IMAGE_NEVER_PULL, policy="Never"), nodes=old)
    assert [(cause.id, cause.certainty) for cause in finding.causes] == [("never-absent", "certain")]


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("no tag", "missing"),
        ("no repository", "missing"),
        ("unauthorised", "unauthorised"),
        ("rate limited", "rate-limited"),
        ("unreachable", "unreachable"),
    ],
)
def test_what_runs_is_not_judged_without_an_answer(status: Any, cause: str) -> None:
    """A registry that does not say what the tag means leaves no verdict on what runs."""
    finding = first(running(), registry={TAGGED: RegistryImage(status, error="the registry's own words")})
    assert (finding.verdict, ids(finding)) == ("unknown", [cause])


def test_the_tries_are_counted() -> None:
    """Three failures make a window of 40 seconds, and a try up to 15 seconds after it."""
    failed = pulling(failures.ManifestUnknown()).events[0]
    container = replace(pulling(failures.ManifestUnknown()), events=(replace(failed, count=3),))
    finding = first(container)
    cause = finding.causes[0]
    told = "try 3 failed at 2026-11-21T13:00:00Z; the next comes between 2026-11-21T13:00:40Z and 2026-11-21T13:00:55Z"
    assert (cause.id, cause.evidence[-1].en) == ("back-off", told)
    assert finding.because.en == f"ImagePullBackOff: the registry does not know this tag; {told}"


def test_no_next_try_is_promised_for_a_time_that_is_over() -> None:
    """A kubelet's recorder drops most events of a pod after the first 25, so tries go on that no event tells of."""
    failed = replace(pulling(failures.ManifestUnknown()).events[0], last=NOW - timedelta(minutes=9), count=5)
    finding = first(replace(pulling(failures.ManifestUnknown()), events=(failed,)))
    assert "the next comes" not in finding.because.en
    assert "try 5 failed at 2026-11-21T12:51:00Z, and the events tell of none since" in finding.because.en


@pytest.mark.parametrize(("failures_", "seconds"), [(1, 10), (2, 20), (5, 160), (6, 300), (40, 300)])
def test_the_window_doubles(failures_: int, seconds: int) -> None:
    assert back_off.window(failures_) == timedelta(seconds=seconds)
