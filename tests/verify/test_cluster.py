"""`verify --context` as a developer at work: rights in one namespace, several nodes, registries with limits."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.verify import places, plain
from tests.verify.places import Handler, because, prove, verdicts

from pullscope.base.clock import SystemClock
from pullscope.base.errors import UnreachableError, UsageError
from pullscope.cli import proving_clean, proving_cluster
from pullscope.cli.proving_asked import Asked
from pullscope.clusters import kubeconfig as kubeconfigs
from pullscope.clusters import transport
from pullscope.clusters.cluster import connect
from pullscope.kube import resources
from pullscope.lab.config import LabConfig
from pullscope.oc import console, debugging
from pullscope.oc.debugging import Debugger
from pullscope.testing import lab as labs
from pullscope.testing.lab import Lab
from pullscope.verify import cleaning


@pytest.fixture(scope="module")
def lab(pullscope_lab: Lab) -> Iterator[Lab]:
    """With two namespaces, `team` for the developer to work in."""
    for name in ("team", "other"):
        pullscope_lab.kubectl("create", "namespace", name)
    places.let_work(pullscope_lab, "team")
    yield pullscope_lab
    for name in ("team", "other"):
        pullscope_lab.delete_namespace(name)


async def ours(lab: Lab) -> list[str]:
    """What is there of runs in `team`, and is not going."""
    async with connect(lab.kubeconfig) as cluster:
        return [found.resource.kind for found in await cleaning.in_namespace(cluster, "team")]


async def test_a_namespace_and_a_repository_are_enough(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """And `--clean` finds what was left of a run, here of one that was to keep it, and nothing else."""
    lab.kubectl("create", "configmap", "theirs", "-n", "team")
    asked = Asked(namespace="team", registry=f"{lab.registry}/team/verify", keep=True)
    report = await prove(lab, asked, "1", "6", "m16")
    assert verdicts(report) == {"1": "pass", "6": "pass", "m16": "not_applicable"}
    assert "--serve-registry ADDR" in because(report, "m16")
    assert (report.cluster.kind, report.namespace) == ("cluster", "team")
    assert all(result.evidence.node_images is None for result in report.results)  # no right to read nodes
    lab.push("app.war", "team/verify:case-9-abcdef")  # looks like ours, and is not
    run = report.results[0].evidence.reference.rpartition("-")[2]
    assert await proving_clean.cleaned(places.as_developer(lab, asked)) == 0
    told = capsys.readouterr().out.splitlines()
    assert f"found deployment case-6-{run} in team, of run {run}" in told
    assert f"removed deployment case-6-{run} in team" in told
    assert f"removed tag {asked.registry}:case-6-{run}" in told
    assert [line for line in told if "abcdef" in line] == []
    assert await ours(lab) == []
    assert "theirs" in lab.kubectl("get", "configmaps", "-n", "team")


async def test_missing_rights_are_all_named_at_once(lab: Lab) -> None:
    with pytest.raises(UnreachableError, match=r"namespace default: create deployments\.apps, .*get pods/log"):
        await prove(lab, Asked(registry=f"{lab.registry}/x/y"))


async def test_a_namespace_that_is_not_there_or_is_going(lab: Lab) -> None:
    with pytest.raises(UnreachableError, match="these rights are missing in namespace nowhere"):
        await prove(lab, Asked(namespace="nowhere", registry=f"{lab.registry}/x/y"))
    kept = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept", "finalizers": ["example.com/kept"]}}
    async with connect(lab.kubeconfig) as cluster:
        await cluster.create(resources.NAMESPACES, None, {"metadata": {"name": "going"}})
        await cluster.create(resources.CONFIG_MAPS, "going", kept)
        await cluster.delete(resources.NAMESPACES, None, "going")
        with pytest.raises(UnreachableError, match="namespace going is being deleted"):
            await places.prove_at(lab.kubeconfig, Asked(namespace="going", registry=f"{lab.registry}/x/y"))
        await cluster.patch(resources.CONFIG_MAPS, "going", "kept", {"metadata": {"finalizers": None}})


async def test_the_choice_of_a_registry_is_the_users(lab: Lab) -> None:
    with pytest.raises(UsageError, match="which registry do the nodes") as caught:
        await prove(lab, Asked(namespace="team"))
    assert "--serve-registry ADDR" in caught.value.hint


async def test_a_registry_that_does_not_delete_is_found_out_beforehand(lab: Lab) -> None:
    async with places.registry(places.keeping) as host:
        report = await prove(lab, Asked(namespace="team", registry=f"{host}/a/b"), "3", "4", "5")
    assert verdicts(report) == {"3": "not_applicable", "4": "pass", "5": "not_applicable"}
    assert "does not delete manifests (405)" in because(report, "3")
    assert report.results[0].evidence.pod is None  # it was not tried


async def test_a_registry_that_only_says_it_deletes(lab: Lab) -> None:
    async def pretending(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(status=202) if request.method == "DELETE" else await handler(request)

    async with places.registry(pretending) as host:
        report = await prove(lab, Asked(namespace="team", registry=f"{host}/a/b"), "3")
    assert verdicts(report) == {"3": "not_applicable"}
    assert "accepts that a manifest is deleted, and still has" in because(report, "3")


async def test_a_mirror_in_between_is_found_out_beforehand(lab: Lab) -> None:
    first: dict[str, tuple[bytes, str]] = {}

    async def cached(request: web.Request, handler: Handler) -> web.StreamResponse:
        """A tag means to nodes for ever what it meant when one first asked."""
        tag = "/manifests/" in request.path and ":" not in request.path and request.method == "GET"
        if not tag:
            return await handler(request)
        if request.path not in first:
            response = await handler(request)
            assert isinstance(response, web.Response)
            assert isinstance(response.body, bytes)
            first[request.path] = (response.body, response.content_type)
        return web.Response(body=first[request.path][0], content_type=first[request.path][1])

    async with places.registry(places.mute, cached) as host:
        report = await prove(lab, Asked(namespace="team", registry=f"{host}/a/b"), "2", "4", "6")
    assert verdicts(report) == {"2": "inconclusive", "4": "pass", "6": "inconclusive"}
    assert "a mirror or pull-through cache is in between" in because(report, "6")


async def test_nodes_get_a_pull_secret_and_lose_it(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    async with places.registry(places.mute, places.private) as host:
        places.log_in(tmp_path / "auth.json", host)
        report = await prove(lab, Asked(namespace="team", registry=f"{host}/a/b"), "5")
        assert verdicts(report) == {"5": "pass"}
        assert await ours(lab) == []
        places.log_in(tmp_path / "auth.json", "elsewhere.example.com")
        with pytest.raises(UnreachableError, match=r"does not let us push \(.*401\)") as caught:
            await prove(lab, Asked(namespace="team", registry=f"{host}/a/b"), "1")
    assert caught.value.hint == f"log in with an account that may push: podman login {host}"


async def test_without_rights_on_secrets_it_says_so(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "--verb=create,get,list,watch,delete --resource=pods,pods/log,events,deployments.apps,replicasets.apps"
    lab.kubectl("create", "role", "runner", "-n", "other", *rule.split())
    lab.kubectl("create", "rolebinding", "runs", "--role=runner", "--user=developer", "-n", "other")
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    async with places.registry(places.mute, places.private) as host:
        places.log_in(tmp_path / "auth.json", host)
        with pytest.raises(UnreachableError, match="for want of create secrets, list secrets, delete secrets in other"):
            await prove(lab, Asked(namespace="other", registry=f"{host}/a/b"), "1")


async def test_a_registry_that_nodes_cannot_reach_ends_it_with_advice(lab: Lab) -> None:
    """We push to one address, and nodes are told a name that they do not know."""
    asked = Asked(namespace="team", registry="registry.invalid/a/b", way=places.at(lab.registry))
    with pytest.raises(
        UnreachableError, match=r"nodes cannot pull from registry\.invalid: .*cannot be reached"
    ) as caught:
        await prove(lab, asked, "4")
    assert "can the nodes reach registry.invalid?" in caught.value.hint
    assert await ours(lab) == []


async def test_a_served_registry_has_a_log(lab: Lab) -> None:
    report = await prove(lab, Asked(namespace="team", serve="127.0.0.1:0"), "3", "m16", "m19")
    assert verdicts(report) == {"3": "pass", "m16": "pass", "m19": "pass"}
    assert all(result.evidence.registry_requests is not None for result in report.results)


async def test_nodes_cannot_connect_to_every_address_at_once(lab: Lab) -> None:
    with pytest.raises(UsageError, match=r"nodes cannot connect to 0\.0\.0\.0"):
        await prove(lab, Asked(namespace="team", serve="0.0.0.0:0"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(tls=True), "--tls is for --serve-registry"),
        (Asked(serve="5000", way=places.at("127.0.0.1:5000")), "that pullscope does not serve"),
        (Asked(debug_image="busybox"), "--debug-image is for --node-access"),
        (Asked(), ""),
    ],
)
def test_options_that_would_mean_nothing_are_refused(asked: Asked, message: str) -> None:
    with pytest.raises(UsageError, match=message) if message else contextlib.nullcontext():
        proving_cluster.check(asked)
    with pytest.raises(UsageError, match="for a cluster of yours") if message else contextlib.nullcontext():
        proving_cluster.check_lab(asked)


async def test_openshifts_registry_in_a_project_of_its_own(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A project has no label of ours: `--clean` knows it by what it says of itself."""
    report = await prove(lab, Asked(create_namespace=True, registry="openshift", keep=True), "1", "6")
    assert verdicts(report) == {"1": "pass", "6": "pass"}
    deleted = [step.did for result in report.results for each in result.evidence.setup for step in each.steps]
    assert any(step.startswith("deleted ImageStreamTag pullscope-") for step in deleted)
    assert report.cluster.registry.startswith("image-registry.openshift-image-registry.svc:5000/pullscope-")
    assert await proving_clean.cleaned(places.as_developer(lab, Asked(namespace="team"))) == 0
    assert f"removed project {report.namespace}" in capsys.readouterr().out
    assert await proving_clean.cleaned(places.as_developer(lab, Asked(namespace="team"))) == 0
    assert capsys.readouterr().out == "nothing of pullscope's is left in namespace team\n"


