"""What a lab starts with, and finds again."""

import pytest

from pullscope.apiserver.authorization import MASTER
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.lab import bootstrap

R = resources


@pytest.fixture
async def api() -> Api:
    server = ApiServer(Store.open(None), ManualClock())
    return server.client(MASTER)


async def test_the_objects_of_a_cluster(api: Api) -> None:
    await bootstrap.create_namespaces(api)
    await bootstrap.create_objects(api, "127.0.0.1", 6443)
    classes = (await api.list(R.PRIORITY_CLASSES)).items
    assert {each["metadata"]["name"]: each["value"] for each in classes} == {
        "system-node-critical": 2000001000,
        "system-cluster-critical": 2000000000,
        "openshift-user-critical": 1000000000,
    }
    service = await api.get(R.SERVICES, "default", "kubernetes")
    assert (service["spec"]["clusterIP"], service["spec"]["ports"][0]["targetPort"]) == ("10.217.4.1", 6443)


async def test_a_lab_that_comes_up_again_keeps_them_and_says_where_it_listens(api: Api) -> None:
    await bootstrap.create_namespaces(api)
    await bootstrap.create_objects(api, "127.0.0.1", 6443)
    await api.patch(R.PRIORITY_CLASSES, None, "openshift-user-critical", {"description": "mine"})
    before = await api.get(R.SERVICES, "default", "kubernetes")
    await bootstrap.create_namespaces(api)
    await bootstrap.create_objects(api, "127.0.0.1", 7443)
    assert (await api.get(R.PRIORITY_CLASSES, None, "openshift-user-critical"))["description"] == "mine"
    service = await api.get(R.SERVICES, "default", "kubernetes")
    assert service["metadata"]["uid"] == before["metadata"]["uid"]
    assert service["spec"]["ports"] == [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 7443}]
    endpoints = await api.get(R.ENDPOINTS, "default", "kubernetes")
    assert endpoints["subsets"] == [
        {"addresses": [{"ip": "127.0.0.1"}], "ports": [{"name": "https", "port": 7443, "protocol": "TCP"}]}
    ]
    (endpoint_slice,) = (await api.list(R.ENDPOINT_SLICES, "default")).items
    assert (endpoint_slice["endpoints"][0]["addresses"], endpoint_slice["ports"][0]["port"]) == (["127.0.0.1"], 7443)
