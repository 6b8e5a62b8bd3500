"""What the EndpointSlices of a service shall be: no endpoint changes its slice without need.

Upstream: k8s.io/endpointslice v0.36 reconciler.go and utils.go, with OpenShift's and upstream's hundred endpoints a slice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.controllers.endpoints.backends import HEADLESS, Backend, Port, is_headless
from pullscope.kube import meta, resources
from pullscope.kube.api import Object

SERVICE = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
SIZE = 100


@dataclass(frozen=True)
class Plan:
    """What to write: new slices, changed ones, and the names of those that nobody needs."""

    create: tuple[Object, ...]
    update: tuple[Object, ...]
    delete: tuple[str, ...]


def plan(service: Object, backends: Sequence[Backend], existing: Sequence[Object]) -> Plan:
    """The changes from the `existing` slices of the service to what they shall be."""
    wanted = _by_ports(backends)
    kept: list[tuple[Object, list[Object]]] = []
    for each in sorted(existing, key=lambda each: str(each["metadata"]["name"])):
        left = wanted.get(_key(each.get("ports") or ()), {})
        stay = [left.pop(uid) for uid in _uids(each) if uid in left]
        kept.append((each, stay))
    for each, endpoints in kept:
        left = wanted.get(_key(each.get("ports") or ()), {})
        while left and endpoints and len(endpoints) < SIZE:
            endpoints.append(left.pop(next(iter(left))))
    create = [_new(service, ports, some) for ports, left in wanted.items() for some in _chunks([*left.values()])]
    needed = [each for each in kept if each[1]]
    if not needed and not create:  # a service without endpoints has a slice that says so
        needed = kept[:1]
        create = [] if needed else [_new(service, (), [])]
    names = {each["metadata"]["name"] for each, _ in needed}
    return Plan(
        create=tuple(create),
        update=tuple(new for each, endpoints in needed if (new := _updated(service, each, endpoints)) != each),
        delete=tuple(each["metadata"]["name"] for each in existing if each["metadata"]["name"] not in names),
    )


def _by_ports(backends: Iterable[Backend]) -> dict[Any, dict[str, Object]]:
    """The endpoints by the ports at which they answer, then by the pod's uid."""
    groups: dict[Any, dict[str, Object]] = {}
    for each in backends:
        groups.setdefault(_key(port.shown() for port in each.ports), {})[each.pod.uid] = _endpoint(each)
    return groups


def _key(ports: Iterable[Object]) -> tuple[Port, ...]:
    return tuple(
        Port(port.get("name", ""), port["port"], port["protocol"], port.get("appProtocol", "")) for port in ports
    )


def _uids(endpoint_slice: Object) -> list[str]:
    return [(each.get("targetRef") or {}).get("uid", "") for each in endpoint_slice.get("endpoints") or ()]


def _chunks(endpoints: list[Object]) -> list[list[Object]]:
    return [endpoints[start : start + SIZE] for start in range(0, len(endpoints), SIZE)]


def _endpoint(backend: Backend) -> Object:
    view = backend.pod.view
    conditions = {"ready": backend.ready, "serving": backend.serving, "terminating": backend.pod.deleting}
    node = {"nodeName": view.node} if view.node else {}
    return {"addresses": [view.ip], "conditions": conditions, **node, "targetRef": backend.target}


def _labels(service: Object) -> dict[str, str]:
    labels = {**(service["metadata"].get("labels") or {}), **({HEADLESS: ""} if is_headless(service) else {})}
    return {**labels, SERVICE: service["metadata"]["name"], MANAGED_BY: MANAGER}


def _new(service: Object, ports: Iterable[Port], endpoints: list[Object]) -> Object:
    metadata = service["metadata"]
    return {
        "apiVersion": resources.ENDPOINT_SLICES.api_version,
        "kind": resources.ENDPOINT_SLICES.kind,
        "metadata": {
            "generateName": f"{metadata['name']}-",
            "namespace": metadata["namespace"],
            "labels": _labels(service),
            "ownerReferences": [meta.owner_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": [port.shown() for port in ports],
    }


def _updated(service: Object, existing: Object, endpoints: list[Object]) -> Object:
    return {
        **existing,
        "metadata": {**existing["metadata"], "labels": _labels(service)},
        "endpoints": endpoints,
        "ports": existing.get("ports") if endpoints else [],
    }
