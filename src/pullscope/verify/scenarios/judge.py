"""A scenario and its evidence in, a verdict out. [pure]

Every look is compared with what had to be seen; the first that differs decides. A scenario in which a pod must fail proves
its own failure: another look, before or after, shows the same image run when nothing is in its way (a test sees to that).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pullscope.pull import complaints
from pullscope.verify import observation
from pullscope.verify.evidence import Evidence, Observed, Pod, Sight, Variant
from pullscope.verify.scenarios.steps import Run, Scenario, See
from pullscope.verify.verdict import Verdict, failed, inconclusive, not_applicable, passed, short


def judge(scenario: Scenario, evidence: Evidence) -> tuple[Observed, Verdict]:
    """What was observed at the last look, and what all of them mean."""
    return replace(observation.derive(evidence), path=()), _verdict(scenario, evidence)


def differing(scenario: Scenario, evidence: Evidence) -> Verdict | None:
    """What the first look means that is not as it must be, whatever is done after it; None while all are."""
    looks = [step for step in scenario.steps if isinstance(step, See)]
    for see, sight in zip(looks, evidence.sights, strict=False):
        verdict = _compared(scenario, see, sight, evidence)
        if verdict is not None:
            return replace(verdict, because=f"{see.name}: {verdict.because}")
    return None


def _verdict(scenario: Scenario, evidence: Evidence) -> Verdict:
    verdict = differing(scenario, evidence)
    if verdict is not None:
        return verdict
    if evidence.obstacle is not None:
        make = {"unsupported": not_applicable, "failed": inconclusive, "contrary": failed}[evidence.obstacle.kind]
        return make(evidence.obstacle.text)
    looks = [step for step in scenario.steps if isinstance(step, See)]
    if len(evidence.sights) < len(looks):
        return inconclusive(f"only {len(evidence.sights)} of {len(looks)} looks were taken")
    return passed(_told(looks, evidence))


def _compared(scenario: Scenario, see: See, sight: Sight, evidence: Evidence) -> Verdict | None:
    """What is wrong with one look, or not proven; None where all is as it must be."""
    pod = sight.pod
    if pod is None:
        return inconclusive(f"there was no pod within {sight.waited:.0f} s")
    look = _Look(scenario, see, sight, pod, evidence)
    return next((verdict for check in _CHECKS if (verdict := check(look)) is not None), None)


class _Look:
    """One look, for the checks."""

    def __init__(self, scenario: Scenario, see: See, sight: Sight, pod: Pod, evidence: Evidence) -> None:
        self.see, self.sight, self.pod, self.evidence = see, sight, pod, evidence
        self.asked_for = next(step for step in scenario.steps if isinstance(step, Run) and step.name == see.name)


# ------------------------------------------------------------------------------- was it made as it was meant?


def _policy(look: _Look) -> Verdict | None:
    asked, wanted, has = look.asked_for.policy, look.see.policy, look.pod.policy
    if has == (wanted or asked):
        return None
    if wanted is not None:
        given = f"from {asked}" if asked else f'for "{look.pod.image}"'
        return failed(f"the API server made imagePullPolicy {has or 'nothing'} {given}, not {wanted}")
    return not_applicable(
        f"the cluster changed imagePullPolicy from {asked} to {has or 'nothing'} in the pod "
        "(an admission plugin such as AlwaysPullImages does that)"
    )


def _node(look: _Look) -> Verdict | None:
    if not look.pod.node or look.pod.node == look.sight.wanted_node:
        return None
    return inconclusive(f"the pod ran on node {look.pod.node}, not on {look.sight.wanted_node}")


def _restarts(look: _Look) -> Verdict | None:
    has = look.pod.restarts
    if has == look.see.restarts:
        return None
    return inconclusive(f"the container was restarted {has} times, and had to be {look.see.restarts} times")


# ---------------------------------------------------------------------------------------------- what is there


def _outcome(look: _Look) -> Verdict | None:
    see, sight, pod = look.see, look.sight, look.pod
    if pod.running:
        return failed(f"runs {_whose(look)}, although it must fail") if see.runs is None else None
    if see.runs is not None:
        return _fails(look)
    if not sight.settled:
        why = pod.unscheduled or pod.message
        return inconclusive(f"after {sight.waited:.0f} s it neither ran nor failed, STATUS is {pod.status}: {why}")
    if pod.reason not in see.waits:
        return failed(f"{pod.reason}: {pod.message}, where {' or '.join(see.waits)} was expected")
    return _cause(look)


def _fails(look: _Look) -> Verdict:
    """It had to run."""
    pod = look.pod
    if not look.sight.settled and pod.reason is None:
        return inconclusive(f"after {look.sight.waited:.0f} s it neither ran nor failed, STATUS is {pod.status}")
    wanted = look.evidence.variant(look.see.runs) if look.see.runs else None
    return failed(f"{pod.reason}: {pod.message}, where {_said(wanted)} had to run")


def _cause(look: _Look) -> Verdict | None:
    """Whether a pull failed because of what the scenario is about."""
    wanted, pod = look.see.cause, look.pod
    if wanted is None:
        return None
    told = (event.message for event in look.sight.events if event.reason == "Failed")
    cause = complaints.told(pod.image, [pod.message, *told])
    if cause is wanted:
        return None
    make = inconclusive if cause is complaints.Cause.UNKNOWN else failed
    return make(f"{pod.reason}: the pull failed because {cause.value}, not because {wanted.value}: {pod.message}")


def _image(look: _Look) -> Verdict | None:
    """Which image runs: imageID and the program's own word, both of this container."""
    pod, log = look.pod, look.sight.log
    if look.see.runs is None:
        return None
    runs, wanted = look.evidence.named_by(pod.image_id), look.evidence.variant(look.see.runs)
    if runs is None or wanted is None:
        return inconclusive(f'imageID "{pod.image_id}" names none of the images that were made for this scenario')
    if log is None:
        return inconclusive(f"its log could not be read ({look.sight.log_error})")
    if (log.uid, log.container_id) != (pod.uid, pod.container_id):
        return inconclusive("the log is of another container than the one that runs")
    wars = observation.deployed(log.text)
    if wars != (runs.war,):
        return failed(
            f"imageID names {_said(runs)}, but the program that was executed found {', '.join(wars) or 'none'}"
        )
    return failed(f"runs {_said(runs)}, where {_said(wanted)} was expected") if runs != wanted else None


