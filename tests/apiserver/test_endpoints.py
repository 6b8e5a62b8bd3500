"""Endpoints and EndpointSlices as the API keeps and prints them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.apiserver.support import Http

from pullscope.apiserver.resources import endpoint_slices, endpoints
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

NOW = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)
HEAD: Object = {"metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"}}
E, S = resources.ENDPOINTS, resources.ENDPOINT_SLICES


def subset(*ips: str, **ports: int) -> Object:
    return {
        "addresses": [{"ip": ip} for ip in ips],
        "ports": [{"name": name, "port": port} for name, port in ports.items()],
    }


def slice_of(*ips: str, kind: str = "IPv4", **fields: Any) -> Object:
    return {"addressType": kind, "endpoints": [{"addresses": [ip]} for ip in ips], **fields}


@pytest.mark.parametrize(
    ("resource", "obj", "words"),
    [
        (E, {"subsets": [{}]}, "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"),
        (
            E,
            {"subsets": [subset("here", a=1)]},
            'subsets[0].addresses[0].ip: Invalid value: "here": must be a valid IP',
        ),
        (
            E,
            {"subsets": [subset("10.0.0.1", a=0)]},
            "subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535",
        ),
        (
            E,
            {"subsets": [{**subset("10.0.0.1"), "ports": [{"port": 1}, {"port": 2}]}]},
            "[subsets[0].ports[0].name: Required value, subsets[0].ports[1].name: Required value]",
        ),
        (
            E,
            {"subsets": [{**subset("10.0.0.1"), "ports": [{"port": 1, "protocol": "IP"}]}]},
            'subsets[0].ports[0].protocol: Unsupported value: "IP": supported values: "SCTP", "TCP", "UDP"',
        ),
        (S, {"endpoints": []}, "addressType: Required value"),
        (S, slice_of(kind="Post"), 'addressType: Unsupported value: "Post": supported values: "FQDN", "IPv4", "IPv6"'),
        (S, slice_of("::1"), 'endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address'),
        (
            S,
            slice_of("A", kind="FQDN"),
            'endpoints[0].addresses[0]: Invalid value: "A": a lowercase RFC 1123 subdomain',
        ),
        (
            S,
            {"addressType": "IPv4", "endpoints": [{"addresses": []}]},
            "endpoints[0].addresses: Required value: must contain at least 1 address",
        ),
        (S, slice_of(*["10.0.0.1"] * 1001), "endpoints: Too many: 1001: must have at most 1000 items"),
        (S, slice_of(ports=[{"name": "a"}, {"name": "a"}]), 'ports[1].name: Duplicate value: "a"'),
        (S, slice_of(ports=[{"port": 0}]), "ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"),
    ],
)
async def test_what_is_refused(api: Api, resource: Resource, obj: Object, words: str) -> None:
    with pytest.raises(ApiError) as raised:
        await api.create(resource, "demo", {"metadata": {"name": "x"}, **obj})
    assert words in raised.value.message


async def test_the_type_of_addresses_stays(api: Api) -> None:
    made = await api.create(S, "demo", {"metadata": {"name": "x"}, **slice_of("10.0.0.1", ports=[{"port": 1}])})
    assert made["ports"] == [{"name": "", "port": 1, "protocol": "TCP"}]
    with pytest.raises(ApiError, match='addressType: Invalid value: "FQDN": field is immutable'):
        await api.patch(S, "demo", "x", {"addressType": "FQDN", "endpoints": []})


@pytest.mark.parametrize(
    ("subsets", "shown"),
    [
        ([], "<none>"),
        ([subset("10.0.0.1", "10.0.0.2", http=80)], "10.0.0.1:80,10.0.0.2:80"),
        ([subset("10.0.0.1", "10.0.0.2", http=80, https=443)], "10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 1 more..."),
        ([subset("10.0.0.1"), subset("fd00::1", http=80)], "10.0.0.1,[fd00::1]:80"),
        ([{"notReadyAddresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 1}]}], "<none>"),
    ],
)
def test_cells_of_endpoints(subsets: list[Object], shown: str) -> None:
    assert endpoints.KIND.table.cells({**HEAD, "subsets": subsets}, NOW) == ["x", shown, "2m"]


def test_cells_of_slices() -> None:
    many = slice_of(*[f"10.0.0.{number}" for number in range(5)], ports=[{"name": "", "port": 80}, {"name": "b"}])
    cells = endpoint_slices.KIND.table.cells({**HEAD, **many}, NOW)
    assert cells == ["x", "IPv4", "80,b", "10.0.0.0,10.0.0.1,10.0.0.2 + 2 more...", "2m"]
    assert endpoint_slices.KIND.table.cells({**HEAD, **slice_of()}, NOW)[2:4] == ["<unset>", "<unset>"]


async def test_who_asks_for_endpoints_is_warned(wire: Http) -> None:
    warning = ['299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"']
    assert (await wire.send("GET", "/api/v1/endpoints")).warnings == warning
    assert (await wire.send("GET", "/api/v1/namespaces/demo/endpoints/none")).warnings == warning
    async with wire.request("GET", "/api/v1/endpoints?watch=true&resourceVersion=0") as answer:
        assert answer.headers.getall("Warning") == warning
    assert (await wire.send("GET", "/api/v1/services")).warnings == []
