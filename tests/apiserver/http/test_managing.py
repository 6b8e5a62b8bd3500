"""metadata.managedFields over the wire: who wrote what, by name, subresource and time."""

from typing import Any

import pytest
from tests.apiserver.support import DEPLOYMENTS, PODS, Http, deployment, pod

from pullscope.apiserver import managing
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api, UserInfo

Object = dict[str, Any]
CONFIG_MAPS = "/api/v1/namespaces/demo/configmaps"
MERGE = "application/merge-patch+json"


async def sent(wire: Http, method: str, path: str, body: Any, content_type: str = "application/json") -> Object:
    answer = await wire.send(method, path, body, content_type=content_type)
    assert answer.code < 300, answer.body
    found: Object = answer.body
    return found


def managers(obj: Object) -> dict[str, Any]:
    """Who manages what; those of a subresource as `name/subresource`."""
    found = {}
    for entry in obj["metadata"].get("managedFields", []):
        assert (entry["operation"], entry["fieldsType"]) == ("Update", "FieldsV1")
        found["/".join(filter(None, [entry["manager"], entry.get("subresource")]))] = entry["fieldsV1"]
    return found


def config_map(**data: str) -> Object:
    return {"metadata": {"name": "c"}, "data": data}


async def test_a_creator_manages_all_but_status_and_what_admission_adds(wire: Http) -> None:
    body = {**pod(), "status": {"phase": "Running"}}
    made = await sent(wire, "POST", f"{PODS}?fieldManager=me", body)
    (entry,) = made["metadata"]["managedFields"]
    assert {name: entry[name] for name in entry if name not in ("time", "fieldsV1")} == {
        "manager": "me",
        "operation": "Update",
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
    }
    assert entry["time"] == made["metadata"]["creationTimestamp"]
    fields = entry["fieldsV1"]
    assert fields.keys() == {"f:spec"}
    assert "f:serviceAccountName" not in fields["f:spec"]
    assert fields["f:spec"]["f:containers"]['k:{"name":"app"}']["f:resources"] == {}
    assert "f:dnsPolicy" in fields["f:spec"], "defaults are the creator's"


@pytest.mark.parametrize(
    ("agent", "name"),
    [("kubectl/v1.37.1 (linux/amd64)", "kubectl"), ("a\x7fb", "ab"), ("x" * 200, "x" * 128), ("/", "unknown")],
)
def test_without_a_name_it_is_the_client_s(agent: str, name: str) -> None:
    assert managing.manager_of("", agent) == name
    assert managing.manager_of("me", agent) == "me"


async def test_each_writer_takes_what_it_changes(wire: Http, clock: ManualClock) -> None:
    path = f"{DEPLOYMENTS}/web"
    await sent(wire, "POST", f"{DEPLOYMENTS}?fieldManager=creator", deployment())
    clock.advance(5)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "registry.example/app:v2"}]}}}}
    patched = await sent(wire, "PATCH", f"{path}?fieldManager=setter", patch, "application/strategic-merge-patch+json")
    assert managers(patched)["setter"] == {
        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {"f:image": {}}}}}}
    }
    scale = {"spec": {"replicas": 3}}
    await sent(wire, "PATCH", f"{path}/scale?fieldManager=scaler", scale, MERGE)
    state = {**patched, "status": {"replicas": 1, "conditions": [{"type": "Available", "status": "True"}]}}
    del state["metadata"]["resourceVersion"]
    await sent(wire, "PUT", f"{path}/status?fieldManager=controller", state)
    found = managers((await wire.send("GET", path)).body)
    assert found["scaler/scale"] == {"f:spec": {"f:replicas": {}}}
    status: Object = {'k:{"type":"Available"}': {".": {}, "f:status": {}, "f:type": {}}, ".": {}}
    assert found["controller/status"] == {"f:status": {"f:conditions": status, "f:replicas": {}}}
    creator = found["creator"]["f:spec"]
    assert "f:replicas" not in creator
    assert "f:image" not in creator["f:template"]["f:spec"]["f:containers"]['k:{"name":"app"}']
    times = {entry["manager"]: entry["time"] for entry in patched["metadata"]["managedFields"]}
    assert times["creator"] < times["setter"]


