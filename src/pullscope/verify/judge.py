"""Evidence and a case in, a verdict out. [pure]

The checks run in order and the first that has something to say decides: first whether the case was made at all, then
(`judge_running`, `judge_waiting`) whether what was seen is what was expected, *and* for the right reason. Whatever could
also have another explanation is `inconclusive`, never a pass.
"""

from collections.abc import Callable

from pullscope.verify import judge_running, judge_waiting, observation, path
from pullscope.verify.case import Case
from pullscope.verify.evidence import Evidence, Observed, Pod
from pullscope.verify.scenarios import judge as judge_scenario
from pullscope.verify.scenarios.steps import Scenario
from pullscope.verify.verdict import Verdict, failed, inconclusive, not_applicable


def judge(case: Case, evidence: Evidence) -> tuple[Observed, Verdict]:
    """What was observed, and what it means for the case."""
    if isinstance(case, Scenario):
        return judge_scenario.judge(case, evidence)
    observed = observation.derive(evidence)
    return observed, _verdict(case, evidence, observed)


def _verdict(case: Case, evidence: Evidence, observed: Observed) -> Verdict:
    if evidence.obstacle is not None:
        make = not_applicable if evidence.obstacle.kind == "unsupported" else inconclusive
        return make(evidence.obstacle.text)
    pod = evidence.pod
    if pod is None:
        return inconclusive(f"no pod of the Deployment appeared within {evidence.waited:.0f} s{_complaint(evidence)}")
    for check in _CHECKS:
        verdict = check(case, evidence, pod)
        if verdict is not None:
            return verdict
    return _compared(case, evidence, pod, observed)


def _compared(case: Case, evidence: Evidence, pod: Pod, observed: Observed) -> Verdict:
    """The case was made and something was seen: is it what was expected?"""
    match case.expected.outcome, observed.outcome:
        case "running", "running":
            return judge_running.judge(case, evidence, pod, observed)
        case "running", _:
            return judge_running.judge_failure(case, evidence, pod)
        case _, "running":
            return failed(judge_waiting.runs_instead(evidence, pod, observed))
        case _:
            return judge_waiting.judge(case, evidence, pod)


# ------------------------------------------------------------------------- was the case made?


def _policy_kept(case: Case, _: Evidence, pod: Pod) -> Verdict | None:
    if pod.policy == case.policy:
        return None
    return not_applicable(
        f"the cluster changed imagePullPolicy from {case.policy} to {pod.policy or 'nothing'} in the pod "
        "(an admission plugin such as AlwaysPullImages does that)"
    )


def _image_kept(_: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    if pod.image == evidence.reference:
        return None
    return not_applicable(f"the cluster rewrote the image from {evidence.reference} to {pod.image} in the pod")


def _same_template(_: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    if pod.template_hash and pod.template_hash == evidence.template_hash:
        return None
    return inconclusive(
        f"the pod's template hash \"{pod.template_hash}\" is not that of the Deployment's ReplicaSet "
        f'("{evidence.template_hash}")'
    )


def _node_had_image(case: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    """Present: a pod pulled the tag on this very node, and is gone. Absent needs no proof: the tag is a fresh one."""
    if not case.on_node:
        return None
    primed = evidence.primed
    if primed is None:
        return inconclusive("no pod has pulled the image on the node before")
    if evidence.named_by(primed.image_id) != evidence.variant("node"):
        return inconclusive(f'the pod that was to put the image on the node ran "{primed.image_id}" instead')
    if not primed.gone:
        return inconclusive("the pod that put the image on the node was still there")
    if pod.node and pod.node != primed.node:
        return inconclusive(f"the pod ran on node {pod.node}, but the image was put on node {primed.node}")
    return None


def _settled(case: Case, evidence: Evidence, pod: Pod) -> Verdict | None:
    if evidence.seconds is not None or case.waits_on:
        return None
    if not case.asks and path.asked(case, evidence):
        return failed(f"{pod.status}: a pull was tried, and does not end, although the registry must not be asked")
    why = f": {pod.unscheduled or pod.message}" if pod.unscheduled or pod.message else _complaint(evidence)
    return inconclusive(f"after {evidence.waited:.0f} s the pod neither ran nor failed, STATUS is {pod.status}{why}")


def _executed(_: Case, __: Evidence, pod: Pod) -> Verdict | None:
    if pod.executed or not pod.running:
        return None
    return inconclusive("the container is held: the node cannot execute its image, so nothing shows what would run")


_CHECKS: tuple[Callable[[Case, Evidence, Pod], Verdict | None], ...] = (
    _policy_kept,
    _image_kept,
    _same_template,
    _node_had_image,
    _settled,
    _executed,
)


def _complaint(evidence: Evidence) -> str:
    """The last warning among the events, for a pod that does not come or does not get on."""
    warnings = [event for event in evidence.events if event.type == "Warning"]
    return f": {warnings[-1].message}" if warnings else ""
