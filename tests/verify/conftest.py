"""Evidence as a real cluster gives it (sentences and orders as recorded), one for each case of the suite."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from pullscope.kube.events import Note
from pullscope.pull import reasons
from pullscope.verify.case import Case
from pullscope.verify.cases import article
from pullscope.verify.evidence import (
    Control,
    Event,
    Evidence,
    Log,
    NodeImages,
    Operation,
    Pod,
    Primed,
    StatusChange,
    Step,
    Variant,
)
from pullscope.verify.report import live

REPOSITORY = "127.0.0.1:5000/pullscope/verify"
NODE = Variant("node", "node.war", "sha256:" + "a" * 64, frozenset({"sha256:" + "a" * 64, "sha256:" + "1" * 64}))
REGISTRY = Variant("registry", "registry.war", "sha256:" + "b" * 64, frozenset({"sha256:" + "b" * 64}))


def reference_of(case: Case) -> str:
    return f"{REPOSITORY}:case-{case.id}-4f2a9c"


def request(tag: str, status: int, digest: str | None = None) -> dict[str, Any]:
    return {
        "seconds": 0.05,
        "method": "GET",
        "path": f"/v2/pullscope/verify/manifests/{tag}",
        "repository": "pullscope/verify",
        "reference": tag,
        "kind": "manifest",
        "digest": digest,
        "status": status,
        "bytes": 512,
        "user_agent": "cri-o/1.37.0",
        "remote": "127.0.0.1",
    }


def _events(case: Case, image: str) -> tuple[Event, ...]:
    notes = [Note("Normal", "Scheduled", f"Successfully assigned pullscope-4f2a9c/case-{case.id}-x to crc")]
    if case.expected.source == "node":
        notes += [reasons.already_present(image), reasons.created("app"), reasons.started("app")]
    elif case.expected.source == "registry":
        pulled = Note("Normal", "Pulled", f'Successfully pulled image "{image}" in 40ms (40ms including waiting).')
        notes += [reasons.pulling(image), pulled, reasons.created("app"), reasons.started("app")]
    elif case.policy == "Never":
        notes += [reasons.not_present(image), reasons.sync_failed("ErrImageNeverPull")]
    else:
        failed = [reasons.pull_failed(image, sentence(case)), reasons.sync_failed("ErrImagePull")]
        notes += [reasons.pulling(image), *failed, reasons.back_off(image), reasons.sync_failed("ImagePullBackOff")]
    return tuple(
        Event(0.1 + 0.02 * at, note.type, note.reason, note.message, "Pod", "kubelet" if at else "default-scheduler")
        for at, note in enumerate(notes)
    )


def sentence(case: Case) -> str:
    """CRI-O's sentence for a missing manifest."""
    tag = f"case-{case.id}-4f2a9c"
    read = f"reading manifest {tag} in {REPOSITORY}: manifest unknown"
    return (
        f"unable to pull image or OCI artifact: pull image err: initializing source docker://{REPOSITORY}:{tag}: {read}"
    )


def _pod(case: Case, image: str) -> Pod:
    running = case.expected.outcome == "running"
    reason = None if running else case.expected.reasons[0]
    message = "" if running else sentence(case)
    if reason == reasons.ERR_IMAGE_NEVER_PULL:
        message = reasons.not_present(image).message
    ran = NODE if case.expected.source == "node" else REGISTRY
    status = reason or "Running"
    return Pod(
        uid=f"uid-{case.id}",
        name=f"case-{case.id}-6f5f64d9f5-9n562",
        template_hash="6f5f64d9f5",
        node="crc",
        policy=case.policy,
        image=image,
        status=status,
        running=running,
        reason=reason,
        message=message,
        image_id=f"{REPOSITORY}@{ran.digest}" if running else "",
        container_id=f"cri-o://{case.id}" if running else "",
        timeline=(
            StatusChange(0.02, "Pending"),
            StatusChange(0.06, "ContainerCreating"),
            StatusChange(0.2, status, message),
        ),
    )


def _requests(case: Case) -> tuple[dict[str, Any], ...]:
    tag = f"case-{case.id}-4f2a9c"
    if case.expected.source == "registry":
        return (request(tag, 200, REGISTRY.digest),)
    return (request(tag, 404),) if reasons.ERR_IMAGE_PULL in case.expected.reasons else ()


def _setup(case: Case, image: str) -> tuple[Operation, ...]:
    pushed = Step(f"pushed {image} (registry.war)", REGISTRY.digest)
    return (
        Operation(
            1, "policy", case.policy, (Step(f"created Deployment case-{case.id}", f"the pod has {case.policy}"),)
        ),
        Operation(
            2,
            "node",
            "present" if case.on_node else "absent",
            (Step("ran a pod with the tag", "it pulled sha256:aaaa"), Step("deleted the pod", "it is gone"))
            if case.on_node
            else (Step("took a tag that no node has seen", "case-3-4f2a9c"),),
        ),
        Operation(
            3,
            "registry",
            "present" if case.in_registry else "missing",
            (pushed,) if case.in_registry else (pushed, Step("deleted the manifest", "202; HEAD gives 404")),
        ),
    )


def _evidence(case: Case) -> Evidence:
    image = reference_of(case)
    waits = case.expected.outcome == "waiting"
    made = [NODE] if case.on_node else []
    made += [REGISTRY] if case.in_registry or waits else []
    control = Control(
        (Step("pushed the image again", REGISTRY.digest), Step("deleted the pod", "a fresh one came")),
        f"uid-{case.id}-fresh",
        "6f5f64d9f5",
        "Running",
        True,
        f"{REPOSITORY}@{REGISTRY.digest}",
        0.3,
    )
    war = "node.war" if case.expected.source == "node" else "registry.war"
    return Evidence(
        reference=image,
        variants=tuple(made),
        setup=_setup(case, image),
        primed=Primed("prime-x", "crc", f"{REPOSITORY}@{NODE.digest}", gone=True) if case.on_node else None,
        registry_digest=REGISTRY.digest if case.in_registry else None,
        template_hash="6f5f64d9f5",
        pod=_pod(case, image),
        events=_events(case, image),
        log=None if waits else Log(f"uid-{case.id}", f"cri-o://{case.id}", f'Deployed "/deployments/{war}"\nready\n'),
        registry_requests=_requests(case),
        control=control if waits else None,
        node_images=(
            NodeImages("before", "crc", (image,) if case.on_node else (), 0.2),
            NodeImages("after", "crc", () if waits and not case.on_node else (image,), 0.4),
        ),
        seconds=0.2,
        waited=0.2,
    )


@pytest.fixture
def case_of() -> Callable[[str], Case]:
    """A case of the suite by its number."""
    return {case.id: case for case in article.CASES}.__getitem__


@pytest.fixture
def evidence_of() -> Callable[[str], Evidence]:
    """What is seen when the case of that number goes as expected."""
    return {case.id: _evidence(case) for case in article.CASES}.__getitem__


def piped() -> live.Live:
    """Progress as a pipe gets it: warnings alone."""
    return live.Live(Console(stderr=True), None)
