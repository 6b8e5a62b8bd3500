"""The verdict on a case that must fail: does it fail because the image is missing, and for nothing else? [pure]

An unreachable registry, a certificate, credentials and a typo end in ErrImagePull too. So the runtime's sentence or the
registry's log must say that this tag is missing (`judge_refused`: or what else the case is about), and the positive control
(a fresh pod of the same template, once the image is back) must run.
"""

from pullscope.pull import complaints, reasons
from pullscope.verify import failures, judge_refused, observation, path
from pullscope.verify.case import Case
from pullscope.verify.evidence import Control, Event, Evidence, Observed, Pod
from pullscope.verify.verdict import Verdict, failed, inconclusive, passed, short

_STREAM_DELETED = "the ImageStream is deleted, and the registry knows this tag by it alone"


def judge(case: Case, evidence: Evidence, pod: Pod) -> Verdict:
    """The pod fails, as it must: for the right reason, and is that proven?"""
    if reasons.ERR_IMAGE_NEVER_PULL in case.expected.reasons:
        wrong = _never_pulled(case, evidence, pod)
        proof = "the node has no image under this tag, and the policy is never to pull"
    elif case.misbehaves:
        wrong = judge_refused.wrong(case, evidence, pod)
        proof = judge_refused.proof(case)
    else:
        wrong = _tag_missing(case, evidence, pod)
        proof = _STREAM_DELETED if failures.stream_missing(evidence) else complaints.Cause.MISSING.value
    wrong = wrong or _another_reason(case, pod) or _uncontrolled(evidence, pod)
    mended = evidence.control.status if evidence.control else ""
    return wrong or passed(
        f"{_seen(evidence, pod)}: {proof}; a fresh pod of the same template was {mended} once it was there"
    )


def runs_instead(evidence: Evidence, pod: Pod, observed: Observed) -> str:
    """What to say of a pod that runs although it must fail."""
    variant = evidence.named_by(pod.image_id)
    what = f"{variant.war} ({short(variant.digest)})" if variant else pod.image_id
    whence = "which the registry delivered" if observed.source == "registry" else "the node's copy"
    return f"runs {what}, {whence}, although it must fail"


def times(evidence: Evidence) -> list[tuple[str, float]]:
    """The reasons of the failure and when each was first seen, in STATUS or in an event (STATUS lags by one sync)."""
    seen: dict[str, float] = {}
    said = [(change.seconds, change.status) for change in evidence.pod.timeline] if evidence.pod else []
    said += [(event.seconds, _told(event)) for event in evidence.events]
    for seconds, reason in sorted(said):
        if reason in (*failures.PULL_REASONS, reasons.ERR_IMAGE_NEVER_PULL):
            seen.setdefault(reason, seconds)
    return sorted(seen.items(), key=lambda item: item[1])


def _told(event: Event) -> str:
    """The reason that an event stands for."""
    return reasons.IMAGE_PULL_BACK_OFF if event.reason == reasons.BACK_OFF else event.message.removeprefix("Error: ")


def _tag_missing(case: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    """Whether the pull failed, and because the registry does not know this tag."""
    if pod.reason == reasons.ERR_IMAGE_NEVER_PULL:
        return failed(f"ErrImageNeverPull, although the policy is {case.policy}")
    if pod.reason not in failures.PULL_REASONS:
        return inconclusive(f"the container did not start, for another reason: {pod.reason}: {pod.message}")
    cause = failures.cause(evidence)
    logged = bool(observation.missing_requests(evidence))
    if evidence.registry_requests is not None and not logged:
        return inconclusive(
            "the pull failed, but the registry's log shows no request for this tag that it answered with 404"
        )
    proven = cause is complaints.Cause.MISSING or failures.stream_missing(evidence)
    if not proven and not (cause is complaints.Cause.UNKNOWN and logged):
        return inconclusive(f"the pull failed, but because {cause.value}: {pod.message}")
    if evidence.registry_digest is not None:
        return inconclusive(f"the pull failed, but the registry said it still had {short(evidence.registry_digest)}")
    return None


def _never_pulled(case: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    named = pod.reason == reasons.ERR_IMAGE_NEVER_PULL
    if pod.reason in failures.PULL_REASONS or (path.asked(case, evidence) and not named):
        return failed(f"{pod.reason}: a pull was tried although the policy is Never")
    if not named:
        return inconclusive(f"the container did not start, for another reason: {pod.reason}: {pod.message}")
    if path.asked(case, evidence):
        return failed("ErrImageNeverPull as expected, but the registry was asked for the tag all the same")
    return None


def _another_reason(case: Case, pod: Pod) -> Verdict | None:
    """Whether the kubelet gives a reason that is for something else. Not every runtime has a word for what it came to."""
    wanted = case.expected.reasons
    if pod.reason is None or pod.reason in (*wanted, reasons.ERR_IMAGE_PULL, reasons.IMAGE_PULL_BACK_OFF):
        return None
    return failed(f"{pod.reason}: {pod.message}, where {' or '.join(wanted)} was expected")


def _uncontrolled(evidence: Evidence, pod: Pod) -> Verdict | None:
    """Whether the positive control leaves another explanation."""
    control = evidence.control
    if control is None:
        return inconclusive("it failed as expected, but there was no positive control")
    if not control.running:
        return inconclusive(f"it failed as expected, but so did a fresh pod once the image was there: {control.status}")
    if not _same_template(control, evidence, pod):
        return inconclusive("it failed as expected, but the positive control was not a fresh pod of the same template")
    mended = evidence.variant("registry")
    if mended is None or evidence.named_by(control.image_id) != mended:
        return inconclusive(f'it failed as expected, but the positive control ran "{control.image_id}"')
    return None


def _same_template(control: Control, evidence: Evidence, pod: Pod) -> bool:
    return control.uid != pod.uid and control.template_hash == evidence.template_hash


def _seen(evidence: Evidence, pod: Pod) -> str:
    seen = ", then ".join(f"{reason} after {seconds:.1f} s" for reason, seconds in times(evidence))
    return seen or f"{pod.status} after {evidence.waited:.1f} s"