async def test_to_change_nothing_is_to_manage_nothing(wire: Http) -> None:
    made = await sent(wire, "POST", f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    same = await sent(wire, "PUT", f"{CONFIG_MAPS}/c?fieldManager=two", config_map(a="1"))
    assert same == made


async def test_what_is_removed_is_nobody_s(wire: Http) -> None:
    await sent(wire, "POST", f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1", b="2"))
    changed = await sent(wire, "PUT", f"{CONFIG_MAPS}/c?fieldManager=two", config_map(b="3"))
    assert managers(changed) == {"one": {"f:data": {}}, "two": {"f:data": {"f:b": {}}}}
    gone = await sent(wire, "PATCH", f"{CONFIG_MAPS}/c?fieldManager=two", {"data": None}, MERGE)
    assert managers(gone) == {}


async def test_what_clients_say_of_managers(wire: Http) -> None:
    made = await sent(wire, "POST", f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1", b="1"))
    entry = made["metadata"]["managedFields"][0]
    renamed = {**made, "metadata": {**made["metadata"], "managedFields": [{**entry, "manager": "renamed"}]}}
    found = await sent(wire, "PUT", f"{CONFIG_MAPS}/c?fieldManager=two", renamed)
    assert managers(found).keys() == {"renamed"}
    for untold in ([], [{**entry, "fieldsV1": {"f:a": 1}}], [{**entry, "operation": "Own"}], None):
        body = {**config_map(a="1", b="1"), "metadata": {"name": "c", "managedFields": untold}}
        found = await sent(wire, "PUT", f"{CONFIG_MAPS}/c", body)
        assert managers(found).keys() == {"renamed"}, "what cannot be read changes nothing"
    spelled = [{"op": "replace", "path": "/metadata/managedFields/0/fieldsV1", "value": {"f:data": {".": {}}}}]
    found = await sent(wire, "PATCH", f"{CONFIG_MAPS}/c", spelled, "application/json-patch+json")
    assert managers(found) == {"renamed": {"f:data": {}}}
    reset: Object = {"metadata": {"managedFields": [{}]}}
    found = await sent(wire, "PATCH", f"{CONFIG_MAPS}/c?fieldManager=two", reset, MERGE)
    assert "managedFields" not in found["metadata"]
    found = await sent(wire, "PATCH", f"{CONFIG_MAPS}/c?fieldManager=two", {"data": {"a": "2"}}, MERGE)
    assert "managedFields" not in found["metadata"], "as upstream: until the next server-side apply"


async def test_a_dry_run_shows_them_and_keeps_none(wire: Http) -> None:
    made = await sent(wire, "POST", f"{CONFIG_MAPS}?fieldManager=one&dryRun=All", config_map(a="1"))
    assert managers(made).keys() == {"one"}
    await sent(wire, "POST", f"{CONFIG_MAPS}?fieldManager=two", config_map(a="1"))
    tried = await sent(wire, "PUT", f"{CONFIG_MAPS}/c?fieldManager=one&dryRun=All", config_map(a="2"))
    assert managers(tried)["one"] == {"f:data": {"f:a": {}}}
    assert managers((await wire.send("GET", f"{CONFIG_MAPS}/c")).body).keys() == {"two"}


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("system:node:crc", "kubelet"),
        ("system:serviceaccount:kube-system:deployment-controller", "kube-controller-manager"),
        ("system:kube-controller-manager", "kube-controller-manager"),
        ("system:kube-scheduler", "kube-scheduler"),
        ("system:admin", "kube-apiserver"),
    ],
)
async def test_the_cluster_s_own_parts_have_their_upstream_names(server: Any, user: str, name: str) -> None:
    api: Api = server.client(UserInfo(user, groups=("system:masters",)))
    made = await api.create(resources.CONFIG_MAPS, "demo", config_map(a="1"))
    assert managers(made).keys() == {name}


async def test_a_binding_is_managed_by_nobody(wire: Http, api: Api) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    binding = {"metadata": {"name": "web"}, "target": {"kind": "Node", "name": "crc"}}
    await sent(wire, "POST", f"{PODS}/web/binding?fieldManager=binder", binding)
    bound = (await wire.send("GET", f"{PODS}/web")).body
    assert bound["spec"]["nodeName"] == "crc"
    assert bound["metadata"]["managedFields"] == made["metadata"]["managedFields"]


async def test_what_the_server_gives_out_is_nobody_s(wire: Http) -> None:
    """Addresses and node ports: upstream gives them out after the managers were written down."""
    services = "/api/v1/namespaces/demo/services"
    spec: dict[str, Any] = {"ports": [{"port": 80}], "selector": {"a": "b"}}
    body = {"metadata": {"name": "web"}, "spec": spec}
    await wire.send("POST", f"{services}?fieldManager=maker", body)
    exposed = {**body, "spec": {**spec, "type": "NodePort"}}
    made = (await wire.send("PUT", f"{services}/web?fieldManager=exposer", exposed)).body
    assert made["spec"]["ports"][0]["nodePort"] >= 30000
    assert made["spec"]["clusterIP"].startswith("10.217.4.")
    managed = str(made["metadata"]["managedFields"])
    assert "f:type" in managed
    assert "f:nodePort" not in managed
    assert "f:clusterIP" not in managed
