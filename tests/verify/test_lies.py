"""The judge is independent: a lie planted between the lab's parts fails exactly the cases that it touches.

Each lie wraps one part of the lab at a seam of its assembly (same protocol in, same out). The judge is not told.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from tests.verify.conftest import piped

from pullscope.cli import proving
from pullscope.cri import api as cri
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig, Seams
from pullscope.verify.cases import article
from pullscope.verify.result import Report


class Wrapper:
    """Hands on what it does not lie about."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class NodeDeniesImages(Wrapper):
    """IfNotPresent always pulls: the image is never there when the kubelet asks.

    CRI does not tell the policy; the tag tells the case. Under Never this lie would have another effect.
    """

    async def image_status(self, image: str) -> cri.Image | None:
        found: cri.Image | None = await self._real.image_status(image)
        return None if re.search(r":case-[3-6]-", image) else found


class NodeAnswersFromCache(Wrapper):
    """Always uses the cache: a pull of an image that is there asks nobody."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        found: cri.Image | None = await self._real.image_status(image)
        return found.id if found else str(await self._real.pull_image(image, auth))


def registry_serves_the_old_manifest(application: web.Application) -> web.Application:
    """A tag that was pushed anew still gives its first manifest."""
    pushed: dict[str, list[str]] = {}

    @web.middleware
    async def lie(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Any:
        found = re.fullmatch(r"/v2/(.+)/manifests/([^:]+)", request.path)
        history = pushed.setdefault(request.path, [])
        if request.method in ("GET", "HEAD") and found and len(history) > 1:
            old = request.rel_url.with_path(f"/v2/{found[1]}/manifests/{history[0]}")
            return await handler(request.clone(rel_url=old))
        response = await handler(request)
        if request.method == "PUT" and found and response.status == 201:
            history.append(response.headers["Docker-Content-Digest"])
        if request.method == "DELETE" and response.status == 202:
            for digests in pushed.values():
                digests[:] = [digest for digest in digests if not request.path.endswith(digest)]
        return response

    application.middlewares.append(lie)
    return application


class SandboxRunsOtherLayers(Wrapper):
    """Every container runs the layers of the first primer's image (node.war), and is said to run its own."""

    def __init__(self, real: cri.RuntimeService, images: Callable[[], cri.ImageService]) -> None:
        super().__init__(real)
        self._images = images
        self._other: asyncio.Future[str] | None = None
        self._pods: dict[str, str] = {}
        self._claimed: dict[str, cri.Image] = {}

    async def run_pod_sandbox(self, config: cri.PodSandboxConfig) -> str:
        sandbox = str(await self._real.run_pod_sandbox(config))
        self._pods[sandbox] = config.name
        return sandbox

    async def create_container(self, pod_sandbox_id: str, config: cri.ContainerConfig) -> str:
        self._other = self._other or asyncio.get_running_loop().create_future()
        if self._pods[pod_sandbox_id].startswith("primer-") and not self._other.done():
            self._other.set_result(config.image)
        claimed = await self._images().image_status(config.image)
        assert claimed is not None
        container = str(await self._real.create_container(pod_sandbox_id, replace(config, image=await self._other)))
        self._claimed[container] = claimed
        return container

    def _lie(self, status: cri.ContainerStatus) -> cri.ContainerStatus:
        claimed = self._claimed.get(status.id)
        return replace(status, image_id=claimed.id, image_ref=claimed.repo_digests[0]) if claimed else status

    async def list_containers(self) -> list[cri.ContainerStatus]:
        return [self._lie(status) for status in await self._real.list_containers()]

    async def container_status(self, container_id: str) -> cri.ContainerStatus:
        return self._lie(await self._real.container_status(container_id))


def sandbox_seams() -> Seams:
    kept: list[cri.ImageService] = []

    def images(service: cri.ImageService) -> cri.ImageService:
        kept.append(service)
        return service

    return Seams(images=images, runtime=lambda real: SandboxRunsOtherLayers(real, lambda: kept[0]))


async def verified(seams: Seams) -> Report:
    async with assembly.running(LabConfig(seams=seams)) as lab:
        return await proving.in_lab(proving.Running(lab.kubeconfig, lab.registry), article.CASES, piped())


def verdicts(report: Report) -> dict[str, str]:
    return {result.case.id: result.verdict.word for result in report.results}


@pytest.mark.parametrize(
    ("seams", "touched", "because"),
    [
        (Seams(images=NodeDeniesImages), {"5", "6"}, {"5": "a pull was tried", "6": "runs registry.war"}),
        (
            Seams(images=NodeAnswersFromCache),
            {"1", "2"},
            {"1": "the node's copy, although it must fail", "2": "without asking the registry"},
        ),
        (Seams(registry=registry_serves_the_old_manifest), {"2"}, {"2": "runs node.war"}),
        (sandbox_seams(), {"2", "4"}, {"2": "the program that was executed found node.war", "4": "found node.war"}),
    ],
    ids=["IfNotPresent always pulls", "Always uses the cache", "the registry serves the old manifest", "other layers"],
)
async def test_a_lie_fails_the_cases_that_it_touches(seams: Seams, touched: set[str], because: dict[str, str]) -> None:
    report = await verified(seams)
    assert verdicts(report) == {case.id: "fail" if case.id in touched else "pass" for case in article.CASES}
    said = {result.case.id: result.verdict.because for result in report.results}
    assert all(text in said[number] for number, text in because.items()), said
