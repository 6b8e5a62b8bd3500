"""Which addresses and node ports services get: those that they ask for when they are free, else the lowest free ones.

Upstream: kubernetes v1.36 pkg/registry/core/service/storage/alloc.go and storage.go (patchAllocatedValues,
dropTypeDependentFields), with the errors of its ipallocator and portallocator.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pullscope.apiserver import workloads
from pullscope.kube import causes, status
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

T = TypeVar("T")
NETWORK = ipaddress.ip_network("10.217.4.0/23")  # OpenShift Local's
NODE_PORTS = range(30000, 32768)
WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def keep(spec: Object, before: Object) -> None:
    """What was given out stays where a writer leaves it out, and goes where the type has it no more."""
    for field in ("clusterIP", "clusterIPs"):
        if not spec.get(field) and field in before:
            spec[field] = before[field]
    ports = {(port["protocol"], port["port"]): port.get("nodePort") for port in before.get("ports") or ()}
    for port in spec.get("ports") or ():
        number = ports.get((port["protocol"], port.get("port")))
        if spec["type"] in WITH_NODE_PORTS and not port.get("nodePort") and number:
            port["nodePort"] = number
        elif spec["type"] not in WITH_NODE_PORTS and number and port.get("nodePort") == number:
            del port["nodePort"]


def conflicts(spec: Object, before: Object, others: Sequence[Object]) -> Iterator[Cause]:
    """What the service asks for and cannot have; `before` is its own spec so far, `others` those of all other services."""
    wanted = spec.get("clusterIP") or "None"
    is_new = wanted != "None" and spec["type"] != "ExternalName" and not before.get("clusterIP")
    if is_new and (why := _refused_address(wanted, others)):
        yield workloads.object_invalid("spec.clusterIPs", [wanted], f"failed to allocate IP {wanted}: {why}")
    had = {port.get("nodePort") for port in before.get("ports") or ()}
    busy = {port.get("nodePort") for other in others for port in other.get("ports") or ()}
    for index, port in enumerate(spec.get("ports") or ()):
        number = port.get("nodePort")
        if spec["type"] in WITH_NODE_PORTS and number and number not in had:
            path = f"spec.ports[{index}].nodePort"
            if number not in NODE_PORTS:
                valid = f"The range of valid ports is {NODE_PORTS[0]}-{NODE_PORTS[-1]}"
                yield causes.invalid(path, number, f"provided port is not in the valid range. {valid}")
            elif number in busy:
                yield causes.invalid(path, number, "provided port is already allocated")


def _refused_address(text: str, others: Sequence[Object]) -> str:
    """Why the address cannot be had, empty when it can; what is no address at all is refused elsewhere."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if address not in NETWORK or address in (NETWORK.network_address, NETWORK.broadcast_address):
        return f"the provided IP ({text}) is not in the valid range. The range of valid IPs is {NETWORK}"
    return "provided IP is already allocated" if any(other.get("clusterIP") == text for other in others) else ""


def assign(spec: Object, others: Sequence[Object]) -> None:
    """Give `spec` a free address and free node ports, as its type needs and where it names none itself."""
    if spec["type"] != "ExternalName" and not spec.get("clusterIP"):
        used = {other.get("clusterIP") for other in others}
        spec["clusterIP"] = _next((text for text in map(str, NETWORK.hosts()) if text not in used), "serviceIP")
    if spec.get("clusterIP"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    if spec["type"] in WITH_NODE_PORTS:
        busy = {port.get("nodePort") for other in [*others, spec] for port in other.get("ports") or ()}
        free = (number for number in NODE_PORTS if number not in busy)
        for port in spec.get("ports") or ():
            if not port.get("nodePort"):
                port["nodePort"] = _next(free, "nodePort")


def _next(free: Iterator[T], what: str) -> T:
    """Raises ApiError 500, as upstream's allocators do, when all are given out."""
    for found in free:
        return found
    raise status.internal(f"failed to allocate a {what}: range is full")
