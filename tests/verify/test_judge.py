"""The judge: every case passes on its evidence, and on nothing less; wrong reasons are never a pass."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pullscope.verify.case import Case
from pullscope.verify.cases import article
from pullscope.verify.evidence import Evidence, Log, Obstacle
from pullscope.verify.judge import judge

CaseOf = Callable[[str], Case]
EvidenceOf = Callable[[str], Evidence]
Change = Callable[[Evidence], Evidence]

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
REPOSITORY = "127.0.0.1:5000/pullscope/verify"


def pod(**changes: Any) -> Change:
    return lambda seen: replace(seen, pod=replace(seen.pod, **changes) if seen.pod else None)


def log(**changes: Any) -> Change:
    return lambda seen: replace(seen, log=replace(seen.log, **changes) if seen.log else None)


def control(**changes: Any) -> Change:
    return lambda seen: replace(seen, control=replace(seen.control, **changes) if seen.control else None)


def primed(**changes: Any) -> Change:
    return lambda seen: replace(seen, primed=replace(seen.primed, **changes) if seen.primed else None)


def evidence(**changes: Any) -> Change:
    return lambda seen: replace(seen, **changes)


def requests(status: int, digest: str | None = None) -> Change:
    def change(seen: Evidence) -> Evidence:
        tag = seen.reference.rpartition(":")[2]
        record = {"kind": "manifest", "reference": tag, "status": status, "digest": digest, "method": "GET"}
        return replace(seen, registry_requests=(record,))

    return change


def both(*changes: Change) -> Change:
    def change(seen: Evidence) -> Evidence:
        for each in changes:
            seen = each(seen)
        return seen

    return change


def running(war: str, digest: str) -> Change:
    """The pod runs that image after all, and its log fits."""

    def change(seen: Evidence) -> Evidence:
        assert seen.pod is not None
        ran = replace(seen.pod, running=True, status="Running", reason=None, message="", container_id="cri-o://x")
        from_ = replace(ran, image_id=f"{REPOSITORY}@{digest}")
        text = f'Deployed "/deployments/{war}"\nready\n'
        return replace(seen, pod=from_, log=_log(ran.uid, text))

    return change


def _log(uid: str, text: str) -> Log:
    return Log(uid, "cri-o://x", text)


def waiting(reason: str, message: str) -> Change:
    return both(
        pod(running=False, status=reason, reason=reason, message=message, image_id="", container_id=""),
        evidence(log=None),
    )


def missing(seen: Evidence) -> Evidence:
    """CRI-O's sentence that this tag is missing."""
    name, _, tag = seen.reference.rpartition(":")
    return waiting("ErrImagePull", f"pull image err: reading manifest {tag} in {name}: manifest unknown")(seen)


def pulling(seen: Evidence) -> Evidence:
    """The pod neither runs nor fails."""
    still = both(waiting("ContainerCreating", ""), pod(reason=None), evidence(seconds=None, waited=60.0))
    return still(seen)


@pytest.mark.parametrize("case", article.CASES, ids=lambda case: case.id)
def test_what_is_expected_passes(case: Case, evidence_of: EvidenceOf) -> None:
    observed, verdict = judge(case, evidence_of(case.id))
    assert (verdict.word, observed.outcome, observed.source) == ("pass", case.expected.outcome, case.expected.source)
    assert observed.seconds == 0.2


@pytest.mark.parametrize("case", article.CASES, ids=lambda case: case.id)
def test_a_registry_without_a_log_is_enough(case: Case, evidence_of: EvidenceOf) -> None:
    _, verdict = judge(case, replace(evidence_of(case.id), registry_requests=None))
    assert verdict.word == "pass"


