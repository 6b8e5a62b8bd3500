"""pods/log: whose log, in which words it is refused, and that it flows."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from tests.apiserver.support import PODS, FakeKubelet, Http, pod

from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources, status
from pullscope.kube.api import Api, LogOptions, Object


@pytest.fixture
async def running(api: Api) -> None:
    """Pod `web` on node crc, pod `two` with two containers there, pod `new` on no node."""
    both = [{"name": "app", "image": "a"}, {"name": "side", "image": "b"}]
    await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    await api.create(resources.PODS, "demo", pod("two", nodeName="crc", containers=both))
    await api.create(resources.PODS, "demo", pod("new"))


@pytest.mark.usefixtures("running")
async def test_the_log_of_the_only_container(wire: Http, kubelet: FakeKubelet) -> None:
    answer = await wire.send("GET", f"{PODS}/web/log")
    assert (answer.code, answer.body, answer.headers["Content-Type"]) == (200, "first\nsecond\n", "text/plain")
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert kubelet.asked == [LogOptions(container="app")]


@pytest.mark.usefixtures("running")
async def test_options_reach_the_kubelet(wire: Http, kubelet: FakeKubelet) -> None:
    query = "container=side&follow=true&previous=true&timestamps=true&tailLines=5&limitBytes=9&sinceSeconds=60"
    assert (await wire.send("GET", f"{PODS}/two/log?{query}")).code == 200
    expected = LogOptions(
        "side", follow=True, previous=True, timestamps=True, tail_lines=5, limit_bytes=9, since_seconds=60
    )
    assert kubelet.asked == [expected]


@pytest.mark.usefixtures("running", "kubelet")
@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("two/log", 400, "a container name must be specified for pod two, choose one of: [app side]"),
        ("two/log?container=x", 400, "container x is not valid for pod two"),
        ("nosuch/log", 404, 'pods "nosuch" not found'),
        (
            "web/log?tailLines=-1",
            422,
            'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
        (
            "web/log?sinceSeconds=0",
            422,
            'PodLogOptions "web" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
        ),
        ("web/log?tailLines=many", 400, 'strconv.ParseInt: parsing "many": invalid syntax'),
    ],
)
async def test_logs_that_cannot_be_given(wire: Http, path: str, code: int, message: str) -> None:
    answer = await wire.send("GET", f"{PODS}/{path}")
    assert (answer.code, answer.body["message"]) == (code, message)


@pytest.mark.usefixtures("running")
async def test_a_container_that_waits(wire: Http, server: ApiServer) -> None:
    why = 'container "app" in pod "web" is waiting to start: image can\'t be pulled'
    server.kubelets["crc"] = FakeKubelet(error=status.bad_request(why))
    answer = await wire.send("GET", f"{PODS}/web/log?follow=true")
    assert (answer.code, answer.body["reason"], answer.body["message"]) == (400, "BadRequest", why)


@pytest.mark.usefixtures("running")
async def test_a_pod_on_no_node_has_no_log_and_one_on_a_lost_node_neither(wire: Http) -> None:
    assert (await wire.send("GET", f"{PODS}/new/log")).code == 204
    answer = await wire.send("GET", f"{PODS}/web/log")
    assert (answer.code, answer.body["message"]) == (
        500,
        'Internal error occurred: no kubelet of node "crc" is connected',
    )


class Breaking(FakeKubelet):
    """Loses its log after the first piece."""

    async def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        async for piece in super().logs(pod, options):
            yield piece
            raise OSError("the disk is gone")


@pytest.mark.usefixtures("running")
async def test_a_fault_in_the_middle_breaks_the_answer_off(
    wire: Http, server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Never a second answer inside the first: the client must see that the log is not whole."""
    server.kubelets["crc"] = Breaking(b"first\n", b"second\n")
    with pytest.raises(aiohttp.ClientPayloadError):
        await wire.send("GET", f"{PODS}/web/log")
    assert "the disk is gone" in caplog.text
