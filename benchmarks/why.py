"""`pullscope why -A` over many pods: the whole process, from the command line to the report.

    python benchmarks/why.py [--runs N] [--pods N] [--images N]

Ten pods to a Deployment, a hundred namespaces, a hundred nodes with fifty images each; one image in ten was pushed again
since, so that its pods are stale. The API server is a stand-in that sends lists in the shape of a recorded answer (a pod is
4 kB), the registry one that takes 20 ms to answer; both are in this process, which has its share of the processor, and
speak plain HTTP. Checked is that exactly the stale containers are called so. Prints a Markdown table.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import orjson
from aiohttp import web
from benchmarks.support.figures import Figures

from pullscope.base.clock import SystemClock

RECORDED = Path(__file__).parents[1] / "tests" / "data" / "http" / "08-kubectl-get-pod-json.jsonl"
LATENCY = 0.02
_OCI = "application/vnd.oci.image.manifest.v1+json"
_STALE = 10  # one image in so many was pushed again


def document(config: str, size: int) -> bytes:
    """A manifest with that config."""
    descriptor = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": size}
    return orjson.dumps({"schemaVersion": 2, "mediaType": _OCI, "config": descriptor, "layers": []})


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Registry:
    """`images` repositories, in each an old image and what `v1` means now."""

    def __init__(self, images: int) -> None:
        self.asked = 0
        self.content: dict[str, bytes] = {}
        self.old: list[str] = []
        for number in range(images):
            old = self._add(f"old {number}")
            new = self._add(f"new {number}") if number % _STALE == 0 else old
            self.content[f"app-{number}:v1"] = self.content[new]
            self.old.append(old)

    def _add(self, what: str) -> str:
        config = orjson.dumps(
            {"architecture": "amd64", "os": "linux", "created": "2026-11-20T12:00:00Z", "author": what,
             "rootfs": {"type": "layers", "diff_ids": []}}
        )  # fmt: skip
        manifest = document(digest(config), len(config))
        self.content[digest(config)], self.content[digest(manifest)] = config, manifest
        return digest(manifest)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        await SystemClock().sleep(LATENCY)
        repository, kind, locator = request.match_info["path"].rsplit("/", 2)
        found = self.content.get(locator if locator.startswith("sha256:") else f"{repository}:{locator}")
        if found is None:
            return web.json_response({"errors": [{"code": "MANIFEST_UNKNOWN"}]}, status=404)
        content_type = _OCI if kind == "manifests" else "application/octet-stream"
        headers = {"Docker-Content-Digest": digest(found)}
        return web.Response(body=found, content_type=content_type, headers=headers)


def pages(items: Iterable[bytes]) -> Iterator[bytes]:
    """The list in pages of 500; the token to go on is the number of the next."""
    all_items = list(items)
    starts = range(0, max(1, len(all_items)), 500)
    for number, start in enumerate(starts, start=1):
        token = str(number) if number < len(starts) else ""
        metadata = orjson.dumps({"resourceVersion": "1", "continue": token})
        yield b'{"metadata":%s,"items":[%s]}' % (metadata, b",".join(all_items[start : start + 500]))


class Cluster:
    """The lists of a cluster with so many pods."""

    def __init__(self, pods: int, registry: str, old: list[str]) -> None:
        self._registry, self._old = registry, old
        self._recorded = _recorded_pod()
        self.lists = {
            "/api/v1/pods": [*pages(self._pod(number) for number in range(pods))],
            "/api/v1/nodes": [*pages(self._node(number) for number in range(100))],
            "/api/v1/events": [*pages(self._event(number) for number in range(pods // 5))],
            "/apis/apps/v1/replicasets": [*pages(self._controller(n, "rs", "deploy") for n in range(pods // 10))],
            "/apis/apps/v1/deployments": [*pages(self._controller(n, "deploy", "") for n in range(pods // 10))],
        }

    def image(self, workload: int) -> str:
        return f"{self._registry}/app-{workload % len(self._old)}"

    def _pod(self, number: int) -> bytes:
        workload = number // 10
        pod = self._recorded
        pod["metadata"] |= {
            "name": f"app-{workload}-{number}",
            "namespace": f"team-{workload % 100}",
            "uid": f"pod-{number}",
        }
        pod["metadata"]["ownerReferences"] = owner("ReplicaSet", "rs", workload)
        pod["spec"]["nodeName"] = f"node-{number % 100}"
        pod["spec"]["containers"][0] |= {"image": f"{self.image(workload)}:v1", "imagePullPolicy": "IfNotPresent"}
        status = pod["status"]["containerStatuses"][0]
        status["imageID"] = f"{self.image(workload)}@{self._old[workload % len(self._old)]}"
        status["state"] = {"running": {"startedAt": "2026-11-19T12:00:00Z"}}
        return orjson.dumps(pod)

    def _controller(self, workload: int, kind: str, above: str) -> bytes:
        container = {"name": "app", "image": f"{self.image(workload)}:v1", "imagePullPolicy": "IfNotPresent"}
        metadata: dict[str, Any] = {
            "name": f"{kind}-{workload}", "namespace": f"team-{workload % 100}", "uid": f"{kind}-{workload}",
            "creationTimestamp": "2026-11-18T12:00:00Z", "annotations": {"deployment.kubernetes.io/revision": "1"},
        }  # fmt: skip
        if above:
            metadata["ownerReferences"] = owner("Deployment", above, workload)
        return orjson.dumps({"metadata": metadata, "spec": {"template": {"spec": {"containers": [container]}}}})

    def _node(self, number: int) -> bytes:
        mine = [(number * 37 + each) % len(self._old) for each in range(50)]
        images = [
            {"names": [f"{self.image(each)}@{self._old[each]}", f"{self.image(each)}:v1"], "sizeBytes": 9}
            for each in mine
        ]
        info = {"operatingSystem": "linux", "architecture": "amd64", "kubeletVersion": "v1.36.2"}
        ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-21T12:00:00Z"}
        status = {"images": images, "nodeInfo": info, "conditions": [ready]}
        return orjson.dumps({"metadata": {"name": f"node-{number}"}, "spec": {}, "status": status})

    def _event(self, number: int) -> bytes:
        about = {"kind": "Pod", "uid": f"pod-{number}", "fieldPath": "spec.containers{app}"}
        when = "2026-11-19T12:00:00Z"
        message = f'Container image "{self.image(number // 10)}:v1" already present on machine'
        metadata = {"name": f"e-{number}", "namespace": "x", "creationTimestamp": when}
        return orjson.dumps(
            {"metadata": metadata, "involvedObject": about, "reason": "Pulled", "message": message,
             "firstTimestamp": when, "lastTimestamp": when, "count": 1}
        )  # fmt: skip

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/version":
            return web.json_response({"gitVersion": "v1.36.2"})
        if request.path == "/apis":
            return web.json_response({"groups": [{"name": "apps"}]})
        if request.path not in self.lists:
            status = {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"{request.path} not found"}
            return web.json_response(status, status=404)
        page = self.lists[request.path][int(request.query.get("continue") or 0)]
        return web.Response(body=page, content_type="application/json")


def owner(kind: str, name: str, workload: int) -> list[dict[str, Any]]:
    named = {"kind": kind, "name": f"{name}-{workload}", "uid": f"{name}-{workload}"}
    return [{"apiVersion": "apps/v1", **named, "controller": True, "blockOwnerDeletion": True}]


def _recorded_pod() -> dict[str, Any]:
    exchange = json.loads(RECORDED.read_text(encoding="utf-8").splitlines()[1])
    pod: dict[str, Any] = exchange["answer"]["items"][0]
    return pod


async def serve(handler: Any) -> tuple[web.AppRunner, str]:
    application = web.Application()
    application.router.add_route("*", "/v2/{path:.*}", handler)
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"127.0.0.1:{runner.addresses[0][1]}"


def kubeconfig(server: str) -> str:
    named = {"name": "b"}
    return json.dumps(
        {
            "current-context": "b",
            "contexts": [{**named, "context": {"cluster": "b", "user": "b"}}],
            "clusters": [{**named, "cluster": {"server": f"http://{server}"}}],
            "users": [{**named, "user": {}}],
        }
    )


# What wait4 tells of a child's memory begins with that of the process that it was forked from; this does not.
_CHILD = """
import sys
from pathlib import Path
from pullscope.cli import program
code = program.run(sys.argv[2:])
Path(sys.argv[1]).write_text(Path("/proc/self/status").read_text())
sys.exit(code)
"""


def run(config: str) -> tuple[float, float, float, str]:
    """Wall seconds, processor seconds and the most memory in MB of one `pullscope why -A` (Linux), and its report."""
    with tempfile.TemporaryDirectory() as directory:
        kube, report, status = (Path(directory, name) for name in ("config", "report", "status"))
        kube.write_text(config)
        words = [str(status), "why", "-A", "--kubeconfig", str(kube), "--output-file", str(report)]
        environment = {**os.environ, "REGISTRY_AUTH_FILE": str(kube.with_name("none"))}
        started = time.perf_counter()
        child = os.posix_spawn(sys.executable, [sys.executable, "-c", _CHILD, *words], environment)
        _, ended, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - started
        assert os.waitstatus_to_exitcode(ended) == 1, "something is stale"
        memory = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert memory is not None
        processor, most = usage.ru_utime + usage.ru_stime, int(memory[1]) * 1024 / 1e6
        return seconds, processor, most, report.read_text(encoding="utf-8")


async def measure(pods: int, images: int, figures: Figures) -> None:
    registry = Registry(images)
    registry_runner, registry_address = await serve(registry.answer)
    cluster_runner, server = await serve(Cluster(pods, registry_address, registry.old).answer)
    seconds, processor, memory, said = await asyncio.to_thread(run, kubeconfig(server))
    stale = sum(10 for each in range(pods // 10) if each % images % _STALE == 0)
    assert f"{pods} containers in {pods} pods: {stale} stale, {pods - stale} up to date" in said, said[-200:]
    figures.note("whole command, s", seconds, "≤ 10 s")
    figures.note("processor, s", processor)
    figures.note("peak resident memory, MB", memory, "≤ 400 MB")
    figures.note("requests to the registry", registry.asked)
    await cluster_runner.cleanup()
    await registry_runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--images", type=int, default=500)
    options = parser.parse_args()
    figures = Figures()
    for _ in range(options.runs):
        asyncio.run(measure(options.pods, options.images, figures))
    print(figures.table(f"why -A, {options.pods:,} pods, {options.images:,} images, {options.runs} runs"))


if __name__ == "__main__":
    main()
