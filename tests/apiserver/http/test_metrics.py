"""`/metrics`: what the server counts, as Prometheus reads it."""

import re

from tests.apiserver.support import DEPLOYMENTS, PODS, TOKEN, Http, deployment, pod

from pullscope.apiserver.server import ApiServer
from pullscope.kube.api import UserInfo

LINE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')
PLACE = ("group", "version", "resource", "subresource", "scope")


async def scrape(wire: Http) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """All samples by name and labels."""
    answer = await wire.send("GET", "/metrics", accept="application/openmetrics-text;q=0.5,text/plain;q=0.4")
    assert answer.code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4; charset=utf-8")
    found = {}
    for line in answer.body.splitlines():
        if line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match is not None, line
        labels = re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', match[2] or "")
        found[match[1], frozenset(labels)] = float(match[3])
    return found


async def counted(wire: Http, name: str, **wanted: str) -> float:
    """The sum of the samples that have these labels."""
    samples = (await scrape(wire)).items()
    return sum(number for (each, labels), number in samples if each == name and labels >= wanted.items())


async def test_requests_by_what_they_do(wire: Http) -> None:
    await wire.send("POST", PODS, pod())
    await wire.send("POST", PODS, pod())
    await wire.send("POST", f"{PODS}?dryRun=All", pod("other"))
    await wire.send("GET", PODS)
    await wire.send("GET", "/api/v1/pods")
    await wire.send("GET", f"{PODS}/web")
    await wire.send("DELETE", f"{PODS}?labelSelector=a=b")
    apply = "application/apply-patch+yaml"
    await wire.send("PATCH", f"{DEPLOYMENTS}/web?fieldManager=me", deployment(), content_type=apply)
    metric = "apiserver_request_total"
    pods = {"group": "", "version": "v1", "resource": "pods", "subresource": "", "component": "apiserver"}
    assert await counted(wire, metric, verb="POST", code="201", dry_run="", scope="namespace", **pods) == 1
    assert await counted(wire, metric, verb="POST", code="409", **pods) == 1
    assert await counted(wire, metric, verb="POST", dry_run="All", **pods) == 1
    assert await counted(wire, metric, verb="LIST", scope="namespace", **pods) == 1
    assert await counted(wire, metric, verb="LIST", scope="cluster", **pods) == 1
    assert await counted(wire, metric, verb="GET", scope="resource", **pods) == 1
    assert await counted(wire, metric, verb="DELETECOLLECTION", **pods) == 1
    assert await counted(wire, metric, verb="APPLY", code="201", group="apps", resource="deployments") == 1
    assert await counted(wire, "apiserver_request_duration_seconds_count", verb="LIST", **pods) == 2


async def test_strangers_make_no_labels(wire: Http) -> None:
    """Label values that a client could make up would be kept for ever."""
    await wire.send("GET", "/apis/nosuch.example/v1/things")
    await wire.send("GET", "/api/v1/things/x/y")
    await wire.send("GET", "/versions")
    await wire.send("PURGE", PODS)
    await wire.send("PURGE", "/version")
    await wire.send("GET", f"{PODS}?dryRun=perhaps")
    values = {value for _, labels in await scrape(wire) for _, value in labels}
    assert values.isdisjoint({"nosuch.example", "things", "x", "y", "/versions", "PURGE", "perhaps"})
    metric = "apiserver_request_total"
    assert await counted(wire, metric, verb="GET", code="404", resource="") == 3
    assert await counted(wire, metric, verb="other", resource="pods") == 1
    assert await counted(wire, metric, verb="other", subresource="/version") == 1


async def test_watches(wire: Http) -> None:
    watch = {"verb": "WATCH", "resource": "pods", "scope": "namespace"}
    async with wire.request("GET", f"{PODS}?watch=true") as response:
        await wire.send("POST", PODS, pod())
        assert b"ADDED" in await response.content.readline()
        assert await counted(wire, "apiserver_longrunning_requests", **watch) == 1
        assert await counted(wire, "apiserver_watch_events_total", resource="pods", group="", version="v1") == 1
        assert await counted(wire, "apiserver_request_total", **watch) == 0
        response.close()
    while await counted(wire, "apiserver_longrunning_requests", **watch):
        pass
    assert await counted(wire, "apiserver_request_total", code="200", **watch) == 1


async def test_requests_under_way(wire: Http) -> None:
    assert await counted(wire, "apiserver_current_inflight_requests", request_kind="readOnly") == 1


async def test_objects_and_the_process(wire: Http) -> None:
    await wire.send("POST", DEPLOYMENTS, deployment())
    assert await counted(wire, "apiserver_resource_objects", group="apps", resource="deployments") == 1
    assert await counted(wire, "apiserver_resource_objects", group="", resource="namespaces") == 2
    assert await counted(wire, "apiserver_storage_objects", resource="deployments.apps") == 1
    assert await counted(wire, "process_cpu_seconds_total") > 0
    assert await counted(wire, "kubernetes_build_info", major="1", minor="36") == 1


async def test_only_who_may(wire: Http, server: ApiServer) -> None:
    server.tokens.add("of-developer", UserInfo("developer"))
    refused = await wire.send("GET", "/metrics", token="of-developer")
    assert refused.code == 403
    assert refused.body["message"] == 'forbidden: User "developer" cannot get path "/metrics"'
    assert (await wire.send("GET", "/metrics", token=None)).code == 403
    assert (await wire.send("POST", "/metrics")).code == 405
    assert TOKEN not in (await wire.send("GET", "/metrics")).body
