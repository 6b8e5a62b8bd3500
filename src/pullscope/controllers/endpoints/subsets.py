"""What the Endpoints object of a service shall be.

Upstream: pkg/controller/endpoint/endpoints_controller.go (syncService, truncateEndpoints) and pkg/api/v1/endpoints
(RepackSubsets), v1.36.
"""

from collections.abc import Iterable, Sequence

from pullscope.controllers.endpoints.backends import HEADLESS, Backend, Port, is_headless
from pullscope.kube import resources
from pullscope.kube.api import Object

MANAGED_BY = {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}
_OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
CAPACITY = 1000


def plan(service: Object, backends: Sequence[Backend], existing: Object | None) -> Object | None:
    """The object to write, None when the existing one is as it shall be."""
    metadata = service["metadata"]
    shown = [each for each in backends if each.published or not each.pod.deleting]
    kept = sorted(shown, key=lambda each: not each.ready)[:CAPACITY]
    labels = {**(metadata.get("labels") or {}), **MANAGED_BY, **({HEADLESS: ""} if is_headless(service) else {})}
    annotations = {key: value for key, value in _annotations(existing).items() if key != _OVER_CAPACITY}
    if len(kept) < len(shown):
        annotations[_OVER_CAPACITY] = "truncated"
    head = {key: existing["metadata"][key] for key in ("resourceVersion", "uid")} if existing else {}
    wanted: Object = {
        "apiVersion": resources.ENDPOINTS.api_version,
        "kind": resources.ENDPOINTS.kind,
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels, **head},
    }
    if kept:
        wanted["subsets"] = [_subset(ports, group) for ports, group in _grouped(kept)]
    if annotations:
        wanted["metadata"]["annotations"] = annotations
    return None if existing is not None and _same(existing, wanted) else wanted


def _annotations(existing: Object | None) -> Object:
    return (existing["metadata"].get("annotations") or {}) if existing else {}


def _same(existing: Object, wanted: Object) -> bool:
    metadata = existing["metadata"]
    same = (metadata.get("labels") or {}) == wanted["metadata"]["labels"]
    same = same and _annotations(existing) == wanted["metadata"].get("annotations", {})
    return bool(same and (existing.get("subsets") or []) == wanted.get("subsets", []))


def _grouped(backends: Iterable[Backend]) -> list[tuple[tuple[Port, ...], list[Backend]]]:
    """Pods that answer at the same ports are one subset."""
    groups: dict[tuple[Port, ...], list[Backend]] = {}
    for each in backends:
        groups.setdefault(each.ports, []).append(each)
    return sorted(groups.items(), key=lambda item: [port.number for port in item[0]])


def _subset(ports: Sequence[Port], backends: Sequence[Backend]) -> Object:
    ordered = sorted(backends, key=lambda each: each.pod.view.ip)
    fields = {
        "addresses": [_address(each) for each in ordered if each.ready],
        "notReadyAddresses": [_address(each) for each in ordered if not each.ready],
        "ports": [_unnamed(port.shown()) for port in ports],
    }
    return {name: value for name, value in fields.items() if value}


def _address(backend: Backend) -> Object:
    node = {"nodeName": backend.pod.view.node} if backend.pod.view.node else {}
    return {"ip": backend.pod.view.ip, **node, "targetRef": backend.target}


def _unnamed(port: Object) -> Object:
    """A name that is empty is left out here."""
    return {key: value for key, value in port.items() if value != ""}
