"""Addresses and node ports of services: given, kept, refused, given back."""

from typing import Any

import pytest
from tests.apiserver.support import refusal

from pullscope.kube import resources
from pullscope.kube.api import Api, Object

R = resources


async def test_services_get_addresses_of_their_own(api: Api) -> None:
    def service(name: str, **spec: Any) -> Object:
        return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}

    first = await api.create(R.SERVICES, "demo", service("a"))
    second = await api.create(R.SERVICES, "demo", service("b", type="NodePort"))
    assert (first["spec"]["clusterIP"], second["spec"]["clusterIP"]) == ("10.217.4.1", "10.217.4.2")
    assert first["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert second["spec"]["ports"][0]["nodePort"] == 30000
    error = await refusal(api.patch(R.SERVICES, "demo", "a", {"spec": {"clusterIP": "10.217.4.9"}}))
    assert 'spec.clusterIPs[0]: Invalid value: ["10.217.4.9"]: may not change once set' in error.message


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"clusterIP": "10.217.4.7"},
            'spec.clusterIPs: Invalid value: ["10.217.4.7"]: failed to allocate IP 10.217.4.7: provided IP is already allocated',
        ),
        (
            {"clusterIP": "10.0.0.1"},
            (
                'spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is '
                "not in the valid range. The range of valid IPs is 10.217.4.0/23"
            ),
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30007}]},
            "spec.ports[0].nodePort: Invalid value: 30007: provided port is already allocated",
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]},
            (
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
                "The range of valid ports is 30000-32767"
            ),
        ),
        (
            {"ports": [{"port": 80, "nodePort": 30008}]},
            "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
        ),
        (
            {"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]},
            (
                'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,'
                '"TargetPort":0,"NodePort":0}'
            ),
        ),
        (
            {
                "type": "NodePort",
                "ports": [{"name": "a", "port": 80, "nodePort": 30008}, {"name": "b", "port": 81, "nodePort": 30008}],
            },
            "spec.ports[1].nodePort: Duplicate value: 30008",
        ),
    ],
)
async def test_addresses_and_ports_that_cannot_be_had(api: Api, spec: Object, words: str) -> None:
    taken = {"type": "NodePort", "clusterIP": "10.217.4.7", "ports": [{"port": 80, "nodePort": 30007}]}
    await api.create(R.SERVICES, "demo", {"metadata": {"name": "first"}, "spec": taken})
    given = {"ports": [{"port": 80}], **spec}
    error = await refusal(api.create(R.SERVICES, "demo", {"metadata": {"name": "second"}, "spec": given}))
    assert (error.code, error.message) == (422, f'Service "second" is invalid: {words}')


async def test_a_service_gives_its_node_ports_back(api: Api) -> None:
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30007}]}
    await api.create(R.SERVICES, "demo", {"metadata": {"name": "first"}, "spec": spec})
    await api.patch(R.SERVICES, "demo", "first", {"metadata": {"labels": {"a": "b"}}})
    changed = await api.patch(R.SERVICES, "demo", "first", {"spec": {"type": "ClusterIP"}})
    assert "nodePort" not in changed["spec"]["ports"][0]
    await api.create(R.SERVICES, "demo", {"metadata": {"name": "second"}, "spec": spec})


async def test_a_service_gets_node_ports_when_it_comes_to_need_them(api: Api) -> None:
    spec = {"ports": [{"port": 80, "name": "a"}]}
    await api.create(R.SERVICES, "demo", {"metadata": {"name": "x"}, "spec": {**spec, "type": "NodePort"}})
    made = await api.create(R.SERVICES, "demo", {"metadata": {"name": "y"}, "spec": spec})
    changed = await api.patch(R.SERVICES, "demo", "y", {"spec": {"type": "NodePort"}})
    assert changed["spec"]["ports"][0]["nodePort"] == 30001
    two = [{"port": 443, "name": "b"}, {"port": 80, "name": "a"}]
    changed = await api.patch(R.SERVICES, "demo", "y", {"spec": {"ports": two, "clusterIP": None}})
    assert [port["nodePort"] for port in changed["spec"]["ports"]] == [30000 + 2, 30001]
    assert changed["spec"]["clusterIP"] == made["spec"]["clusterIP"]