async def test_a_project_for_the_run_goes_with_it(lab: Lab) -> None:
    report = await prove(lab, Asked(create_namespace=True, registry=f"{lab.registry}/a/b"), "4")
    assert verdicts(report) == {"4": "pass"}
    async with connect(lab.kubeconfig) as cluster:
        left = {each["metadata"]["name"]: each for each in (await cluster.list(resources.NAMESPACES)).items}
    assert "deletionTimestamp" in left.get(report.namespace, {"metadata": {"deletionTimestamp": ""}})["metadata"]


async def test_cancelled_it_leaves_a_given_namespace_as_it_was(lab: Lab) -> None:
    asked = Asked(namespace="team", registry=f"{lab.registry}/team/verify")
    running = asyncio.create_task(prove(lab, asked, "4"))
    async with asyncio.timeout(20):
        while "Deployment" not in await ours(lab):
            await SystemClock().sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert await ours(lab) == []


async def test_a_named_node_and_always_pull_images() -> None:
    """What the admission plugin changes is found out beforehand."""
    with labs.running(LabConfig(name="strict", nodes=2, always_pull_images=True)) as strict:
        strict.kubectl("create", "namespace", "team")
        places.let_work(strict, "team")
        asked = Asked(namespace="team", registry=f"{strict.registry}/a/b", node="crc-2")
        report = await prove(strict, asked, "2", "6", "7")
        assert verdicts(report) == {"2": "pass", "6": "not_applicable", "7": "not_applicable"}
        assert "changes imagePullPolicy from IfNotPresent to Always" in because(report, "6")
        assert report.exit_code == 0
        assert {result.evidence.pod.node for result in report.results if result.evidence.pod} == {"crc-2"}
        with pytest.raises(UnreachableError, match=r"finds no place to start.*0/2 nodes are available") as refused:
            await prove(strict, replace(asked, node="no-such"), "4")
        assert "is there one, and does it take pods?" in refused.value.hint


