"""Services. They get an address of the service network and nothing answers there: there is no pod network.

Upstream: kubernetes v1.36 pkg/registry/core/service, pkg/apis/core/v1/defaults.go (SetDefaults_Service),
pkg/apis/core/validation (ValidateService), pkg/printers/internalversion/printers.go (printService).
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pullscope.apiserver import addresses, allocation, columns, strategies, syntax, workloads
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import status
from pullscope.kube import causes, names, resources, table, validation
from pullscope.kube import status as errors
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

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
            self._give(context, obj, {})
            return await super().create(context, obj)

    async def update(self, context: Context, change: Change) -> Object:
        async with self._giving:
            return await super().update(context, change)

    def _allocate(self, context: Context, new: Object, old: Object) -> None:
        allocation.keep(new["spec"], old["spec"])
        self._give(context, new, old["spec"])

    def _give(self, context: Context, obj: Object, before: Object) -> None:
        others = self._others(context)
        found = list(allocation.conflicts(obj["spec"], before, others))
        if found:
            raise errors.invalid(self._resource, obj["metadata"].get("name", ""), found)
        allocation.assign(obj["spec"], others)

    def _others(self, context: Context) -> list[Object]:
        """The specs of all services but the one that the request names."""
        own = self._key(context)
        return [stored.object()["spec"] for stored in self._store.list(self._resource).items if stored.key != own]


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
    if spec["type"] in allocation.WITH_NODE_PORTS:
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
    yield from _node_ports(spec)
    yield from _doubled(ports)
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


def _node_ports(spec: Object) -> Iterator[Cause]:
    """A node port is one service's, once for each protocol."""
    taken: set[tuple[str, int]] = set()
    for index, port in enumerate(spec.get("ports") or ()):
        path, number = f"spec.ports[{index}].nodePort", port.get("nodePort")
        if number and spec["type"] == "ClusterIP":
            yield causes.forbidden(path, "may not be used when `type` is 'ClusterIP'")
        if number and (port["protocol"], number) in taken:
            yield causes.duplicate(path, number)
        taken.add((port["protocol"], number or 0))


def _doubled(ports: Sequence[Object]) -> Iterator[Cause]:
    """No two ports have the same number and protocol. The value is printed as Go's struct has it."""
    taken: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        key = (port["protocol"], port.get("port", 0))
        if key in taken:
            shown = {
                "Name": "",
                "Protocol": key[0],
                "AppProtocol": None,
                "Port": key[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            text = json.dumps(shown, separators=(",", ":"))
            yield Cause("FieldValueDuplicate", f"spec.ports[{index}]", f"Duplicate value: {text}")
        taken.add(key)


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    if before and before != after and old["spec"]["type"] != "ExternalName" and new["spec"]["type"] != "ExternalName":
        given = [after] if after else []
        yield workloads.object_invalid("spec.clusterIPs[0]", given, "may not change once set")
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
