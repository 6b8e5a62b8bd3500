"""The runner against a real lab: the suite passes with its whole evidence, and what is missing is named."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.verify.conftest import piped
from tests.verify.places import verdicts

from pullscope.base.clock import SystemClock
from pullscope.base.errors import UnreachableError
from pullscope.cli import proving
from pullscope.clusters.cluster import Cluster, connect
from pullscope.kube import resources
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig, Seams
from pullscope.oci import reference
from pullscope.remote.client import RegistryClient
from pullscope.testing.lab import Lab
from pullscope.verify import objects, path, runner
from pullscope.verify.case import Case
from pullscope.verify.cases import article, matrix
from pullscope.verify.evidence import Evidence
from pullscope.verify.report import document
from pullscope.verify.repository import Repository
from pullscope.verify.result import Report
from pullscope.verify.target import Target, fixed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MANAGED = f"{objects.MANAGED_BY}=pullscope"


@pytest.fixture
async def cluster(pullscope_lab: Lab) -> AsyncIterator[Cluster]:
    async with connect(pullscope_lab.kubeconfig) as connected:
        yield connected


async def run(lab: Lab, cases: Sequence[Case] = article.CASES, *, keep: bool = False) -> Report:
    return await proving.in_lab(proving.Running(lab.kubeconfig, lab.registry), cases, piped(), keep=keep)


async def run_with(seams: Seams) -> Report:
    async with assembly.running(LabConfig(seams=seams)) as lab:
        return await proving.in_lab(proving.Running(lab.kubeconfig, lab.registry), article.CASES, piped())


async def left_over(cluster: Cluster) -> list[str]:
    """The namespaces of runs that are there and are not being removed."""
    namespaces = (await cluster.list(resources.NAMESPACES, labels=MANAGED)).items
    return [each["metadata"]["name"] for each in namespaces if not each["metadata"].get("deletionTimestamp")]


async def test_the_suite_passes_with_all_its_evidence(pullscope_lab: Lab) -> None:
    report = await run(pullscope_lab)
    assert verdicts(report) == {case.id: "pass" for case in article.CASES}, [
        (result.case.id, result.verdict.because) for result in report.results
    ]
    assert (report.cluster.kind, report.cluster.node) == ("lab", "crc")
    shown = document.document(report)
    for result in report.results:
        check(shown, result.case)
        assert path.is_walk(result.observed.path)
    assert any(listing["names"] for each in shown["cases"] for listing in each["evidence"]["node_images"])


def check(report: dict[str, Any], case: Case) -> None:
    """What each case must be able to show."""
    found = next(each for each in report["cases"] if each["id"] == case.id)
    evidence, expected = found["evidence"], case.expected
    assert (found["observed"]["outcome"], found["observed"]["source"]) == (expected.outcome, expected.source)
    assert found["observed"]["reason"] in (expected.reasons or (None,))
    assert [operation["operation"] for operation in evidence["setup"]] == [1, 2, 3]
    assert evidence["pod"]["policy"] == case.policy
    assert evidence["pod"]["template_hash"]
    asked = [request for request in evidence["registry_requests"] if request["kind"] == "manifest"]
    assert bool(asked) == ("pull" in evidence["path"])
    before, after = evidence["node_images"]
    # A node reports late: what it says is so, and may be too little.
    assert not before["names"] or case.on_node
    assert not after["names"] or case.on_node or expected.outcome == "running"
    if expected.outcome == "running":
        war = f"{expected.source}.war"
        assert evidence["log"] == f'Deployed "/deployments/{war}"\nready\n'
        assert evidence["pod"]["log_uid"] == evidence["pod"]["uid"]
        assert evidence["control"] is None
    else:
        assert evidence["control"]["running"]
        assert [each["reason"] for each in evidence["reasons"]] == list(expected.reasons)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_run_leaves_nothing_behind(pullscope_lab: Lab, cluster: Cluster, *, cancelled: bool) -> None:
    running = asyncio.create_task(run(pullscope_lab, article.SIX[3:4]))
    if cancelled:
        async with asyncio.timeout(10):
            while not await left_over(cluster):
                await SystemClock().sleep(0.01)
        running.cancel()
    await asyncio.wait({running})
    assert running.cancelled() == cancelled
    assert await left_over(cluster) == []


async def test_keep_keeps(pullscope_lab: Lab, cluster: Cluster) -> None:
    report = await run(pullscope_lab, article.SIX[3:4], keep=True)
    assert await left_over(cluster) == [report.namespace]
    (pod,) = (await cluster.list(resources.PODS, report.namespace)).items
    assert pod["metadata"]["labels"]["app"].startswith("case-4-")
    pullscope_lab.delete_namespace(report.namespace)


async def test_a_registry_that_nodes_cannot_reach_is_no_proof(pullscope_lab: Lab, cluster: Cluster) -> None:
    """No. 3 fails as expected, and for the wrong reason; No. 4 fails for the same one."""
    async with aiohttp.ClientSession() as session:
        target = await _split_target(pullscope_lab, session, cluster)
        report = await runner.run(target, article.NAME, article.SIX[2:4], piped())
    assert verdicts(report) == {"3": "inconclusive", "4": "inconclusive"}
    assert report.exit_code == 3
    assert all("registry cannot be reached" in result.verdict.because for result in report.results)


async def _split_target(lab: Lab, session: aiohttp.ClientSession, cluster: Cluster) -> Target:
    """Nodes are told a port where nobody listens; we push to the real one."""
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    client = MuteClient(session, lab.registry)
    pulled = reference.parse(f"127.0.0.1:{port}/{proving.REPOSITORY}")
    pushed = reference.parse(f"{lab.registry}/{proving.REPOSITORY}")
    return Target("cluster", cluster, fixed(Repository(client, pulled, pushed)), SystemClock())


class MuteClient(RegistryClient):
    """Of a registry that is not ours: without an access log."""

    async def access_log(self, repository: str = "", *, since: int = 0) -> None:
        return None


def answering(method: str, status: int) -> Callable[[web.Application], web.Application]:
    """A registry that answers every request of that method to a manifest with that status."""

    def wrap(application: web.Application) -> web.Application:
        @web.middleware
        async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method == method and "/manifests/" in request.path:
                body = {"errors": [{"code": "UNSUPPORTED" if status == 405 else "DENIED", "message": "no"}]}
                return web.json_response(body, status=status)
            return await handler(request)

        application.middlewares.append(answer)
        return application

    return wrap


async def test_a_registry_that_does_not_delete_makes_cases_not_applicable() -> None:
    report = await run_with(Seams(registry=answering("DELETE", 405)))
    missing = {case.id for case in article.CASES if not case.in_registry}
    assert verdicts(report) == {case.id: "not_applicable" if case.id in missing else "pass" for case in article.CASES}
    assert report.exit_code == 0


async def test_a_registry_without_a_log_is_enough() -> None:
    def wrap(application: web.Application) -> web.Application:
        @web.middleware
        async def mute(request: web.Request, handler: Handler) -> web.StreamResponse:
            return web.Response(status=404) if request.path.startswith("/_pullscope") else await handler(request)

        application.middlewares.append(mute)
        return application

    report = await run_with(Seams(registry=wrap))
    assert verdicts(report) == {case.id: "pass" for case in article.CASES}
    assert all(result.evidence.registry_requests is None for result in report.results)


async def test_a_registry_out_of_our_reach_ends_the_run(cluster: Cluster) -> None:
    async with aiohttp.ClientSession() as session:
        name = reference.parse("127.0.0.1:1/pullscope/verify")
        repository = Repository(RegistryClient(session, "127.0.0.1:1"), name, name)
        target = Target("lab", cluster, fixed(repository), SystemClock())
        with pytest.raises(UnreachableError, match="connection refused"):
            await runner.run(target, article.NAME, article.CASES, piped())
        assert await left_over(cluster) == []


async def test_when_one_case_cannot_go_on_none_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with slow pulls run beside the others, and end with them."""
    ended: list[str] = []

    async def run_case(_method: Any, case: Case, _progress: Any) -> Evidence:
        if not case.takes_long:
            raise UnreachableError("the cluster is gone")
        try:
            return await asyncio.Future()
        finally:
            ended.append(case.id)

    monkeypatch.setattr(runner, "run_case", run_case)
    method: Any = SimpleNamespace(ground=SimpleNamespace(at_once=None, parallel_pulls=True))
    slow = next(case for case in matrix.CASES if case.takes_long)
    with pytest.raises(UnreachableError, match="the cluster is gone"):
        await runner._run_all(method, [slow, article.SIX[0]], piped())
    assert ended == [slow.id]