@pytest.mark.parametrize(
    ("number", "change", "because"),
    [
        ("1", running("node.war", A), "runs node.war (aaaaaaaaaaaa), the node's copy, although it must fail"),
        ("1", both(running("node.war", A), requests(200, A)), "which the registry delivered, although it must fail"),
        ("2", both(running("node.war", A), evidence(registry_requests=())), "runs node.war (aaaaaaaaaaaa), the node's copy, without asking the registry, where registry.war"),
        ("2", both(running("node.war", A), requests(200, A)), "which the registry delivered, where registry.war (bbbbbbbbbbbb) was expected"),
        ("2", both(running("node.war", A), evidence(registry_requests=None)), "runs node.war (aaaaaaaaaaaa), where registry.war"),
        ("2", log(text='Deployed "/deployments/node.war"\nready\n'), "imageID names registry.war (bbbbbbbbbbbb), but the program that was executed found node.war"),
        ("2", missing, "the registry has it (bbbbbbbbbbbb)"),
        ("5", missing, "the image was on the node, but a pull was tried, and it failed because the registry does not know"),
        ("5", waiting("RegistryUnavailable", "connection refused"), "a pull was tried, and it failed because the registry cannot"),
        ("6", both(running("registry.war", B), requests(200, B)), "runs registry.war (bbbbbbbbbbbb), which the registry delivered, where node.war"),
        ("6", requests(200, B), "the registry was asked for the tag all the same"),
        ("6", log(text='Deployed "/deployments/registry.war"\nready\n'), "the program that was executed found registry.war"),
        ("7", waiting("ErrImageNeverPull", "is not present"), "although a pod had pulled the image on this node"),
        ("7", missing, "a pull was tried"),
        ("8", missing, "a pull was tried although the policy is Never"),
        ("8", requests(200, B), "the registry was asked for the tag all the same"),
        ("8", running("registry.war", B), "although it must fail"),
        ("3", waiting("ErrImageNeverPull", "is not present"), "although the policy is IfNotPresent"),
        ("1", both(missing, pod(reason="RegistryUnavailable")), "manifest unknown, where ErrImagePull or ImagePullBackOff was expected"),
        ("6", both(pulling, requests(200, B)), "ContainerCreating: a pull was tried, and does not end, although the registry must not be asked"),
        ("8", both(pulling, requests(200, B)), "a pull was tried, and does not end"),
    ],
)  # fmt: skip
def test_what_contradicts_fails(
    number: str, change: Change, because: str, case_of: CaseOf, evidence_of: EvidenceOf
) -> None:
    _, verdict = judge(case_of(number), change(evidence_of(number)))
    assert verdict.word == "fail"
    assert because in verdict.because


@pytest.mark.parametrize(
    ("number", "change", "because"),
    [
        ("1", waiting("RegistryUnavailable", "because the registry is unavailable: dial tcp: connection refused"), "the registry cannot be reached"),
        ("1", waiting("ErrImagePull", "x509: certificate signed by unknown authority"), "the registry's certificate"),
        ("1", waiting("ErrImagePull", "reading manifest v1 in x: authentication required"), "refused the credentials"),
        ("3", waiting("ErrImagePull", f"reading manifest typo in {REPOSITORY}: manifest unknown"), "another image than the one"),
        ("3", waiting("InvalidImageName", "invalid reference format"), "for another reason: InvalidImageName"),
        ("3", waiting("CreateContainerError", "no space left"), "for another reason: CreateContainerError: no space left"),
        ("3", both(waiting("ErrImagePull", "who knows"), evidence(registry_requests=None, events=())), "something that its message does not tell"),
        ("1", evidence(registry_requests=()), "no request for this tag that it answered with 404"),
        ("1", requests(401), "no request for this tag that it answered with 404"),
        ("1", evidence(registry_digest=A), "the registry said it still had aaaaaaaaaaaa"),
        ("1", evidence(control=None), "no positive control"),
        ("1", control(running=False, status="ErrImagePull"), "so did a fresh pod once the image was there: ErrImagePull"),
        ("1", control(uid="uid-1"), "not a fresh pod of the same template"),
        ("1", control(template_hash="other"), "not a fresh pod of the same template"),
        ("1", control(image_id=f"{REPOSITORY}@{A}"), "the positive control ran"),
        ("8", evidence(control=None), "no positive control"),
        ("8", waiting("InvalidImageName", "invalid"), "for another reason: InvalidImageName"),
        ("2", waiting("RegistryUnavailable", "connection refused"), "the registry cannot be reached"),
        ("4", waiting("ErrImagePull", "x509: bad"), "the registry's certificate"),
        ("4", waiting("CreateContainerConfigError", "no user"), "for a reason of its own: CreateContainerConfigError"),
        ("4", both(missing, evidence(registry_digest=None)), "the registry does not know this tag"),
        ("4", evidence(registry_requests=()), "does not show that it delivered it"),
        ("4", evidence(log=None), "its log could not be read"),
        ("4", log(uid="another"), "the log is of pod another, not of this one (uid-4)"),
        ("4", log(container_id="cri-o://other"), "the log is of another container"),
        ("4", log(text="ready\n"), "names no WAR"),
        ("4", log(text='Deployed "/deployments/node.war"\nDeployed "/deployments/registry.war"\n'), "more than one WAR: node.war, registry.war"),
        ("4", pod(restarts=1), "was restarted"),
        ("4", pod(executed=False), "the container is held"),
        ("4", pod(image_id="docker.io/library/nginx@sha256:" + "c" * 64), "names none of the images"),
        ("4", pod(image_id=""), "names none of the images"),
        ("6", both(evidence(registry_requests=None), evidence(registry_digest=A)), f"the registry held {A} under the tag"),
        ("5", both(evidence(registry_requests=None), evidence(registry_digest=A)), f"the registry held {A} under the tag"),
        ("6", evidence(primed=None), "no pod has pulled the image on the node before"),
        ("6", primed(image_id=f"{REPOSITORY}@{B}"), 'ran "127.0.0.1:5000/pullscope/verify@sha256:bbbb'),
        ("6", primed(gone=False), "was still there"),
        ("6", primed(node="other"), "the pod ran on node crc, but the image was put on node other"),
        ("6", pod(template_hash=""), "template hash"),
        ("6", evidence(template_hash="other"), "template hash"),
        ("6", evidence(obstacle=Obstacle("failed", "the push failed")), "the push failed"),
        ("6", evidence(pod=None, waited=60.0, events=()), "no pod of the Deployment appeared within 60 s"),
        ("6", both(evidence(seconds=None, waited=60.0), pod(running=False, status="Pending", unscheduled="0/1 nodes are available")), "after 60 s the pod neither ran nor failed, STATUS is Pending: 0/1 nodes are available"),
    ],
)  # fmt: skip
def test_what_proves_nothing_is_inconclusive(
    number: str, change: Change, because: str, case_of: CaseOf, evidence_of: EvidenceOf
) -> None:
    _, verdict = judge(case_of(number), change(evidence_of(number)))
    assert verdict.word == "inconclusive"
    assert because in verdict.because


