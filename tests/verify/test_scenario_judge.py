"""The judge of scenarios: each passes on what it must show, and one thing that is otherwise changes the verdict."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.verify.conftest import NODE, REGISTRY

from pullscope.pull.complaints import Cause
from pullscope.verify.cases import suites
from pullscope.verify.evidence import Event, Evidence, Log, Obstacle, Pod, Sight, Variant
from pullscope.verify.judge import judge
from pullscope.verify.scenarios.steps import Run, Scenario, See

SCENARIOS = {case.id: case for case in suites.rows("full") if isinstance(case, Scenario)}
NAME = "127.0.0.1:5000/pullscope/verify"
IMAGE = f"{NAME}:v1"
VARIANTS = {"node": NODE, "registry": REGISTRY}
SENTENCES = {
    Cause.MISSING: f"reading manifest v1 in {NAME}: manifest unknown",
    Cause.CREDENTIALS: "authentication required",
    Cause.UNREACHABLE: "dial tcp 127.0.0.1:5000: connect: connection refused",
    Cause.BROKEN: "received unexpected HTTP status: 500 Internal Server Error",
}

Change = Callable[[Sight], Sight]


def expected(scenario: Scenario) -> Evidence:
    """Evidence in which all looks show what they must."""
    runs = {step.name: step for step in scenario.steps if isinstance(step, Run)}
    looks = [step for step in scenario.steps if isinstance(step, See)]
    sights = tuple(_sight(see, runs[see.name], number) for number, see in enumerate(looks))
    return Evidence(IMAGE, variants=(NODE, REGISTRY), sights=sights)


def _sight(see: See, run: Run, number: int) -> Sight:
    pod = Pod(
        *(f"uid-{number}", see.name, "", "crc", see.policy or run.policy or "", IMAGE),
        status="Running" if see.runs else see.waits[0],
        running=see.runs is not None,
        reason=None if see.runs else see.waits[0],
        message=SENTENCES[see.cause] if see.cause else "",
        restarts=see.restarts,
    )
    log = None
    if see.runs:
        ran = VARIANTS[see.runs]
        pod = replace(pod, image_id=f"{NAME}@{ran.digest}", container_id=f"cri-o://{number}")
        log = Log(pod.uid, pod.container_id, f'Deployed "/deployments/{ran.war}"\nready\n')
    reason, _, message = see.event.rpartition(": ")
    events = (Event(0.1, "Normal", reason or "Pulled", message, "Pod"),) if see.event else ()
    asked = (request("manifest"),) * (see.times or int(bool(see.asked)))
    blobs = (request("blob"),) if see.sent else ()
    return Sight(pod, settled=True, waited=0.2, events=events, log=log, requests=asked + blobs, wanted_node="crc")


def request(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "method": "GET", "reference": "v1", "status": 200, "bytes": 512, **more}


def pod(**changes: Any) -> Change:
    return lambda sight: replace(sight, pod=replace(sight.pod, **changes) if sight.pod else None)


def log(**changes: Any) -> Change:
    return lambda sight: replace(sight, log=replace(sight.log, **changes) if sight.log else None)


def sight(**changes: Any) -> Change:
    return lambda seen: replace(seen, **changes)


def running(variant: Variant) -> Change:
    """That image runs, and its program says so."""

    def change(seen: Sight) -> Sight:
        assert seen.pod is not None
        ran = replace(
            seen.pod, running=True, reason=None, image_id=f"{NAME}@{variant.digest}", container_id="cri-o://x"
        )
        return replace(seen, pod=ran, log=Log(ran.uid, "cri-o://x", f'Deployed "/deployments/{variant.war}"\n'))

    return change


def waiting(reason: str, message: str = "") -> Change:
    return pod(running=False, status=reason, reason=reason, message=message)


def test_what_is_expected_passes() -> None:
    verdicts = {number: judge(scenario, expected(scenario))[1] for number, scenario in SCENARIOS.items()}
    assert {number: said for number, said in verdicts.items() if said.word != "pass"} == {}


@pytest.mark.parametrize(
    ("number", "look", "change", "word", "because"),
    [
        ("d1", 1, pod(policy="IfNotPresent"), "fail", f'made imagePullPolicy IfNotPresent for "{IMAGE}", not Always'),
        ("p2", 0, pod(policy="Never"), "fail", "made imagePullPolicy Never from Never, not Always"),
        ("o1", 0, pod(policy="Never"), "not_applicable", "changed imagePullPolicy from Always to Never"),
        ("n1", 2, pod(node="other"), "inconclusive", "the pod ran on node other, not on crc"),
        ("r4", 1, pod(restarts=2), "inconclusive", "was restarted 2 times, and had to be 1 times"),
        ("o1", 1, sight(pod=None, waited=60.0), "inconclusive", "there was no pod within 60 s"),
        ("o1", 1, running(NODE), "fail", "runs node.war (aaaaaaaaaaaa), where registry.war (bbbbbbbbbbbb) was expected"),
        ("o1", 1, waiting("ErrImagePull", "denied"), "fail", "ErrImagePull: denied, where registry.war"),
        ("o1", 1, log(text='Deployed "/deployments/node.war"\n'), "fail", "the program that was executed found node.war"),
        ("o1", 1, log(text="ready\n"), "fail", "the program that was executed found none"),
        ("o1", 1, log(uid="another"), "inconclusive", "the log is of another container"),
        ("o1", 1, log(container_id="another"), "inconclusive", "the log is of another container"),
        ("o1", 1, sight(log=None, log_error="gone"), "inconclusive", "its log could not be read (gone)"),
        ("o1", 1, pod(image_id=f"{NAME}@sha256:{'c' * 64}"), "inconclusive", "names none of the images"),
        ("o1", 1, sight(requests=()), "fail", "the registry was not asked"),
        ("o2", 1, sight(requests=(request("manifest"),) * 2), "fail", "the registry was asked 2 times"),
        ("i2", 0, sight(requests=(request("manifest"),) * 2), "fail", "asked 2 times what the tag means, not 1 times"),
        ("d6", 1, sight(requests=(request("manifest"), request("blob"))), "fail", "sent 512 bytes of blobs"),
        ("c4", 0, sight(events=()), "fail", 'no event says "FailedToRetrieveImagePullSecret'),
        ("o6", 1, running(NODE), "fail", "runs node.war (aaaaaaaaaaaa), although it must fail"),
        ("o6", 1, waiting("ErrImageNeverPull", "no"), "fail", "where ErrImagePull or ImagePullBackOff was expected"),
        ("o6", 1, pod(message="authentication required"), "fail", "refused the credentials, or wants some, not because"),
        ("o6", 1, pod(message="who knows"), "inconclusive", "not because the registry does not know this tag"),
        ("o6", 1, sight(settled=False, waited=60.0), "inconclusive", "after 60 s it neither ran nor failed"),
    ],
)  # fmt: skip
def test_one_thing_that_is_otherwise(number: str, look: int, change: Change, word: str, because: str) -> None:
    scenario, seen = SCENARIOS[number], expected(SCENARIOS[number])
    sights = [*seen.sights]
    sights[look] = change(sights[look])
    _, verdict = judge(scenario, replace(seen, sights=tuple(sights)))
    name = [step.name for step in scenario.steps if isinstance(step, See)][look]
    assert verdict.word == word, verdict
    assert verdict.because.startswith(f"{name}: ")
    assert because in verdict.because


def test_the_first_look_that_is_otherwise_decides() -> None:
    seen = expected(SCENARIOS["o1"])
    first, second = seen.sights
    wrong = replace(seen, sights=(sight(requests=())(first), waiting("ErrImagePull")(second)))
    assert judge(SCENARIOS["o1"], wrong)[1].because == "app: the registry was not asked"


@pytest.mark.parametrize(
    ("kind", "word"), [("unsupported", "not_applicable"), ("failed", "inconclusive"), ("contrary", "fail")]
)
def test_what_kept_it_from_going_on_counts_after_what_was_seen(kind: Any, word: str) -> None:
    whole = expected(SCENARIOS["o1"])
    seen = replace(whole, sights=whole.sights[:1], obstacle=Obstacle(kind, "it did not"))
    assert judge(SCENARIOS["o1"], seen)[1].word == word
    wrong = replace(seen, sights=(running(REGISTRY)(seen.sights[0]),))
    assert judge(SCENARIOS["o1"], wrong)[1].word == "fail"


def test_looks_that_were_not_taken_prove_nothing() -> None:
    whole = expected(SCENARIOS["o1"])
    verdict = judge(SCENARIOS["o1"], replace(whole, sights=whole.sights[:1]))[1]
    assert (verdict.word, verdict.because) == ("inconclusive", "only 1 of 2 looks were taken")
