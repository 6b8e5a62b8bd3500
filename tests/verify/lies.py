"""Lies: what a lab can be made to do that no cluster does. The judge is not told.

Each wraps a part of the lab at a seam of its assembly (same protocol in, same out). What has no seam, the decisions of kubelet
and API server, is replaced by `wrongrules`. Which rows a lie must fail stands in `test_every_row`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from tests.verify.conftest import piped

from pullscope.base.clock import FastClock
from pullscope.cli import proving
from pullscope.cri import api as cri
from pullscope.lab import assembly
from pullscope.lab.config import Seams
from pullscope.oci import reference
from pullscope.verify.case import Case
from pullscope.verify.cases import article, suites
from pullscope.verify.result import CaseResult
from pullscope.verify.stage import Stage

Plant = Callable[[pytest.MonkeyPatch], Seams]
"""Plants a lie in the labs that are started with these seams, until the patch is undone."""

_SPEED = 15
_COMPANY = tuple(case for case in article.SIX if case.id == "6")


async def results(seams: Seams, rows: Iterable[Case], *, company: bool = False) -> list[CaseResult]:
    """What becomes of the rows, each in a lab that is right for it; with `company` the node has run others before."""
    found: list[CaseResult] = []
    for needs, group in suites.by_needs(rows).items():
        clock = FastClock(_SPEED)
        async with assembly.running(replace(proving.config(needs, clock), seams=seams)) as lab:
            there = proving.running(lab, needs, clock)
            if company:
                await proving.in_lab(there, _COMPANY, piped())
            found += (await proving.in_lab(there, group, piped())).results
    return found


# ------------------------------------------------------------------------------------------ of the image cache


class Wrapper:
    """Hands on what it does not lie about."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class AnswersFromCache(Wrapper):
    """A pull of an image that is there asks nobody."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        found: cri.Image | None = await self._real.image_status(image)
        return found.id if found else str(await self._real.pull_image(image, auth))


class DeniesImages(Wrapper):
    """What is on the node is never found."""

    async def image_status(self, image: str) -> cri.Image | None:
        return None


class TakesAnotherTag(Wrapper):
    """Any image of the repository is as good as the one that is asked for."""

    async def image_status(self, image: str) -> cri.Image | None:
        found: cri.Image | None = await self._real.image_status(image)
        if found is not None or "/" not in image:  # the image itself, or an id
            return found
        return next((other for other in await self._real.list_images() if _is_of_repository(image, other)), None)


def _is_of_repository(image: str, other: cri.Image) -> bool:
    return any(tag.rpartition(":")[0] == reference.parse(image).name for tag in other.repo_tags)


class SharesItsCache(Wrapper):
    """What is on another node is as good as on this one."""

    def __init__(self, real: Any, nodes: list[Any]) -> None:
        super().__init__(real)
        self._nodes = nodes
        nodes.append(real)

    async def image_status(self, image: str) -> cri.Image | None:
        for node in self._nodes:
            found: cri.Image | None = await node.image_status(image)
            if found is not None and node is not self._real and "/" in image:
                await self._real.pull_image(found.repo_digests[0])
            if found is not None:
                return found
        return None


class PullsAnew(Wrapper):
    """A pull downloads everything: what is there is thrown away first."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        await self._real.remove_image(image)
        return str(await self._real.pull_image(image, auth))


class FallsBack(Wrapper):
    """A pull that fails is as good as one that does not, if the node has any image at all."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        try:
            return str(await self._real.pull_image(image, auth))
        except cri.CriError:
            for other in await self._real.list_images():
                if other.executable:
                    return str(other.id)
            raise


class SaysThatTheTagIsMissing(Wrapper):
    """Whatever goes wrong is reported as a missing tag."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        try:
            return str(await self._real.pull_image(image, auth))
        except cri.CriError as error:
            name, _, tag = image.rpartition(":")
            raise cri.CriError(f"reading manifest {tag} in {name}: manifest unknown", code=error.code) from error


class SaysThatTheRegistryIsDown(Wrapper):
    """Whatever goes wrong, and is told as it was, has the reason RegistryUnavailable."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        try:
            return str(await self._real.pull_image(image, auth))
        except cri.CriError as error:
            raise cri.CriError(f"RegistryUnavailable: {error.message}", code=error.code) from error


class GivesUp(Wrapper):
    """A pull that takes long is an error."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        raise cri.CriError(f"pulling {image}: context deadline exceeded")


class RemovesNothing(Wrapper):
    """`crictl rmi` says that it is done, and does nothing."""

    async def remove_image(self, image: str) -> None:
        return None


class NeverRefusesToRemove(Wrapper):
    """`crictl rmi` of an image in use says that it is done."""

    async def remove_image(self, image: str) -> None:
        try:
            await self._real.remove_image(image)
        except cri.CriError:
            return


class RefusesToRemove(Wrapper):
    """`crictl rmi` takes every image for one in use."""

    async def remove_image(self, image: str) -> None:
        raise cri.CriError("image used by c1: image is in use by a container")


def of_images(wrapper: Callable[[Any], Any]) -> Plant:
    """A lie of each node's image cache."""
    return lambda _: Seams(images=wrapper)


def nodes_share_their_caches(_: pytest.MonkeyPatch) -> Seams:
    """A lie of all nodes' image caches."""
    nodes: list[Any] = []
    return Seams(images=lambda real: SharesItsCache(real, nodes))


# ----------------------------------------------------------------------------- of the runtime, and of the registry


class RunsOtherLayers(Wrapper):
    """Every container runs the layers of the first primer's image (node.war), and is said to run its own."""

    def __init__(self, real: Any) -> None:
        super().__init__(real)  # the lab's runtime, which knows its images too
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
        claimed = await self._real.image_status(config.image)
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


def runs_other_layers(_: pytest.MonkeyPatch) -> Seams:
    """A lie of each node's runtime."""
    return Seams(runtime=RunsOtherLayers)


def _serves_the_old_manifest(application: web.Application) -> web.Application:
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


def the_registry_serves_the_old_manifest(_: pytest.MonkeyPatch) -> Seams:
    """A lie of the lab's registry."""
    return Seams(registry=_serves_the_old_manifest)


def impatient(plant: Plant, seconds: float) -> Plant:
    """Nothing is waited for longer than so many seconds of the machine: for pods that never come to anything."""

    def planted(patch: pytest.MonkeyPatch) -> Seams:
        patch.setattr(Stage, "outcome", seconds)
        return plant(patch)

    return planted
