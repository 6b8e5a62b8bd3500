"""What is wrong with roles and bindings, and what is filled in.

Upstream: kubernetes v1.36 pkg/apis/rbac/validation/validation.go and pkg/apis/rbac/v1/defaults.go.
"""

from collections.abc import Iterator

from pullscope.apiserver import workloads
from pullscope.kube import causes, names, resources
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

GROUP = resources.ROLES.group
_KINDS = ("ServiceAccount", "User", "Group")


def name_rule(name: str) -> list[str]:
    """What is wrong with a name: these kinds allow all that a path can hold."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{sign}'" for sign in "/%" if sign in name]


# --------------------------------------------------------------------- roles


def role(obj: Object) -> Iterator[Cause]:
    yield from _rules(obj, namespaced=True)


def cluster_role(obj: Object) -> Iterator[Cause]:
    yield from _rules(obj, namespaced=False)
    if (aggregation := obj.get("aggregationRule")) is not None:
        path, selectors = "aggregationRule.clusterRoleSelectors", aggregation.get("clusterRoleSelectors") or ()
        if not selectors:
            yield causes.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
        for index, selector in enumerate(selectors):
            yield from workloads.selector(selector, f"{path}[{index}]")


def _rules(obj: Object, *, namespaced: bool) -> Iterator[Cause]:
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _rule(rule, f"rules[{index}]", namespaced=namespaced)


def _rule(rule: Object, path: str, *, namespaced: bool) -> Iterator[Cause]:
    if not rule.get("verbs"):
        yield causes.required(f"{path}.verbs", "verbs must contain at least one value")
    if urls := rule.get("nonResourceURLs"):
        where = f"{path}.nonResourceURLs"
        if namespaced:
            yield workloads.object_invalid(where, urls, "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            why = "rules cannot apply to both regular resources and non-resource URLs"
            yield workloads.object_invalid(where, urls, why)
        return
    if not rule.get("apiGroups"):
        yield causes.required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield causes.required(f"{path}.resources", "resource rules must supply at least one resource")


# --------------------------------------------------------------------- bindings


def default_binding(obj: Object) -> None:
    """The API groups that may be left out."""
    reference = obj.get("roleRef")
    if reference is not None and not reference.get("apiGroup"):
        reference["apiGroup"] = GROUP
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
            subject["apiGroup"] = GROUP


def role_binding(obj: Object) -> Iterator[Cause]:
    yield from _binding(obj, ("Role", "ClusterRole"), namespaced=True)


def cluster_role_binding(obj: Object) -> Iterator[Cause]:
    yield from _binding(obj, ("ClusterRole",), namespaced=False)


def same_role(new: Object, old: Object) -> Iterator[Cause]:
    """A binding keeps its role for life."""
    if new.get("roleRef") != old.get("roleRef"):
        reference = new.get("roleRef") or {}
        # Upstream prints the internal type, whose fields have Go's names.
        shown = {"APIGroup": "apiGroup", "Kind": "kind", "Name": "name"}
        value = {name: reference.get(field, "") for name, field in shown.items()}
        yield workloads.object_invalid("roleRef", value, "cannot change roleRef")


def _binding(obj: Object, kinds: tuple[str, ...], *, namespaced: bool) -> Iterator[Cause]:
    reference = obj.get("roleRef") or {}
    if reference.get("apiGroup", "") != GROUP:
        yield causes.not_supported("roleRef.apiGroup", reference.get("apiGroup", ""), [GROUP])
    if reference.get("kind", "") not in kinds:
        yield causes.not_supported("roleRef.kind", reference.get("kind", ""), kinds)
    if not (name := reference.get("name", "")):
        yield causes.required("roleRef.name")
    for why in name_rule(name):
        yield causes.invalid("roleRef.name", name, why)
    for index, subject in enumerate(obj.get("subjects") or ()):
        yield from _subject(subject, f"subjects[{index}]", namespaced=namespaced)


def _subject(subject: Object, path: str, *, namespaced: bool) -> Iterator[Cause]:
    kind, name, group = (subject.get(field, "") for field in ("kind", "name", "apiGroup"))
    if not name:
        yield causes.required(f"{path}.name")
    if kind == "ServiceAccount":
        for why in names.dns1123_subdomain(name) if name else ():
            yield causes.invalid(f"{path}.name", name, why)
        if group:
            yield causes.not_supported(f"{path}.apiGroup", group, [""])
        if not namespaced and not subject.get("namespace"):
            yield causes.required(f"{path}.namespace")
    elif kind in _KINDS:
        if not name:
            yield causes.invalid(f"{path}.name", name, f"{kind.lower()} name cannot be empty")
        if group != GROUP:
            yield causes.not_supported(f"{path}.apiGroup", group, [GROUP])
    else:
        yield causes.not_supported(f"{path}.kind", kind, _KINDS)
