"""`kubectl get --raw /api/v1/nodes/NAME/proxy/metrics` and `/configz`, and what is not behind it."""

from tests.apiserver.support import FakeKubelet, Http

from pullscope.apiserver.server import ApiServer
from pullscope.kube.api import Object, UserInfo

PROXY = "/api/v1/nodes/crc/proxy"


class CountingKubelet(FakeKubelet):
    async def metrics(self) -> bytes:
        return b"kubelet_running_pods 3\n"


async def test_what_the_kubelet_counts(wire: Http, server: ApiServer) -> None:
    server.kubelets["crc"] = CountingKubelet()
    answer = await wire.send("GET", f"{PROXY}/metrics")
    assert (answer.code, answer.body) == (200, "kubelet_running_pods 3\n")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


class ConfiguredKubelet(FakeKubelet):
    def configz(self) -> Object:
        return {"kubeletconfig": {"serializeImagePulls": False}}


async def test_how_the_kubelet_is_configured(wire: Http, server: ApiServer) -> None:
    server.kubelets["crc"] = ConfiguredKubelet()
    answer = await wire.send("GET", f"{PROXY}/configz")
    assert (answer.code, answer.body) == (200, {"kubeletconfig": {"serializeImagePulls": False}})
    assert (await wire.send("GET", f"{PROXY}/metrics")).code == 503


async def test_other_paths_are_refused_by_name(wire: Http, server: ApiServer) -> None:
    server.kubelets["crc"] = CountingKubelet()
    for path in ("", "/", "/stats/summary", "/metrics/cadvisor", "/pods", "/../metrics", "/metrics/.."):
        refused = await wire.send("GET", PROXY + path)
        assert (refused.code, refused.body["reason"]) == (404, "NotFound"), path
    summary = await wire.send("GET", f"{PROXY}/stats/summary")
    assert "nodes/proxy/stats/summary is not served here" in summary.body["message"]
    assert (await wire.send("POST", f"{PROXY}/run/demo/web/app")).code == 405


async def test_nodes_without_a_kubelet(wire: Http) -> None:
    assert (await wire.send("GET", "/api/v1/nodes/nosuch/proxy/metrics")).code == 404
    away = await wire.send("GET", f"{PROXY}/metrics")
    assert (away.code, away.body["reason"]) == (503, "ServiceUnavailable")


async def test_only_who_may(wire: Http, server: ApiServer) -> None:
    server.tokens.add("of-developer", UserInfo("developer"))
    refused = await wire.send("GET", f"{PROXY}/metrics", token="of-developer")
    assert refused.code == 403
    assert 'cannot get resource "nodes/proxy" in API group "" at the cluster scope' in refused.body["message"]
