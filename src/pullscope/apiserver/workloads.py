"""What Deployments, ReplicaSets, DaemonSets and Jobs share: a selector, a template of pods, numbers and shares of them.

Upstream: pkg/apis/apps/validation/validation.go and pkg/apis/apps/v1/defaults.go of Kubernetes v1.36.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pullscope.apiserver.podspec import defaults
from pullscope.apiserver.podspec import validation as podspec
from pullscope.kube import causes, names, selectors, validation
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError, Cause

ROLLING_LIMITS = ("maxUnavailable", "maxSurge")
"""What a rolling update is told: how many pods may be missing, and how many too many."""

_PERCENT = "[0-9]+%"
_OPERATORS = ("DoesNotExist", "Exists", "In", "NotIn")


def default_template(spec: Object) -> None:
    """Fill in the pod template; `creationTimestamp: null`, which old clients send in it, goes."""
    template = spec.setdefault("template", {})
    metadata = template.setdefault("metadata", {})
    for field in [field for field, value in metadata.items() if value in (None, {}, "")]:
        del metadata[field]
    pod = template.setdefault("spec", {})
    defaults.pod_spec(pod)


def object_invalid(path: str, value: Any, why: str) -> Cause:
    """A bad value that is an object: shown as JSON since Kubernetes 1.34."""
    shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Cause("FieldValueInvalid", path, f"Invalid value: {shown}: {why}")


def unsupported_strategy(path: str, strategy: Object, supported: Iterable[str]) -> Cause:
    """Shown whole, as JSON of the struct that upstream keeps it in: the names are those of its fields in Go."""
    rolling = strategy.get("rollingUpdate")
    limits = rolling and {f"{field[0].upper()}{field[1:]}": rolling.get(field, 0) for field in ROLLING_LIMITS}
    shown = json.dumps({"Type": strategy["type"], "RollingUpdate": limits}, separators=(",", ":"))
    values = ", ".join(causes.quote(value) for value in supported)
    return Cause("FieldValueNotSupported", path, f"Unsupported value: {shown}: supported values: {values}")


def non_negative(spec: Object, path: str, *fields: str) -> Iterator[Cause]:
    for field in fields:
        if (number := spec.get(field, 0)) is not None and number < 0:
            yield causes.invalid(f"{path}.{field}", number, "must be greater than or equal to 0")


def spec(given: Object, path: str = "spec") -> Iterator[Cause]:
    """What is wrong with replicas, selector and template of a Deployment or ReplicaSet."""
    yield from non_negative(given, path, "replicas", "minReadySeconds")
    chosen = given.get("selector")
    if chosen is None:
        yield causes.required(f"{path}.selector")
    else:
        yield from selector(chosen, f"{path}.selector")
        yield from not_empty(chosen, f"{path}.selector", "deployment")
        yield from selects(chosen, given.get("template") or {}, f"{path}.template")
    yield from template(given.get("template") or {}, f"{path}.template")
    yield from restarting(given.get("template") or {}, f"{path}.template", "ReplicaSet")


def not_empty(selector: Object, path: str, what: str) -> Iterator[Cause]:
    """`what` is the kind, as upstream's sentence has it."""
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield object_invalid(path, selector, f"empty selector is invalid for {what}")


def selector(selector: Object, path: str) -> Iterator[Cause]:
    """What is wrong with a LabelSelector."""
    yield from validation.labels(selector.get("matchLabels") or {}, f"{path}.matchLabels")
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        here = f"{path}.matchExpressions[{index}]"
        operator, values = expression.get("operator", ""), expression.get("values") or ()
        if operator in ("In", "NotIn") and not values:
            yield causes.required(f"{here}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist") and values:
            yield causes.forbidden(
                f"{here}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            )
        elif operator not in _OPERATORS:
            yield causes.invalid(f"{here}.operator", operator, "not a valid selector operator")
        for why in names.qualified_name(expression.get("key", "")):
            yield causes.invalid(f"{here}.key", expression.get("key", ""), why)


def selects(selector: Object | None, template: Object, path: str) -> Iterator[Cause]:
    """The selector must match the pods that the template makes."""
    labels = (template.get("metadata") or {}).get("labels") or {}
    if not _matches(selector, labels):
        yield object_invalid(f"{path}.metadata.labels", labels, "`selector` does not match template `labels`")


def template(template: Object, path: str) -> Iterator[Cause]:
    """What is wrong with a PodTemplateSpec."""
    metadata = template.get("metadata") or {}
    yield from validation.labels(metadata.get("labels") or {}, f"{path}.metadata.labels")
    yield from validation.annotations(metadata.get("annotations") or {}, f"{path}.metadata.annotations")
    yield from podspec.pod_spec(template.get("spec") or {}, f"{path}.spec")


def restarting(template: Object, path: str, what: str) -> Iterator[Cause]:
    """Pods of kinds that keep them running always restart, and have no deadline. `what` is the kind in the sentence."""
    pod = template.get("spec") or {}
    if (policy := pod.get("restartPolicy")) != "Always" and policy in podspec.RESTART_POLICIES:
        yield causes.not_supported(f"{path}.spec.restartPolicy", policy, ["Always"])
    if pod.get("activeDeadlineSeconds") is not None:
        yield causes.forbidden(
            f"{path}.spec.activeDeadlineSeconds", f"activeDeadlineSeconds in {what} is not Supported"
        )


def share(value: int | str, path: str) -> Iterator[Cause]:
    """A number of pods, or a percentage of them."""
    if isinstance(value, int):
        if value < 0:
            yield causes.invalid(path, value, "must be greater than or equal to 0")
    elif not re.fullmatch(_PERCENT, value):
        rule = "a valid percent string must be a numeric string followed by an ending '%'"
        examples = "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
        yield causes.invalid(path, value, f"{rule} {examples}")


def not_above_100_percent(value: int | str, path: str) -> Iterator[Cause]:
    if isinstance(value, str) and re.fullmatch(_PERCENT, value) and int(value[:-1]) > 100:
        yield causes.invalid(path, value, "must not be greater than 100%")


def is_none(value: int | str) -> bool:
    """Whether a share is 0 or 0%."""
    return str(value).rstrip("%").strip("0") == ""


def _matches(selector: Object | None, labels: dict[str, str]) -> bool:
    """Empty selectors and those that cannot be read are reported elsewhere."""
    try:
        return selectors.matches_label_selector(selector, labels)
    except ApiError:
        return True


def same_selector(new: Object, old: Object) -> Iterator[Cause]:
    """The selector of apps/v1 never changes."""
    selector = (new.get("spec") or {}).get("selector")
    if selector != old["spec"].get("selector"):
        yield object_invalid("spec.selector", selector, validation.IMMUTABLE)
