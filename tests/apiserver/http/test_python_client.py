"""The official Python client as the judge: typed and dynamic, watches that resume, pages, every kind of patch."""

import asyncio
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.apiserver.support import TOKEN, FakeKubelet, Http, deployment, pod

from pullscope.kube import resources
from pullscope.kube.api import Api

T = TypeVar("T")


@pytest.fixture(scope="session")
def kubernetes() -> Any:
    """The library, imported late: it takes a second."""
    return importlib.import_module("kubernetes")


@pytest.fixture
def client(kubernetes: Any, wire: Http) -> Iterator[Any]:
    configuration = kubernetes.client.Configuration(host=wire.url)
    configuration.api_key["authorization"] = f"Bearer {TOKEN}"
    configuration.retries = False
    with kubernetes.client.ApiClient(configuration) as made:
        yield made


async def judged(judge: Callable[[], T]) -> T:
    """What the client, which knows no event loop, says in a thread of its own."""
    return await asyncio.wait_for(asyncio.to_thread(judge), 20)


def refused(call: Callable[[], Any]) -> Any:
    """The client's ApiException."""
    with pytest.raises(Exception, match=r"^\(\d{3}\)") as error:
        call()
    return error.value


async def test_a_pod_s_life(kubernetes: Any, client: Any) -> None:
    core = kubernetes.client.CoreV1Api(client)

    def judge() -> None:
        made = core.create_namespaced_pod("demo", pod())
        assert (made.metadata.name, made.spec.containers[0].image_pull_policy) == ("web", "IfNotPresent")
        assert made.metadata.creation_timestamp.tzinfo is not None
        taken = refused(lambda: core.create_namespaced_pod("demo", pod()))
        assert (taken.status, '"reason":"AlreadyExists"' in taken.body) == (409, True)
        assert refused(lambda: core.create_namespaced_pod("demo", pod("wrong", containers=[]))).status == 422
        assert [each.metadata.name for each in core.list_namespaced_pod("demo").items] == ["web"]
        assert core.list_pod_for_all_namespaces(label_selector="a=b").items == []
        patched = core.patch_namespaced_pod("web", "demo", {"metadata": {"labels": {"a": "b"}}})
        assert patched.metadata.labels == {"a": "b"}
        operations = [{"op": "replace", "path": "/metadata/labels/a", "value": "c"}]
        assert core.patch_namespaced_pod("web", "demo", operations).metadata.labels == {"a": "c"}
        patched.metadata.labels["d"] = "e"
        assert refused(lambda: core.replace_namespaced_pod("web", "demo", patched)).status == 409
        fresh = core.read_namespaced_pod("web", "demo")
        fresh.metadata.labels["d"] = "e"
        assert core.replace_namespaced_pod("web", "demo", fresh).metadata.labels == {"a": "c", "d": "e"}
        going = core.delete_namespaced_pod("web", "demo", grace_period_seconds=0)
        assert going.metadata.name == "web"
        assert refused(lambda: core.read_namespaced_pod("web", "demo")).status == 404

    await judged(judge)


async def test_parts_of_objects(kubernetes: Any, client: Any, api: Api, kubelet: FakeKubelet) -> None:
    core, apps = kubernetes.client.CoreV1Api(client), kubernetes.client.AppsV1Api(client)

    def judge() -> None:
        core.create_namespaced_pod("demo", pod())
        target = {"metadata": {"name": "web"}, "target": {"kind": "Node", "name": "crc"}}
        core.create_namespaced_pod_binding("web", "demo", target, _preload_content=False)
        assert core.read_namespaced_pod("web", "demo").spec.node_name == "crc"
        assert core.read_namespaced_pod_log("web", "demo", tail_lines=2) == "first\nsecond\n"
        apps.create_namespaced_deployment("demo", deployment())
        assert apps.read_namespaced_deployment_scale("web", "demo").spec.replicas == 1
        scaled = apps.patch_namespaced_deployment_scale("web", "demo", {"spec": {"replicas": 3}})
        assert scaled.spec.replicas == 3
        status = {"status": {"replicas": 3, "readyReplicas": 2}}
        assert apps.patch_namespaced_deployment_status("web", "demo", status).status.ready_replicas == 2
        core.create_namespaced_pod_eviction("web", "demo", {"metadata": {"name": "web"}}, _preload_content=False)

    await judged(judge)


