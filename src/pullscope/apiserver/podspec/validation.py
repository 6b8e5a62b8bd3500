"""Is a pod's spec one that can be stored?

Upstream: ValidatePodSpec, pkg/apis/core/validation/validation.go of Kubernetes v1.36. `path` is where the spec stands:
`spec` in a pod, `spec.template.spec` in a template.
"""

from collections.abc import Callable, Iterable, Iterator

from pullscope.apiserver.podspec import containers, volumes
from pullscope.kube import causes, names, validation
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_OPERATORS = ("Equal", "Exists")
_INT32_MAX = 2**31 - 1


def pod(spec: Object) -> Iterator[Cause]:
    """What is wrong with the spec of a pod: of its images more than of a template's.

    Upstream: validateContainersOnlyForPod. OpenShift's workloads have a space for an image that is yet to be known.
    """
    yield from pod_spec(spec, "spec")
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            if container.get("image"):
                yield from containers.image(container["image"], f"spec.{field}[{index}].image")


def pod_spec(spec: Object, path: str) -> Iterator[Cause]:
    """Everything that is wrong with a defaulted spec, in upstream's order."""
    yield from volumes.all_of(spec.get("volumes") or (), f"{path}.volumes")
    yield from containers.all_of(spec, path)
    yield from _policy(spec.get("restartPolicy"), f"{path}.restartPolicy", RESTART_POLICIES)
    yield from _policy(spec.get("dnsPolicy"), f"{path}.dnsPolicy", _DNS_POLICIES)
    yield from validation.labels(spec.get("nodeSelector") or {}, f"{path}.nodeSelector")
    yield from _pull_secrets(spec.get("imagePullSecrets") or (), f"{path}.imagePullSecrets")
    yield from _names(spec, path)
    yield from _times(spec, path)
    yield from _tolerations(spec.get("tolerations") or (), f"{path}.tolerations")


def _policy(value: str | None, path: str, supported: Iterable[str]) -> Iterator[Cause]:
    if not value:
        yield causes.required(path)
    elif value not in supported:
        yield causes.not_supported(path, value, supported)


def _names(spec: Object, path: str) -> Iterator[Cause]:
    rules: dict[str, Callable[[str], list[str]]] = {
        "serviceAccountName": names.dns1123_subdomain,
        "nodeName": names.dns1123_subdomain,
        "hostname": names.dns1123_label,
        "subdomain": names.dns1123_label,
        "priorityClassName": names.dns1123_subdomain,
    }
    for field, rule in rules.items():
        if value := spec.get(field):
            yield from containers.complaints(f"{path}.{field}", value, rule(value))


def _times(spec: Object, path: str) -> Iterator[Cause]:
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _INT32_MAX:
        why = f"must be between 1 and {_INT32_MAX}, inclusive"
        yield causes.invalid(f"{path}.activeDeadlineSeconds", deadline, why)
    if (grace := spec.get("terminationGracePeriodSeconds", 0)) < 0:
        yield causes.invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0")


def _pull_secrets(references: Iterable[Object], path: str) -> Iterator[Cause]:
    for index, reference in enumerate(references):
        if set(reference) - {"name"}:
            yield causes.invalid(f"{path}[{index}]", "", "only name may be set")


def _tolerations(tolerations: Iterable[Object], path: str) -> Iterator[Cause]:
    for index, toleration in enumerate(tolerations):
        here, key = f"{path}[{index}]", toleration.get("key", "")
        operator, effect = toleration.get("operator") or "Equal", toleration.get("effect", "")
        if key:
            yield from containers.complaints(f"{here}.key", key, names.qualified_name(key))
        elif operator != "Exists":
            yield causes.invalid(
                f"{here}.operator",
                operator,
                'operator must be Exists when `key` is empty, which means "match all values and all keys"',
            )
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield causes.invalid(f"{here}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
        if operator not in _OPERATORS:
            yield causes.not_supported(f"{here}.operator", operator, _OPERATORS)
        elif operator == "Exists" and toleration.get("value"):
            yield causes.invalid(
                f"{here}.operator", toleration["value"], "value must be empty when `operator` is 'Exists'"
            )
        if effect and effect not in _EFFECTS:
            yield causes.not_supported(f"{here}.effect", effect, _EFFECTS)
