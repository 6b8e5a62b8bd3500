"""The verdict on a case that must run: which image, proven by digest, log and registry. [pure]

The log names the WAR that a program out of the image's layers found; imageID names the image. Both must be the expected
variant's, and both of this very pod.
"""

from pullscope.pull import complaints, reasons
from pullscope.verify import failures, observation, path
from pullscope.verify.case import Case, Source
from pullscope.verify.evidence import Evidence, Observed, Pod, Variant
from pullscope.verify.verdict import Verdict, failed, inconclusive, passed, short


def judge(case: Case, evidence: Evidence, pod: Pod, observed: Observed) -> Verdict:
    """The pod runs, as it must: is it the right image, and is that proven?"""
    untied = _untied(evidence, pod, observed)
    if untied is not None:
        return untied
    runs = evidence.named_by(pod.image_id)
    wanted = evidence.variant("node" if case.state == "same" else _source(case))
    if runs is None or wanted is None:
        return inconclusive(f'imageID "{pod.image_id}" names none of the images that were made for this case')
    if observed.wars != (runs.war,):
        return failed(
            f"imageID names {_said(runs)}, but the program that was executed found {observed.wars[0]} in its image"
        )
    if runs != wanted:
        return failed(f"runs {_said(runs)}{_whence(evidence, observed)}, where {_said(wanted)} was expected")
    if case.state == "same" and case.expected.source == "registry":
        return _from_both(evidence, runs)
    return _from_node(case, evidence, runs) if wanted.source == "node" else _from_registry(evidence, runs)


def _untied(evidence: Evidence, pod: Pod, observed: Observed) -> Verdict | None:
    """Whether the log is this pod's, of this container's only run, and names one WAR."""
    log = evidence.log
    if log is None:
        why = f" ({evidence.log_error})" if evidence.log_error else ""
        return inconclusive(f"its log could not be read{why}: nothing shows which program was executed")
    wrong = (
        (log.uid != pod.uid, f"the log is of pod {log.uid or 'unknown'}, not of this one ({pod.uid})"),
        (log.container_id != pod.container_id, "the log is of another container than the one that runs"),
        (pod.restarts > 0, "the container was restarted, so its image may have been resolved anew"),
        (not observed.wars, "the pod runs, but its log names no WAR"),
        (len(observed.wars) > 1, f"the log names more than one WAR: {', '.join(observed.wars)}"),
    )
    return next((inconclusive(because) for is_so, because in wrong if is_so), None)


def _from_node(case: Case, evidence: Evidence, runs: Variant) -> Verdict:
    """The node's image runs. That it was the cache which decided shows in the registry's log, or in the digests."""
    if path.asked(case, evidence):
        return failed(f"runs {_said(runs)} as expected, but the registry was asked for the tag all the same")
    if evidence.registry_requests is not None:
        return passed(f"runs {_said(runs)}, the node's copy, without asking the registry{_instead(evidence, runs)}")
    other = evidence.variant("registry")
    holds = other.digest if case.in_registry and other else None
    if evidence.registry_digest != holds:
        held = evidence.registry_digest or "nothing"
        return inconclusive(f"runs {_said(runs)} as expected, but the registry held {held} under the tag")
    return passed(f"runs {_said(runs)}, the node's copy, not that of the registry{_instead(evidence, runs)}")


def _from_both(evidence: Evidence, runs: Variant) -> Verdict:
    """Node and registry have the same image: the registry is asked what the tag means, and sends nothing else."""
    if not path.tag_requests(evidence):
        return failed(f"runs {_said(runs)} as expected, but the registry was not asked what the tag means")
    if not observation.delivered(evidence, runs.digest):
        return inconclusive(f"runs {_said(runs)} as expected, but the registry's log does not show that it answered so")
    sent = sum(each["bytes"] for each in evidence.registry_requests or () if each["kind"] == "blob")
    if sent:
        return failed(f"runs {_said(runs)} as expected, but the registry sent {sent} bytes of it once more")
    return passed(f"runs {_said(runs)}: the registry told that it has the same image, and sent no blob")


def _from_registry(evidence: Evidence, runs: Variant) -> Verdict:
    if evidence.registry_requests is not None and not observation.delivered(evidence, runs.digest):
        return inconclusive(
            f"runs {_said(runs)} as expected, but the registry's log does not show that it delivered it"
        )
    if evidence.variant("node") is not None:
        return passed(f"runs {_said(runs)}, pulled from the registry; the node's copy was not used")
    return passed(f"runs {_said(runs)}, pulled from the registry")


def judge_failure(case: Case, evidence: Evidence, pod: Pod) -> Verdict:
    """The pod fails although it must run."""
    if pod.reason == reasons.ERR_IMAGE_NEVER_PULL:
        return failed("ErrImageNeverPull, although a pod had pulled the image on this node")
    if pod.reason not in failures.PULL_REASONS:
        return inconclusive(f"the container did not start, for a reason of its own: {pod.reason}: {pod.message}")
    cause = failures.cause(evidence)
    if _source(case) == "node":
        return failed(
            f"{pod.reason}: the image was on the node, but a pull was tried, and it failed because {cause.value}"
        )
    if cause is complaints.Cause.MISSING and evidence.registry_digest is not None:
        held = short(evidence.registry_digest)
        return failed(f"{pod.reason}: the node was told that the tag is missing, but the registry has it ({held})")
    return inconclusive(f"{pod.reason}: the pull failed because {cause.value}: {pod.message}")


def _source(case: Case) -> Source:
    """Whose image must run; only cases that must run come here, and they name one."""
    return "registry" if case.expected.source == "registry" else "node"


def _said(variant: Variant) -> str:
    return f"{variant.war} ({short(variant.digest)})"


def _whence(evidence: Evidence, observed: Observed) -> str:
    """For a wrong image, where it came from, as far as the registry's log tells."""
    if evidence.registry_requests is None:
        return ""
    if observed.source == "registry":
        return ", which the registry delivered"
    return ", the node's copy, without asking the registry" if not path.tag_requests(evidence) else ", the node's copy"


def _instead(evidence: Evidence, runs: Variant) -> str:
    """What the registry held meanwhile."""
    held = evidence.registry_digest
    if held is None:
        return ", which no longer has the tag"
    return f", which has {short(held)} under the tag" if held not in runs.digests else ""
