"""Is a job one that can be kept, and may it become another?

Upstream: pkg/apis/batch/validation/validation.go of Kubernetes v1.36. What the controller does not do is refused by name.
"""

import copy
from collections.abc import Iterator

from pullscope.apiserver import workloads
from pullscope.kube import causes, names, validation
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_UNSUPPORTED = ("podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "maxFailedIndexes", "managedBy")
_MODES = ("NonIndexed", "Indexed")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_POLICIES = ("OnFailure", "Never")
_INDEXED_PARALLELISM_MAX = 100_000
_NUMBERS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
_DIRECTIVES = ("nodeSelector", "tolerations", "schedulingGates")


def job(obj: Object) -> Iterator[Cause]:
    """Everything that is wrong with a job, defaulted and with its generated selector."""
    metadata, spec = obj["metadata"], obj["spec"]
    yield from _generated(metadata, spec)
    yield from workloads.non_negative(spec, "spec", *_NUMBERS)
    yield from _modes(spec)
    yield from (
        causes.forbidden(f"spec.{field}", "not supported by pullscope") for field in _UNSUPPORTED if field in spec
    )
    if spec["podReplacementPolicy"] not in _REPLACEMENTS:
        yield causes.not_supported("spec.podReplacementPolicy", spec["podReplacementPolicy"], _REPLACEMENTS)
    yield from workloads.template(spec["template"], "spec.template")
    yield from _restarting(spec["template"]["spec"].get("restartPolicy"), "spec.template.spec.restartPolicy")
    if spec.get("selector") is None:
        yield causes.required("spec.selector")
    else:
        yield from workloads.selector(spec["selector"], "spec.selector")
    yield from workloads.selects(spec.get("selector"), spec["template"], "spec.template")
    yield from _hostname(metadata.get("name", ""), spec)


def _generated(metadata: Object, spec: Object) -> Iterator[Cause]:
    """A selector that the server made selects by labels that the server gave."""
    if spec["manualSelector"] or spec.get("selector") is None:
        return
    labels = spec["template"]["metadata"].get("labels") or {}
    expected = dict.fromkeys(UID_LABELS, metadata["uid"]) | dict.fromkeys(NAME_LABELS, metadata.get("name", ""))
    for label in (UID_LABELS[0], NAME_LABELS[0], UID_LABELS[1], NAME_LABELS[1]):
        path = f"spec.template.metadata.labels[{label}]"
        if label not in labels:
            yield causes.required(path, f"must be '{expected[label]}'")
        elif labels[label] != expected[label]:
            yield workloads.object_invalid(path, labels, f"must be '{expected[label]}'")
    if list(workloads.selects(spec["selector"], {"metadata": {"labels": expected}}, "")):
        yield workloads.object_invalid("spec.selector", spec["selector"], "`selector` not auto-generated")


def _modes(spec: Object) -> Iterator[Cause]:
    mode, parallelism = spec["completionMode"], spec["parallelism"]
    if mode not in _MODES:
        yield causes.not_supported("spec.completionMode", mode, _MODES)
    if mode != "Indexed":
        return
    if spec.get("completions") is None:
        yield causes.required("spec.completions", "when completion mode is Indexed")
    if parallelism > _INDEXED_PARALLELISM_MAX:
        why = f"must be less than or equal to {_INDEXED_PARALLELISM_MAX} when completion mode is Indexed"
        yield causes.invalid("spec.parallelism", parallelism, why)


def _restarting(policy: str | None, path: str) -> Iterator[Cause]:
    if policy in ("Always", ""):
        yield causes.required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in _POLICIES:
        yield causes.not_supported(path, policy, _POLICIES)


def _hostname(name: str, spec: Object) -> Iterator[Cause]:
    """Pods of an indexed job have their index in their host name."""
    if spec["completionMode"] == "Indexed" and (spec.get("completions") or 0) > 0:
        longest = f"{name}-{spec['completions'] - 1}"
        if names.dns1123_label(longest):
            why = f"will not able to create pod with invalid DNS label: {longest}"
            yield causes.invalid("metadata.name", name, why)


def update(new: Object, old: Object) -> Iterator[Cause]:
    """What is wrong with replacing the job `old` by `new`."""
    yield from job(new)
    spec, before = new["spec"], old["spec"]
    yield from _completions(spec, before)
    if spec.get("selector") != before.get("selector"):
        yield workloads.object_invalid("spec.selector", spec.get("selector"), validation.IMMUTABLE)
    if spec["template"] != _allowed(spec["template"], old):
        yield workloads.object_invalid("spec.template", spec["template"], validation.IMMUTABLE)
    if spec["completionMode"] != before["completionMode"]:
        yield causes.invalid("spec.completionMode", spec["completionMode"], validation.IMMUTABLE)


def _completions(spec: Object, before: Object) -> Iterator[Cause]:
    number = spec.get("completions")
    if number == before.get("completions"):
        return
    if before["completionMode"] != "Indexed":
        yield causes.invalid("spec.completions", number, validation.IMMUTABLE)
    elif number is not None and number != spec["parallelism"]:
        yield causes.invalid("spec.completions", number, "can only be modified in tandem with spec.parallelism")


def _allowed(new: Object, old: Object) -> Object:
    """The template as it may become: a suspended job that never started may still be told where to run."""
    template: Object = old["spec"]["template"]
    if not old["spec"]["suspend"] or (old.get("status") or {}).get("startTime"):
        return template
    allowed = copy.deepcopy(template)
    _take(allowed["metadata"], new["metadata"], "labels", "annotations")
    _take(allowed["spec"], new["spec"], *_DIRECTIVES)
    affinity, wanted = allowed["spec"].setdefault("affinity", {}), new["spec"].get("affinity") or {}
    _take(affinity, wanted, "nodeAffinity")
    if not affinity and not wanted:
        _take(allowed["spec"], new["spec"], "affinity")
    return allowed


def _take(target: Object, source: Object, *fields: str) -> None:
    for field in fields:
        target.pop(field, None)
        if field in source:
            target[field] = source[field]
