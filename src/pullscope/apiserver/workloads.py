"""What Deployments and ReplicaSets share: a selector, a number of replicas and a template of pods.

Upstream: pkg/apis/apps/validation/validation.go and pkg/apis/apps/v1/defaults.go of Kubernetes v1.36.
"""

import json
from collections.abc import Iterator
from typing import Any

from pullscope.apiserver.podspec import defaults
from pullscope.apiserver.podspec import validation as podspec
from pullscope.kube import causes, names, selectors, validation
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError, Cause

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


def non_negative(spec: Object, path: str, *fields: str) -> Iterator[Cause]:
    for field in fields:
        if (number := spec.get(field, 0)) is not None and number < 0:
            yield causes.invalid(f"{path}.{field}", number, "must be greater than or equal to 0")


def spec(given: Object, path: str = "spec") -> Iterator[Cause]:
    """What is wrong with replicas, selector and template."""
    yield from non_negative(given, path, "replicas", "minReadySeconds")
    chosen = given.get("selector")
    if chosen is None:
        yield causes.required(f"{path}.selector")
    else:
        yield from _selector(chosen, f"{path}.selector")
        if not chosen.get("matchLabels") and not chosen.get("matchExpressions"):
            yield object_invalid(f"{path}.selector", chosen, "empty selector is invalid for deployment")
    yield from _template(given.get("template") or {}, chosen, f"{path}.template")


def _selector(selector: Object, path: str) -> Iterator[Cause]:
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


def _template(template: Object, selector: Object | None, path: str) -> Iterator[Cause]:
    labels = (template.get("metadata") or {}).get("labels") or {}
    if selector is not None and not _matches(selector, labels):
        yield object_invalid(f"{path}.metadata.labels", labels, "`selector` does not match template `labels`")
    yield from validation.labels(labels, f"{path}.metadata.labels")
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    yield from validation.annotations(annotations, f"{path}.metadata.annotations")
    pod = template.get("spec") or {}
    yield from podspec.pod_spec(pod, f"{path}.spec")
    if (policy := pod.get("restartPolicy")) != "Always" and policy in podspec.RESTART_POLICIES:
        yield causes.not_supported(f"{path}.spec.restartPolicy", policy, ["Always"])
    if pod.get("activeDeadlineSeconds") is not None:
        yield causes.forbidden(
            f"{path}.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"
        )


def _matches(selector: Object, labels: dict[str, str]) -> bool:
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