async def test_a_kubernetes_that_is_no_openshift(lab: Lab, tmp_path: Path) -> None:
    async with plain.kubernetes(lab, tmp_path) as kubeconfig:
        there = Asked(context="plain", create_namespace=True, registry=f"{lab.registry}/a/b")
        report = await places.prove_at(kubeconfig, there, "4")
        assert verdicts(report) == {"4": "pass"}
        with pytest.raises(UnreachableError, match='namespace team cannot be made: namespaces "team" already exists'):
            await places.prove_at(kubeconfig, replace(there, namespace="team"), "4")
        with pytest.raises(UnreachableError, match="asks for a token, and this context has none"):
            await places.prove_at(kubeconfig, Asked(context="plain", namespace="team", registry="openshift"), "4")
        async with transport.open_transport(await kubeconfigs.load(kubeconfig, None)) as opened:
            debugger = Debugger(opened, console.standard(), SystemClock())
            async with debugger.on_node("crc", ["sleep", "1"], stdin=False, tty=False) as (namespace, name, program):
                pod = await debugger.cluster.get(resources.PODS, namespace, name)
    assert (program.image, pod["spec"]["containers"][0]["image"]) == (debugging.PLAIN, debugging.PLAIN)
    assert "priorityClassName" not in pod["spec"]


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": "1"}, "items": list(items)}


def quota(pods: int) -> dict[str, Any]:
    return {"metadata": {"name": "small"}, "status": {"hard": {"pods": str(pods)}, "used": {"pods": "1"}}}


async def test_what_pods_ask_for_fits_into_the_namespace(lab: Lab, tmp_path: Path) -> None:
    bounds = {"type": "Container", "min": {"memory": "100Mi"}, "maxLimitRequestRatio": {"cpu": "2"}}
    answers = {"/api/v1/namespaces/team/limitranges": listed({"metadata": {"name": "l"}, "spec": {"limits": [bounds]}})}
    async with plain.kubernetes(lab, tmp_path, answers) as kubeconfig:
        there = Asked(context="plain", namespace="team", registry=f"{lab.registry}/a/b")
        answers["/api/v1/namespaces/team/resourcequotas"] = listed(quota(2))
        with pytest.raises(UnreachableError, match="no room for two pods: small: pods 1 of 2 used"):
            await places.prove_at(kubeconfig, there, "4")
        answers["/api/v1/namespaces/team/resourcequotas"] = listed(quota(4))
        report = await places.prove_at(kubeconfig, replace(there, keep=True), "2", "4")
        assert verdicts(report) == {"2": "pass", "4": "pass"}
    async with connect(lab.kubeconfig) as cluster:
        for each in (await cluster.list(resources.PODS, "team", labels="pullscope.dev/case")).items:
            (container,) = each["spec"]["containers"]
            assert container["resources"]["requests"] == {"cpu": "100m", "memory": "100Mi"}
        for found in await cleaning.in_namespace(cluster, "team"):
            await cleaning.remove(cluster, found)