# ------------------------------------------------------------------------------------------- how it came to it


def _asked(look: _Look) -> Verdict | None:
    wanted, asked = look.see.asked, manifests(look.sight)
    if wanted is None or wanted is bool(asked):
        return None
    return failed("the registry was not asked" if wanted else f"the registry was asked {len(asked)} times")


def _times(look: _Look) -> Verdict | None:
    wanted, asked = look.see.times, resolved(look.sight)
    if wanted is None or wanted == asked:
        return None
    return failed(f"the registry was asked {asked} times what the tag means, not {wanted} times")


def _sent(look: _Look) -> Verdict | None:
    wanted, count = look.see.sent, sent(look.sight)
    if wanted is None or wanted is (count > 0):
        return None
    return failed(f"the registry sent {count} bytes of blobs")


def _event(look: _Look) -> Verdict | None:
    wanted, absent = look.see.event, look.see.absent
    told = [f"{event.reason}: {event.message}" for event in look.sight.events]
    if wanted and not any(wanted in each for each in told):
        return failed(f'no event says "{wanted}"')
    return next((failed(f"an event says {each}") for each in told if absent and absent in each), None)


_CHECKS: tuple[Callable[[_Look], Verdict | None], ...] = (
    _policy,
    _node,
    _outcome,
    _restarts,
    _image,
    _asked,
    _times,
    _sent,
    _event,
)


def manifests(sight: Sight) -> list[dict[str, Any]]:
    """The requests for manifests that the registry got since the last step."""
    return [each for each in sight.requests if each["kind"] == "manifest" and each["method"] in ("GET", "HEAD")]


def resolved(sight: Sight) -> int:
    """How often it was asked what a tag means."""
    return sum(each["method"] == "GET" and not each["reference"].startswith("sha256:") for each in manifests(sight))


def sent(sight: Sight) -> int:
    """How many bytes of blobs it sent."""
    return sum(each["bytes"] for each in sight.requests if each["kind"] == "blob" and each["method"] == "GET")


def _whose(look: _Look) -> str:
    return _said(look.evidence.named_by(look.pod.image_id)) if look.pod.image_id else "something"


def _said(variant: Variant | None) -> str:
    return f"{variant.war} ({short(variant.digest)})" if variant else "an image that was not made here"


def _told(looks: list[See], evidence: Evidence) -> str:
    """All looks in one sentence."""
    return "; ".join(
        f"{see.name} {_seen(see, sight, evidence)}" for see, sight in zip(looks, evidence.sights, strict=True)
    )


def _seen(see: See, sight: Sight, evidence: Evidence) -> str:
    assert sight.pod is not None
    if not sight.pod.running:
        return f"{sight.pod.reason}"
    runs = f"runs {_said(evidence.named_by(sight.pod.image_id))}"
    return runs if see.asked is None else f"{runs}, {'asked for' if see.asked else 'without asking'}"
