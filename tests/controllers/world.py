"""All controllers over the real API server, and kubelets that are as quick as thought."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pullscope.base.clock import Clock
from pullscope.kube import meta, resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

NS = "default"


class World:
    """The API, and what a test does and waits for."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self.api = api
        self.clock = clock
        self._addresses = 0

    async def make(self, resource: Resource, obj: Object, namespace: str | None = NS) -> Object:
        head = {"apiVersion": resource.api_version, "kind": resource.kind}
        return await self.api.create(resource, namespace, {**head, **obj})

    async def node(self, name: str, **spec: Any) -> Object:
        """A node that is ready."""
        status = {
            "conditions": [{"type": "Ready", "status": "True"}],
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "250"},
        }
        return await self.make(resources.NODES, {"metadata": {"name": name}, "spec": spec, "status": status}, None)

    async def items(self, resource: Resource, namespace: str | None = NS, **selectors: str) -> list[Object]:
        return (await self.api.list(resource, namespace, **selectors)).items

    async def until(self, resource: Resource, true: Callable[[], Awaitable[bool]]) -> None:
        """Wait for the condition, asking again after each change of a `resource`."""
        listed = await self.api.list(resource)
        async with asyncio.timeout(10):
            if await true():
                return
            async for _ in self.api.watch(resource, resource_version=listed.resource_version):
                if await true():
                    return

    async def gone(self, resource: Resource, name: str, namespace: str | None = NS) -> None:
        async def true() -> bool:
            return all(each["metadata"]["name"] != name for each in await self.items(resource, namespace))

        await self.until(resource, true)

    async def pods(self, count: int, **selectors: str) -> list[Object]:
        """Wait for so many pods that are bound and not going."""
        found: list[Object] = []

        async def true() -> bool:
            found[:] = [
                pod
                for pod in await self.items(resources.PODS, **selectors)
                if pod["spec"].get("nodeName") and not pod["metadata"].get("deletionTimestamp")
            ]
            return len(found) == count

        await self.until(resources.PODS, true)
        return found

    async def run_pods(self, pods: list[Object]) -> None:
        """What a kubelet would report when they run."""
        for pod in pods:
            ready = {"type": "Ready", "status": "True", "lastTransitionTime": pod["metadata"]["creationTimestamp"]}
            self._addresses += 1
            await self.report(pod, "Running", conditions=[ready], podIP=f"10.217.0.{self._addresses}")

    async def report(self, pod: Object, phase: str, **status: Any) -> None:
        """What a kubelet would write of the pod."""
        before = {key: value for key, value in pod["metadata"].items() if key != "resourceVersion"}
        reported = {**pod, "metadata": before, "status": {**pod.get("status", {}), "phase": phase, **status}}
        await self.api.update(resources.PODS, before["namespace"], reported, subresource="status")

    async def end_pods(self) -> None:
        """What a kubelet does with pods that are going."""
        for pod in await self.items(resources.PODS):
            if pod["metadata"].get("deletionTimestamp"):
                await self.end(pod)

    async def end(self, pod: Object) -> None:
        metadata = pod["metadata"]
        await self.api.delete(
            resources.PODS, metadata["namespace"], metadata["name"], DeleteOptions(grace_period_seconds=0)
        )

    async def said(self, reason: str) -> list[str]:
        return [each["message"] for each in await self.items(resources.EVENTS) if each["reason"] == reason]

    async def kubelets(self) -> None:
        """Run every pod that is bound, and end every pod that is going, until cancelled.

        A pod whose image is `exit:N` ends at once with that code, where it does not start again by itself.
        """
        listed = await self.api.list(resources.PODS)
        for pod in listed.items:
            await self._serve(pod)
        async for event in self.api.watch(resources.PODS, resource_version=listed.resource_version):
            if event.type in ("ADDED", "MODIFIED"):
                await self._serve(event.object)

    async def _serve(self, pod: Object) -> None:
        phase = (pod.get("status") or {}).get("phase")
        with suppress(ApiError):  # it went meanwhile
            if pod["metadata"].get("deletionTimestamp"):
                await self.end(pod)
            elif pod["spec"].get("nodeName") and phase == "Pending":
                await self._start(pod)

    async def _start(self, pod: Object) -> None:
        image: str = pod["spec"]["containers"][0]["image"]
        if not image.startswith("exit:"):
            await self.run_pods([pod])
            return
        code = int(image.removeprefix("exit:"))
        ended = {"exitCode": code, "finishedAt": meta.timestamp(self.clock.now())}
        container = {"name": "app", "restartCount": 0, "state": {"terminated": ended}}
        await self.report(pod, "Failed" if code else "Succeeded", containerStatuses=[container])
