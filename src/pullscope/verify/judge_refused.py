"""The verdict on a pull that must fail because of what the registry does: for this cause, and for no other? [pure]

The registry is one of the case's own, so its log tells what it answered; the runtime's sentence must not say something else.
"""

from pullscope.pull import reasons
from pullscope.pull.complaints import Cause
from pullscope.verify import failures, path
from pullscope.verify.case import Case
from pullscope.verify.evidence import Evidence, Pod
from pullscope.verify.verdict import Verdict, failed, inconclusive

_ANSWERS = {"404 repository": 404, "401": 401, "403": 403, "429": 429, "500": 500, "wrong digest": 200}
"""What the registry's log says of each request for the tag. With the wrong digest, what is behind the tag is wrong."""


def wrong(case: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    """What is wrong with the failure, or not proven; None where it is the expected one."""
    if case.waits_on:
        return _gave_up(evidence, pod)
    if pod.reason == reasons.ERR_IMAGE_NEVER_PULL:
        return failed(f"ErrImageNeverPull, although the policy is {case.policy}")
    if pod.reason not in failures.PULL_REASONS:
        return inconclusive(f"the container did not start, for another reason: {pod.reason}: {pod.message}")
    return _unanswered(case, evidence) or _another_cause(case, evidence, pod)


def proof(case: Case) -> str:
    """What a failure for the expected cause proves."""
    if case.waits_on:
        return "the registry took the request and did not answer, so the pull neither ends nor fails"
    return case.expected.cause.value


def _unanswered(case: Case, evidence: Evidence) -> Verdict | None:
    """Whether the registry was asked, and answered what it must."""
    asked = evidence.registry_requests or ()
    if case.state == "refuses":
        return inconclusive("the pull failed, but the registry that must not listen was asked") if asked else None
    status = _ANSWERS[case.state]
    answered = {request["status"] for request in path.tag_requests(evidence)}
    if not answered:
        return failed("the pull failed, but the registry was not asked for the tag")
    if answered != {status}:
        said = ", ".join(sorted(map(str, answered)))
        return inconclusive(f"the pull failed, but the registry's log shows {said} for this tag, not {status}")
    return None


def _another_cause(case: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    cause = failures.cause(evidence)
    if cause is case.expected.cause:
        return None
    if cause is not Cause.UNKNOWN:
        return failed(
            f"{pod.reason}: the pull failed because {case.expected.cause.value}, but the message says because {cause.value}"
        )
    if case.state in ("refuses", "wrong digest"):  # the log cannot tell these
        return inconclusive(f"the pull failed, but because {cause.value}: {pod.message}")
    return None


def _gave_up(evidence: Evidence, pod: Pod) -> Verdict | None:
    if evidence.seconds is not None:
        return failed(f"{pod.reason} after {evidence.seconds:.1f} s, although the registry had not answered yet")
    if pod.status != reasons.CONTAINER_CREATING:
        return inconclusive(f"the pod neither ran nor failed, but its STATUS is {pod.status}")
    if not any(event.reason == reasons.PULLING for event in evidence.events):
        return inconclusive("the pod neither ran nor failed, but no event tells that a pull began")
    waiting = [request for request in evidence.registry_requests or () if request["status"] is None]
    if not waiting:
        return inconclusive("the pod neither ran nor failed, but no request waits for the registry's answer")
    return None
