"""Rows of the decision, as upstream's image_manager_test.go has them, and the algebra around them."""

import itertools
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube.events import Note
from pullscope.pull import flow, policy, reasons
from pullscope.pull.policy import Absent, BackingOff, Facts, InspectFailed, Present

IMAGE = "127.0.0.1:5001/m/app:v1"


@dataclass(frozen=True)
class Row:
    id: str
    facts: Facts
    decision: type[policy.Decision]
    reason: str | None
    event: tuple[str, str, str]
    path: str


def row(id: str, pull: policy.PullPolicy, local: policy.Local, *outcome: object, **facts: object) -> Row:  # noqa: A002 (a row's own word)
    return Row(id, Facts(IMAGE, pull, local=local, **facts), *outcome)  # type: ignore[arg-type]  # rows are literals


PULLING = ("Normal", "Pulling", f'Pulling image "{IMAGE}"')
USED = ("Normal", "Pulled", f'Container image "{IMAGE}" already present on machine and can be accessed by the pod')
USED_BEFORE_135 = ("Normal", "Pulled", f'Container image "{IMAGE}" already present on machine')
NEVER = ("Warning", "ErrImageNeverPull", f'Container image "{IMAGE}" is not present with pull policy of Never')
BACKOFF = ("Normal", "BackOff", f'Back-off pulling image "{IMAGE}"')
INSPECT = ("Warning", "InspectFailed", 'Failed to inspect image "": boom')

ROWS = [
    row("always, absent", "Always", Absent(), policy.Pull, None, PULLING, "policy back-off pull"),
    row("always, present: not looked at", "Always", Present("i"), policy.Pull, None, PULLING, "policy back-off pull"),
    row(
        "always, broken runtime: not asked",
        "Always",
        InspectFailed("boom"),
        policy.Pull,
        None,
        PULLING,
        "policy back-off pull",
    ),
    row("if not present, absent", "IfNotPresent", Absent(), policy.Pull, None, PULLING, "policy present back-off pull"),
    row(
        "if not present, present",
        "IfNotPresent",
        Present("i"),
        policy.UseLocal,
        None,
        USED,
        "policy present access node-image",
    ),
    row(
        "before 1.35",
        "IfNotPresent",
        Present("i"),
        policy.UseLocal,
        None,
        USED_BEFORE_135,
        "policy present access node-image",
        version=(1, 34),
    ),
    row(
        "present, not for this pod",
        "IfNotPresent",
        Present("i", accessible=False),
        policy.Pull,
        None,
        PULLING,
        "policy present access back-off pull",
    ),
    row(
        "if not present, inspect fails",
        "IfNotPresent",
        InspectFailed("boom"),
        policy.Refuse,
        "ImageInspectError",
        INSPECT,
        "policy present inspect-failed",
    ),
    row(
        "never, absent", "Never", Absent(), policy.Refuse, "ErrImageNeverPull", NEVER, "policy never-present never-pull"
    ),
    row(
        "never, present",
        "Never",
        Present("i"),
        policy.UseLocal,
        None,
        USED,
        "policy never-present never-access node-image",
    ),
    row(
        "never, not for this pod",
        "Never",
        Present("i", accessible=False),
        policy.Refuse,
        "ErrImageNeverPull",
        NEVER,
        "policy never-present never-access never-pull",
    ),
    row(
        "never, inspect fails",
        "Never",
        InspectFailed("boom"),
        policy.Refuse,
        "ImageInspectError",
        INSPECT,
        "policy never-present inspect-failed",
    ),
    row(
        "always, backing off",
        "Always",
        Absent(),
        policy.Refuse,
        "ImagePullBackOff",
        BACKOFF,
        "policy back-off waiting",
        back_off=BackingOff("ErrImagePull: x"),
    ),
    row(
        "absent, backing off",
        "IfNotPresent",
        Absent(),
        policy.Refuse,
        "ImagePullBackOff",
        BACKOFF,
        "policy present back-off waiting",
        back_off=BackingOff(),
    ),
    row(
        "present: the back-off does not matter",
        "IfNotPresent",
        Present("i"),
        policy.UseLocal,
        None,
        USED,
        "policy present access node-image",
        back_off=BackingOff(),
    ),
    row(
        "never: no back-off",
        "Never",
        Absent(),
        policy.Refuse,
        "ErrImageNeverPull",
        NEVER,
        "policy never-present never-pull",
        back_off=BackingOff(),
    ),
]


@pytest.mark.parametrize("case", [pytest.param(r, id=r.id) for r in ROWS])
def test_decision(case: Row) -> None:
    decision = policy.decide(case.facts)
    assert isinstance(decision, case.decision)
    assert getattr(decision, "reason", None) == case.reason
    assert (decision.note.type, decision.note.reason, decision.note.message) == case.event
    assert decision.path == ("start", "name", *case.path.split())


def test_the_waiting_message_of_a_back_off_repeats_the_last_error() -> None:
    refused = policy.decide(Facts(IMAGE, "Always", back_off=BackingOff("ErrImagePull: manifest unknown")))
    assert isinstance(refused, policy.Refuse)
    assert refused.message == f'Back-off pulling image "{IMAGE}": ErrImagePull: manifest unknown'