async def test_questions(kubernetes: Any, client: Any) -> None:
    def judge() -> None:
        assert kubernetes.client.VersionApi(client).get_code().minor == "36"
        body = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "demo"}}}
        reviews = kubernetes.client.AuthorizationV1Api(client)
        assert reviews.create_self_subject_access_review(body).status.allowed
        myself = kubernetes.client.AuthenticationV1Api(client).create_self_subject_review({})
        assert myself.status.user_info.username == "kubeadmin"
        groups = {group.name for group in kubernetes.client.ApisApi(client).get_api_versions().groups}
        assert {"apps", "authorization.k8s.io"} <= groups
        listed = kubernetes.client.CoreV1Api(client).get_api_resources().resources
        assert {"pods", "pods/log", "nodes/status"} <= {each.name for each in listed}

    await judged(judge)


async def test_a_watch_goes_on_where_it_ended(kubernetes: Any, client: Any, api: Api) -> None:
    core = kubernetes.client.CoreV1Api(client)

    def names(watch: Any, count: int, **options: Any) -> list[tuple[str, str]]:
        found = []
        for event in watch.stream(core.list_namespaced_config_map, "demo", timeout_seconds=10, **options):
            found.append((event["type"], event["object"].metadata.name))
            if len(found) == count:
                watch.stop()
        return found

    for name in ("a", "b"):
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": name}})
    first = kubernetes.watch.Watch()
    assert await judged(lambda: names(first, 2)) == [("ADDED", "a"), ("ADDED", "b")]
    await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}})
    await api.delete(resources.CONFIG_MAPS, "demo", "a")
    version = first.resource_version
    later = await judged(lambda: names(kubernetes.watch.Watch(), 2, resource_version=version))
    assert later == [("ADDED", "c"), ("DELETED", "a")]


async def test_a_watch_of_what_is_forgotten_ends_with_410(kubernetes: Any, client: Any, api: Api, history: int) -> None:
    core = kubernetes.client.CoreV1Api(client)
    await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "a"}})
    for number in range(history + 2):
        await api.patch(resources.CONFIG_MAPS, "demo", "a", {"data": {"n": str(number)}})

    def judge() -> Any:
        stream = kubernetes.watch.Watch().stream
        return refused(lambda: list(stream(core.list_namespaced_config_map, "demo", resource_version="2")))

    assert (await judged(judge)).status == 410


async def test_pages(kubernetes: Any, client: Any, api: Api) -> None:
    for number in range(7):
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": f"c{number}"}})
    core = kubernetes.client.CoreV1Api(client)

    def judge() -> list[Any]:
        sizes, token = [], None
        while token != "":
            page = core.list_namespaced_config_map("demo", limit=3, **({"_continue": token} if token else {}))
            sizes.append((len(page.items), page.metadata.remaining_item_count))
            token = page.metadata._continue or ""
        return sizes

    assert await judged(judge) == [(3, 4), (3, 1), (1, None)]


async def test_the_dynamic_client(kubernetes: Any, client: Any, api: Api, tmp_path: Path) -> None:
    """It reads the older discovery documents. Its own file for them is named by the port, which others had before."""

    def judge() -> None:
        dynamic = kubernetes.dynamic.DynamicClient(client, cache_file=str(tmp_path / "discovery.json"))
        deployments = dynamic.resources.get(api_version="apps/v1", kind="Deployment")
        applied = deployments.server_side_apply(body=deployment(), namespace="demo", field_manager="judge")
        assert applied.metadata.managedFields[0].manager == "judge"
        assert "scale" in deployments.subresources
        deployments.scale.patch(body={"spec": {"replicas": 4}}, name="web", namespace="demo")
        assert deployments.get(name="web", namespace="demo").spec.replicas == 4
        taken = deployment(replicas=2)
        with pytest.raises(kubernetes.dynamic.exceptions.ConflictError, match="conflict"):
            deployments.server_side_apply(body=taken, namespace="demo", field_manager="another")
        for event in deployments.watch(namespace="demo", timeout=5):
            assert (event["type"], event["object"].metadata.name) == ("ADDED", "web")
            break
        deployments.delete(name="web", namespace="demo")
        assert deployments.get(namespace="demo").items == []

    await judged(judge)


async def test_manifests(kubernetes: Any, client: Any, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: two}\nspec: {ports: [{port: 80}]}\n",
        encoding="utf-8",
    )
    core = kubernetes.client.CoreV1Api(client)

    def judge() -> None:
        kubernetes.utils.create_from_yaml(client, str(file), namespace="demo")
        assert core.read_namespaced_service("two", "demo").spec.cluster_ip.startswith("10.217.4.")
        core.delete_collection_namespaced_config_map("demo")
        assert core.list_namespaced_config_map("demo").items == []

    await judged(judge)
