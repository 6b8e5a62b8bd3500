"""EndpointSlices: the addresses behind a Service, a hundred to a slice.

Upstream: kubernetes v1.36 pkg/registry/discovery/endpointslice, pkg/apis/discovery/validation and v1/defaults.go,
pkg/printers/internalversion/printers.go (printEndpointSlice).
"""

import ipaddress
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import addresses, columns, strategies, syntax
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, names, resources, table, validation
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_TYPES = ("FQDN", "IPv4", "IPv6")
_FAMILIES = {"IPv4": ipaddress.IPv4Address, "IPv6": ipaddress.IPv6Address}
_ENDPOINTS_MAX, _ADDRESSES_MAX = 1000, 100
_UNSET = "<unset>"
_COLUMNS = (
    columns.NAME,
    table.column("AddressType", description="The type of address that the slice has."),
    table.column("Ports", description="The ports of each endpoint in the slice."),
    table.column("Endpoints", description="The addresses of the endpoints in the slice."),
    columns.AGE,
)


def _default(obj: Object) -> None:
    for port in obj.get("ports") or ():
        port["name"] = port.get("name") or ""
        port["protocol"] = port.get("protocol") or "TCP"


def _validate(obj: Object) -> Iterator[Cause]:
    kind, endpoints = obj.get("addressType", ""), obj.get("endpoints") or ()
    if not kind:
        yield causes.required("addressType")
    elif kind not in _TYPES:
        yield causes.not_supported("addressType", kind, _TYPES)
    if len(endpoints) > _ENDPOINTS_MAX:
        yield causes.too_many("endpoints", len(endpoints), _ENDPOINTS_MAX)
    for index, endpoint in enumerate(endpoints):
        yield from _addresses(endpoint.get("addresses") or (), kind, f"endpoints[{index}].addresses")
    yield from _ports(obj.get("ports") or ())


def _addresses(given: Any, kind: str, path: str) -> Iterator[Cause]:
    if not given:
        yield causes.required(path, "must contain at least 1 address")
    elif len(given) > _ADDRESSES_MAX:
        yield causes.too_many(path, len(given), _ADDRESSES_MAX)
    for index, text in enumerate(given):
        here = f"{path}[{index}]"
        if kind in _FAMILIES:
            yield from _of_family(text, kind, here)
        else:
            yield from (causes.invalid(here, text, why) for why in names.dns1123_subdomain(text))


def _of_family(text: str, kind: str, path: str) -> Iterator[Cause]:
    try:
        _FAMILIES[kind](text)
    except ValueError:
        yield causes.invalid(path, text, f"must be a valid {kind} address")


def _ports(ports: Any) -> Iterator[Cause]:
    taken: set[str] = set()
    for index, port in enumerate(ports):
        path, name, number = f"ports[{index}]", port["name"], port.get("port")
        if name:
            yield from (causes.invalid(f"{path}.name", name, why) for why in names.dns1123_label(name))
        if name in taken:
            yield causes.duplicate(f"{path}.name", name)
        taken.add(name)
        if number is not None:
            yield from (causes.invalid(f"{path}.port", number, why) for why in syntax.port_number(number))
        yield from addresses.protocol(port["protocol"], f"{path}.protocol")


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from _validate(new)
    if new.get("addressType") != old.get("addressType"):
        yield causes.invalid("addressType", new.get("addressType"), validation.IMMUTABLE)


def _update(new: Object, old: Object) -> None:
    strategies.next_generation(new, old)


def _cells(obj: Object, now: datetime) -> list[Any]:
    ports = [str(port["port"]) if port.get("port") is not None else port["name"] for port in obj.get("ports") or ()]
    found = [text for endpoint in obj.get("endpoints") or () for text in endpoint.get("addresses") or ()]
    lists = [addresses.shown(texts) or _UNSET for texts in (ports, found)]
    return [obj["metadata"]["name"], obj["addressType"], *lists, table.age(obj, now)]


KIND = Kind(
    resource=resources.ENDPOINT_SLICES,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(strategies.first_generation, _update, _validate, _validate_update),
    default=_default,
)