@pytest.mark.parametrize("pull", ["Always", "IfNotPresent", "Never"])
def test_a_malformed_name_is_refused_under_any_policy(pull: policy.PullPolicy) -> None:
    refused = policy.decide(Facts("a b:v1", pull, name_error="invalid reference format"))
    assert isinstance(refused, policy.Refuse)
    assert refused.reason == "InvalidImageName"
    assert refused.note.reason == "InspectFailed"
    assert refused.message == (
        'Failed to apply default image tag "a b:v1": couldn\'t parse image name "a b:v1": invalid reference format'
    )
    assert refused.path == ("start", "name", "invalid-name")


def pull_now() -> policy.Pull:
    decision = policy.decide(Facts(IMAGE, "Always"))
    assert isinstance(decision, policy.Pull)
    return decision


def test_a_delivered_image_is_used() -> None:
    outcome = policy.Delivered("id", 2161886, timedelta(milliseconds=157.9), timedelta(milliseconds=157.9))
    used = policy.conclude(pull_now(), IMAGE, outcome)
    assert used == policy.UsePulled("id", used.note, ("start", "name", "policy", "back-off", "pull", "registry-image"))
    assert used.note.message == (
        f'Successfully pulled image "{IMAGE}" in 157ms (157ms including waiting). Image size: 2161886 bytes.'
    )


@pytest.mark.parametrize(
    ("error", "reason", "message", "end"),
    [
        ("manifest unknown", "ErrImagePull", "manifest unknown", "pull-failed"),
        (
            "RegistryUnavailable: unable to pull image: x",
            "RegistryUnavailable",
            f"image pull failed for {IMAGE} because the registry is unavailable: unable to pull image: x",
            "registry-unavailable",
        ),
        (
            "SignatureValidationFailed: bad key",
            "SignatureValidationFailed",
            f"image pull failed for {IMAGE} because the signature validation failed: bad key",
            "signature-failed",
        ),
    ],
)
def test_a_failed_pull(error: str, reason: str, message: str, end: str) -> None:
    refused = policy.conclude(pull_now(), IMAGE, policy.NotDelivered(error))
    assert isinstance(refused, policy.Refuse)
    assert (refused.reason, refused.message, refused.path[-1]) == (reason, message, end)
    assert refused.note == Note("Warning", "Failed", f'Failed to pull image "{IMAGE}": {error}')
    assert reason in reasons.PULL_ERRORS


def every_path() -> set[tuple[str, ...]]:
    locals_: list[policy.Local] = [Absent(), Present("i"), Present("i", accessible=False), InspectFailed("e")]
    pulls: tuple[policy.PullPolicy, ...] = ("Always", "IfNotPresent", "Never")
    paths = set()
    for pull, local, back_off, name_error in itertools.product(pulls, locals_, (None, BackingOff()), (None, "bad")):
        decision = policy.decide(Facts(IMAGE, pull, name_error, local, back_off))
        paths.add(decision.path)
        if isinstance(decision, policy.Pull):
            outcomes = [policy.NotDelivered(e) for e in ("x", "RegistryUnavailable", "SignatureValidationFailed")]
            paths |= {policy.conclude(decision, IMAGE, outcome).path for outcome in outcomes}
            delivered = policy.Delivered("i", 1, timedelta(), timedelta())
            paths.add(policy.conclude(decision, IMAGE, delivered).path)
    return paths


def test_every_path_is_a_walk_through_the_flowchart() -> None:
    assert all(flow.FLOW.contains(path) for path in every_path())


def test_every_box_and_every_arrow_of_the_flowchart_is_on_a_path() -> None:
    paths = every_path()
    assert {step for path in paths for step in path} == {node.id for node in flow.FLOW.nodes}
    arrows = {arrow for path in paths for arrow in itertools.pairwise(path)}
    assert arrows == {(edge.source, edge.target) for edge in flow.FLOW.edges}


LOCALS: st.SearchStrategy[policy.Local] = st.one_of(
    st.just(Absent()), st.builds(Present, st.text(), st.booleans()), st.builds(InspectFailed, st.text())
)


@given(LOCALS)
def test_always_never_depends_on_the_node(local: policy.Local) -> None:
    assert policy.decide(Facts(IMAGE, "Always", local=local)) == policy.decide(Facts(IMAGE, "Always"))


@given(LOCALS, st.sampled_from([None, BackingOff("x")]))
def test_never_never_asks_the_registry(local: policy.Local, back_off: BackingOff | None) -> None:
    decision = policy.decide(Facts(IMAGE, "Never", local=local, back_off=back_off))
    assert not isinstance(decision, policy.Pull)
    assert decision == policy.decide(Facts(IMAGE, "Never", local=local))


DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("app", "Always"),
        ("127.0.0.1:5000/app", "Always"),
        ("app:latest", "Always"),
        ("app:v1", "IfNotPresent"),
        ("app:1.0", "IfNotPresent"),
        (f"app@{DIGEST}", "IfNotPresent"),
        (f"app:v1@{DIGEST}", "IfNotPresent"),
        (f"app:latest@{DIGEST}", "Always"),
        ("a b:latest", "IfNotPresent"),
        ("", "IfNotPresent"),
    ],
)
def test_the_default_policy(image: str, expected: str) -> None:
    assert policy.default(image) == expected
