"""The proven way through the flowchart: as the chart says where a cluster behaves, and visibly off it where not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pullscope.pull import reasons
from pullscope.verify import observation, path
from pullscope.verify.cases import article
from pullscope.verify.evidence import Event, Evidence

EvidenceOf = Callable[[str], Evidence]
PULLED = ("back-off", "pull")


@pytest.mark.parametrize(
    ("number", "nodes"),
    [
        ("1", (*PULLED, "pull-failed")),
        ("2", (*PULLED, "registry-image")),
        ("3", ("present", *PULLED, "pull-failed")),
        ("4", ("present", *PULLED, "registry-image")),
        ("5", ("present", "access", "node-image")),
        ("6", ("present", "access", "node-image")),
        ("7", ("never-present", "never-access", "node-image")),
        ("8", ("never-present", "never-pull")),
    ],
)
@pytest.mark.parametrize("logged", [True, False], ids=["log", "no log"])
def test_what_is_expected_walks_the_chart(
    number: str, nodes: tuple[str, ...], logged: bool, evidence_of: EvidenceOf
) -> None:
    seen = evidence_of(number) if logged else replace(evidence_of(number), registry_requests=None)
    found = observation.derive(seen).path
    assert found == ("start", "name", "policy", *nodes)
    assert path.is_walk(found)


def test_every_case_of_the_suite_has_a_row() -> None:
    assert [case.id for case in article.CASES] == [str(number) for number in range(1, 9)]


def test_a_cache_used_under_always_is_off_the_chart(evidence_of: EvidenceOf) -> None:
    seen = evidence_of("2")
    assert seen.pod is not None
    node = seen.variants[0]
    lied = replace(seen, registry_requests=(), pod=replace(seen.pod, image_id=node.digest))
    found = observation.derive(lied).path
    assert found == ("start", "name", "policy", "node-image")
    assert not path.is_walk(found)


def test_a_registry_asked_under_never_is_off_the_chart(evidence_of: EvidenceOf) -> None:
    seen = evidence_of("7")
    tag = seen.reference.rpartition(":")[2]
    asked = replace(seen, registry_requests=({"kind": "manifest", "reference": tag, "status": 200, "digest": None},))
    assert not path.is_walk(observation.derive(asked).path)


@pytest.mark.parametrize("reason", ["RegistryUnavailable", "SignatureValidationFailed"])
def test_other_ends_of_a_pull(reason: str, evidence_of: EvidenceOf) -> None:
    seen = evidence_of("1")
    pulling = reasons.pulling(seen.reference)
    notes = [pulling, reasons.pull_failed(seen.reference, f"{reason}: x"), reasons.sync_failed(reason)]
    events = tuple(Event(0.1, note.type, note.reason, note.message, "Pod", "kubelet") for note in notes)
    found = observation.derive(replace(seen, events=events)).path
    assert path.is_walk(found)
    assert found[-1] == {"RegistryUnavailable": "registry-unavailable"}.get(reason, "signature-failed")


def test_a_malformed_name(evidence_of: EvidenceOf) -> None:
    seen = evidence_of("3")
    assert seen.pod is not None
    named = replace(seen, pod=replace(seen.pod, reason="InvalidImageName"))
    assert observation.derive(named).path == ("start", "name", "invalid-name")


def test_nothing_is_proven_without_the_kubelets_events(evidence_of: EvidenceOf) -> None:
    seen = replace(evidence_of("6"), events=evidence_of("6").events[:1])
    assert observation.derive(seen).path == ()


def test_an_unknown_image_has_no_end(evidence_of: EvidenceOf) -> None:
    seen = evidence_of("6")
    assert seen.pod is not None
    other = replace(seen, pod=replace(seen.pod, image_id="sha256:" + "c" * 64))
    assert not path.is_walk(observation.derive(other).path)