@pytest.mark.parametrize(
    ("number", "change", "because"),
    [
        ("6", pod(policy="Always"), "changed imagePullPolicy from IfNotPresent to Always"),
        ("6", pod(image="mirror.test/x:v1"), "rewrote the image"),
        ("5", evidence(obstacle=Obstacle("unsupported", "the registry does not delete manifests")), "does not delete"),
    ],
)
def test_what_cannot_be_made_here_is_not_applicable(
    number: str, change: Change, because: str, case_of: CaseOf, evidence_of: EvidenceOf
) -> None:
    _, verdict = judge(case_of(number), change(evidence_of(number)))
    assert verdict.word == "not_applicable"
    assert because in verdict.because


def test_a_back_off_without_a_cause_is_explained_by_the_events(case_of: CaseOf, evidence_of: EvidenceOf) -> None:
    """As older kubelets say it, on a cluster whose STATUS is already ImagePullBackOff."""
    seen = evidence_of("1")
    backing_off = waiting("ImagePullBackOff", f'Back-off pulling image "{seen.reference}"')(seen)
    assert judge(case_of("1"), replace(backing_off, registry_requests=None))[1].word == "pass"


def test_a_log_of_the_registry_stands_in_for_a_mute_runtime(case_of: CaseOf, evidence_of: EvidenceOf) -> None:
    seen = both(waiting("ErrImagePull", "who knows"), evidence(events=()), requests(404))(evidence_of("3"))
    assert judge(case_of("3"), seen)[1].word == "pass"


@pytest.mark.parametrize("digest", ["sha256:" + "1" * 64, A])
def test_a_runtime_may_name_index_manifest_or_config(digest: str, case_of: CaseOf, evidence_of: EvidenceOf) -> None:
    """containerd names the index, CRI-O the manifest, a loaded image has its config's bare digest."""
    seen = pod(image_id=digest)(evidence_of("6"))
    observed, verdict = judge(case_of("6"), seen)
    assert (verdict.word, observed.source) == ("pass", "node")


def test_an_unasked_registry_may_hold_anything(case_of: CaseOf, evidence_of: EvidenceOf) -> None:
    """With its log it is proven that the node's copy was used, whatever the registry serves."""
    seen = replace(evidence_of("6"), registry_digest=A)
    assert judge(case_of("6"), seen)[1].word == "pass"


def test_a_passing_failure_names_both_reasons_and_times(case_of: CaseOf, evidence_of: EvidenceOf) -> None:
    because = judge(case_of("1"), evidence_of("1"))[1].because
    assert because.startswith("ErrImagePull after 0.2 s, then ImagePullBackOff after 0.2 s: the registry does not know")
    assert because.endswith("a fresh pod of the same template was Running once it was there")


def test_because_is_one_line(case_of: CaseOf, evidence_of: EvidenceOf) -> None:
    for case in article.CASES:
        because = judge(case, evidence_of(case.id))[1].because
        assert because
        assert "\n" not in because
        assert not because.endswith(".")
