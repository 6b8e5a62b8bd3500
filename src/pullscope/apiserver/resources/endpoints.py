"""Endpoints: the addresses behind a Service, in the form that EndpointSlices have replaced.

Upstream: kubernetes v1.36 pkg/registry/core/endpoint, pkg/apis/core/validation (ValidateEndpoints),
pkg/printers/internalversion/printers.go (printEndpoints), k8s.io/api v0.36 core/v1 zz_generated.prerelease-lifecycle.go.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import addresses, columns, syntax
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, names, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"


def _default(obj: Object) -> None:
    for subset in obj.get("subsets") or ():
        for port in subset.get("ports") or ():
            port["protocol"] = port.get("protocol") or "TCP"


def _validate(obj: Object) -> Iterator[Cause]:
    for index, subset in enumerate(obj.get("subsets") or ()):
        path = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield causes.required(path, "must specify `addresses` or `notReadyAddresses`")
        for field in ("addresses", "notReadyAddresses"):
            for place, address in enumerate(subset.get(field) or ()):
                yield from addresses.ip(address.get("ip", ""), f"{path}.{field}[{place}].ip")
        ports = subset.get("ports") or ()
        for place, port in enumerate(ports):
            yield from _port(port, f"{path}.ports[{place}]", several=len(ports) > 1)


def _port(port: Object, path: str, *, several: bool) -> Iterator[Cause]:
    name, number = port.get("name", ""), port.get("port", 0)
    if several and not name:
        yield causes.required(f"{path}.name")
    elif name:
        yield from (causes.invalid(f"{path}.name", name, why) for why in names.dns1123_label(name))
    yield from (causes.invalid(f"{path}.port", number, why) for why in syntax.port_number(number))
    yield from addresses.protocol(port["protocol"], f"{path}.protocol")


def _validate_update(new: Object, _old: Object) -> Iterator[Cause]:
    return _validate(new)


def _cells(obj: Object, now: datetime) -> list[Any]:
    found = [text for subset in obj.get("subsets") or () for text in _hosts(subset)]
    return [obj["metadata"]["name"], addresses.shown(found) or table.NONE, table.age(obj, now)]


def _hosts(subset: Object) -> list[str]:
    """Addresses with ports; without, where the subset has none."""
    ips = [address["ip"] for address in subset.get("addresses") or ()]
    ports = [port["port"] for port in subset.get("ports") or ()]
    return [f"{_bracketed(ip)}:{port}" for port in ports for ip in ips] if ports else ips


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


KIND = Kind(
    resource=resources.ENDPOINTS,
    table=Table(
        (columns.NAME, table.column("Endpoints", description="Addresses that are ready."), columns.AGE),
        _cells,
    ),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
    default=_default,
    deprecated=DEPRECATED,
)
