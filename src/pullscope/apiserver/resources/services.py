"""Services. They get an address of the service network and nothing answers there: there is no pod network.

Upstream: kubernetes v1.36 pkg/registry/core/service, pkg/apis/core/v1/defaults.go (SetDefaults_Service),
pkg/apis/core/validation (ValidateService), pkg/printers/internalversion/printers.go (printService).
"""

import asyncio
import ipaddress
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

from pullscope.apiserver import addresses, columns, strategies, syntax
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import status
from pullscope.kube import causes, names, resources, table, validation
from pullscope.kube import status as errors
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

T = TypeVar("T")
NETWORK = ipaddress.ip_network("10.217.4.0/23")  # OpenShift Local's
_NODE_PORTS = range(30000, 32768)
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_COLUMNS = (
    columns.NAME,
    table.column("Type", description="How the service is exposed."),
    table.column("Cluster-IP", description="The service's address inside the cluster."),
    table.column("External-IP", description="Addresses outside the cluster that lead to the service."),
    table.column("Port(s)", description="The list of ports that are exposed by this service."),
    columns.AGE,
    table.column("Selector", description="Labels of the pods that traffic goes to.", priority=1),
)


class ServiceStorage(Storage):
    """Storage that gives out addresses and node ports, one service at a time, so that none is given twice."""

    def __init__(self, kind: Kind, services: Services) -> None:
        super().__init__(kind, services)
        self._giving = asyncio.Lock()

    async def create(self, context: Context, obj: Object) -> Object:
        async with self._giving:
            assign(obj["spec"], self._others(context))
            return await super().create(context, obj)

    async def update(self, context: Context, change: Change) -> Object:
        async with self._giving:
            return await super().update(context, change)

    def _allocate(self, context: Context, new: Object, old: Object) -> None:
        keep(new["spec"], old["spec"])
        assign(new["spec"], self._others(context))

    def _others(self, context: Context) -> list[Object]:
        """The specs of all services but the one that the request names."""
        own = self._key(context)
        return [stored.object()["spec"] for stored in self._store.list(self._resource).items if stored.key != own]


def keep(spec: Object, before: Object) -> None:
    """What was given out stays where a writer leaves it out (upstream: patchAllocatedValues)."""
    for field in ("clusterIP", "clusterIPs"):
        if not spec.get(field) and field in before:
            spec[field] = before[field]
    if spec["type"] in _WITH_NODE_PORTS:
        ports = {(port["protocol"], port["port"]): port.get("nodePort") for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            if not port.get("nodePort") and (number := ports.get((port["protocol"], port.get("port")))):
                port["nodePort"] = number


def assign(spec: Object, taken: list[Object]) -> None:
    """Give `spec` a free address and free node ports, as its type needs and where it names none itself."""
    if spec["type"] != "ExternalName" and not spec.get("clusterIP"):
        used = {other.get("clusterIP") for other in taken}
        spec["clusterIP"] = _next((text for text in map(str, NETWORK.hosts()) if text not in used), "serviceIP")
    if spec.get("clusterIP"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    if spec["type"] in _WITH_NODE_PORTS:
        busy = {port.get("nodePort") for other in [*taken, spec] for port in other.get("ports") or ()}
        free = (number for number in _NODE_PORTS if number not in busy)
        for port in spec.get("ports") or ():
            if not port.get("nodePort"):
                port["nodePort"] = _next(free, "nodePort")


def _next(free: Iterator[T], what: str) -> T:
    """Raises ApiError 500, as upstream's allocators do, when all are given out."""
    for found in free:
        return found
    raise errors.internal(f"failed to allocate a {what}: range is full")


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec["type"] = spec.get("type") or "ClusterIP"
    spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
    for port in spec.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port", 0)
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["type"] in _WITH_NODE_PORTS:
        spec.setdefault("externalTrafficPolicy", "Cluster")


def _create(obj: Object) -> None:
    obj["status"] = {"loadBalancer": {}}


def _validate(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    ports = spec.get("ports") or []
    if not ports and spec.get("clusterIP") != "None" and spec["type"] != "ExternalName":
        yield causes.required("spec.ports")
    taken: set[str] = set()
    for index, port in enumerate(ports):
        yield from _port(port, f"spec.ports[{index}]", taken, several=len(ports) > 1)
    yield from validation.labels(spec.get("selector") or {}, "spec.selector")
    if spec["sessionAffinity"] not in _AFFINITIES:
        yield causes.not_supported("spec.sessionAffinity", spec["sessionAffinity"], _AFFINITIES)
    if spec["type"] not in _TYPES:
        yield causes.not_supported("spec.type", spec["type"], _TYPES)
    if (address := spec.get("clusterIP") or "None") != "None":
        yield from addresses.ip(address, "spec.clusterIPs[0]")


def _port(port: Object, path: str, taken: set[str], *, several: bool) -> Iterator[Cause]:
    name, number = port.get("name", ""), port.get("port", 0)
    if several and not name:
        yield causes.required(f"{path}.name")
    elif name:
        yield from (causes.invalid(f"{path}.name", name, why) for why in names.dns1123_label(name))
        if name in taken:
            yield causes.duplicate(f"{path}.name", name)
        taken.add(name)
    yield from (causes.invalid(f"{path}.port", number, why) for why in syntax.port_number(number))
    yield from addresses.protocol(port["protocol"], f"{path}.protocol")
    target = port["targetPort"]
    found = syntax.port_number(target) if isinstance(target, int) else syntax.port_name(target)
    yield from (causes.invalid(f"{path}.targetPort", target, why) for why in found)


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    if before and before != after and old["spec"]["type"] != "ExternalName" and new["spec"]["type"] != "ExternalName":
        yield causes.invalid("spec.clusterIPs[0]", after or "", "may not change once set")
    yield from _validate(new)


def _cells(obj: Object, now: datetime) -> list[Any]:
    spec = obj["spec"]
    ports = ",".join(_port_text(port) for port in spec.get("ports") or ()) or table.NONE
    addresses = [spec.get("clusterIP") or table.NONE, _external(obj)]
    head = [obj["metadata"]["name"], spec["type"], *addresses, ports]
    return [*head, table.age(obj, now), columns.mapping(spec.get("selector"))]


def _port_text(port: Object) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node}/{port['protocol']}"


def _external(obj: Object) -> str:
    spec = obj["spec"]
    if spec["type"] == "ExternalName":
        return str(spec.get("externalName", ""))
    ingress = (obj.get("status", {}).get("loadBalancer") or {}).get("ingress") or ()
    balanced = sorted({each.get("ip") or each.get("hostname", "") for each in ingress} - {""})
    listed = [*balanced, *(spec.get("externalIPs") or ())]
    return ",".join(listed) or ("<pending>" if spec["type"] == "LoadBalancer" else table.NONE)


KIND = Kind(
    resource=resources.SERVICES,
    table=Table(_COLUMNS, _cells),
    handler=ServiceStorage,
    strategy=Strategy(_create, strategies.keep_status, _validate, _validate_update),
    default=_default,
    name_rule=names.dns1035_label,
    selectable=("metadata.name", "metadata.namespace", "spec.clusterIP", "spec.type"),
    subresources={"status": status.of("Service")},
    answers_with_object=True,
)
