"""What pods may have of their node: only who may use a security context constraint that allows it gets it.

Of SecurityContextConstraints that is the part which keeps people of a project away from the nodes and from each other: host
directories, the host's namespaces and ports, privileged containers. Upstream: openshift/apiserver-library-go (release 4.22)
pkg/securitycontextconstraints (sccadmission, sccmatching, sccexec); the constraints are those that a cluster is born with,
in the order in which they are tried.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pullscope.apiserver.authorization import Allowed, Attributes, Authorizer
from pullscope.kube import accounts, causes, status
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import PODS, SECURITY_CONTEXT_CONSTRAINTS

Usable = Callable[[str], bool]
"""Whether somebody who is asked about may use the constraint of that name."""

_DIRECTORIES, _NETWORK, _PORTS, _PID, _IPC, _PRIVILEGED = "directories", "network", "ports", "PID", "IPC", "privileged"
_NAMESPACES = ((_NETWORK, "hostNetwork", "Host network"), (_PID, "hostPID", "Host PID"), (_IPC, "hostIPC", "Host IPC"))
_ALLOWED: dict[str, frozenset[str]] = {
    "anyuid": frozenset(),
    "restricted-v2": frozenset(),
    "restricted": frozenset(),
    "nonroot-v2": frozenset(),
    "nonroot": frozenset(),
    "hostmount-anyuid": frozenset({_DIRECTORIES}),
    "machine-api-termination-handler": frozenset({_DIRECTORIES, _NETWORK}),
    "hostnetwork-v2": frozenset({_NETWORK, _PORTS}),
    "hostnetwork": frozenset({_NETWORK, _PORTS}),
    "hostaccess": frozenset({_DIRECTORIES, _NETWORK, _PORTS, _PID, _IPC}),
    "privileged": frozenset({_DIRECTORIES, _NETWORK, _PORTS, _PID, _IPC, _PRIVILEGED}),
}


@dataclass(frozen=True)
class _Wish:
    """Something of the node that a pod asks for, and how a constraint that does not have it says no."""

    part: str
    path: str
    why: str

    def refusal(self, constraint: str) -> str:
        prefix = "" if self.part == _DIRECTORIES else f"provider {constraint}: "
        return f"{prefix}{self.path}: Invalid value: {self.why}"


def usable(authorizer: Authorizer, users: Sequence[UserInfo], namespace: str) -> Usable:
    """What roles let at least one of `users` use there."""

    def may(constraint: str) -> bool:
        asked = (Attributes(user, "use", "", SECURITY_CONTEXT_CONSTRAINTS, "", namespace, constraint) for user in users)
        return any(isinstance(authorizer.authorize(each), Allowed) for each in asked)

    return may


def account(pod: Object, namespace: str) -> UserInfo:
    """Whom the pod acts as."""
    name = accounts.username(namespace, pod["spec"]["serviceAccountName"])
    return UserInfo(name, groups=(*accounts.groups(namespace), "system:authenticated"))


def check(pod: Object, may_use: Usable) -> None:
    """Raises ApiError 403 when no usable constraint allows all that the pod asks for of its node."""
    refusals = _refusals(pod, may_use)
    if refusals:
        raise _forbidden(pod, refusals)


def check_streams(pod: Object, may_use: Usable, operation: str) -> None:
    """Raises ApiError 403 when `exec` or `attach` would give somebody a pod that they could not have made themselves."""
    refusals = _refusals(pod, may_use)
    if refusals:
        why = f"{operation} operation is not allowed because the pod's security context exceeds your permissions"
        raise status.forbidden(PODS, pod["metadata"]["name"], f"{why}: {_forbidden(pod, refusals).message}")


def _forbidden(pod: Object, refusals: Sequence[str]) -> status.ApiError:
    name = pod["metadata"].get("name") or pod["metadata"].get("generateName", "")
    why = f"unable to validate against any security context constraint: [{', '.join(refusals)}]"
    return status.forbidden(PODS, name, why)


def _refusals(pod: Object, may_use: Usable) -> list[str]:
    """Why each constraint does not do; empty when one does, or when the pod asks for nothing."""
    wishes = list(_wishes(pod["spec"]))
    if not wishes:
        return []
    refusals: list[str] = []
    for constraint, allowed in _ALLOWED.items():
        if not may_use(constraint):
            refusals.append(f"provider {causes.quote(constraint)}: Forbidden: not usable by user or serviceaccount")
            continue
        missing = [wish.refusal(constraint) for wish in wishes if wish.part not in allowed]
        if not missing:
            return []
        refusals += missing
    return refusals


def _wishes(spec: Object) -> Iterator[_Wish]:
    namespaces = [each for each in _NAMESPACES if spec.get(each[1])]
    for part, field, name in namespaces:
        yield _Wish(part, f".spec.securityContext.{field}", f"true: {name} is not allowed to be used")
    for index, volume in enumerate(spec.get("volumes") or ()):
        if volume.get("hostPath"):
            why = '"hostPath": hostPath volumes are not allowed to be used'
            yield _Wish(_DIRECTORIES, f"spec.volumes[{index}]", why)
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or ()):
            yield from _wishes_of(container, f".{kind}[{index}]")
            for part, field, name in namespaces:
                yield _Wish(part, f".{kind}[{index}].{field}", f"true: {name} is not allowed to be used")


def _wishes_of(container: Object, path: str) -> Iterator[_Wish]:
    if (container.get("securityContext") or {}).get("privileged"):
        yield _Wish(_PRIVILEGED, f"{path}.privileged", "true: Privileged containers are not allowed")
    for port in container.get("ports") or ():
        if port.get("hostPort"):
            why = f"{port['hostPort']}: Host ports are not allowed to be used"
            yield _Wish(_PORTS, f"{path}{path}.hostPort", why)
