"""`builds/log`: what the containers of a build's pod said, one after the other.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/buildlog/rest.go. It looks at the pod once a second; here each
container is read as soon as it has begun.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from pullscope.apiserver import options
from pullscope.apiserver.builds import waiting
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.apiserver.subresources import location
from pullscope.kube import resources, status
from pullscope.kube.api import LogOptions, Object
from pullscope.kube.status import ApiError
from pullscope.openshift import buildreasons, builds

PATIENCE_SECONDS = 30.0
"""How long a request waits for its build to begin; `oc` then asks again."""


class BuildLog:
    """Streams the log of a build."""

    def __init__(self, _kind: Kind, services: Services) -> None:
        self._services = services

    async def stream(self, context: Context) -> AsyncIterator[bytes] | None:
        asked = replace(options.log_options(context.parameters, context.name), container=None, previous=False)
        build = self._build(context)
        phase, name = build["status"]["phase"], build["metadata"]["name"]
        if phase in (builds.NEW, builds.PENDING):
            if options.boolean(context.parameters, "nowait"):
                return _nothing()
            await self._begun(build)
        elif phase == builds.CANCELLED:
            raise status.bad_request(f"build {name} was cancelled. {buildreasons.NO_LOGS}")
        elif phase == builds.ERROR:
            raise status.bad_request(f"build {name} is in an error state. {buildreasons.NO_LOGS}")
        return self._pieces(self._pod(build), asked)

    def _build(self, context: Context) -> Object:
        """The build that is meant; with `previous` the one before it. Raises ApiError 404."""
        build = self._get(resources.BUILDS, context, context.name)
        if not options.boolean(context.parameters, "previous"):
            return build
        before = builds.name(builds.config_of(build), str(builds.number(build) - 1))
        return self._get(resources.BUILDS, context, before)

    def _get(self, resource: resources.Resource, context: Context, name: str) -> Object:
        return self._services.store.get(records.key(resource, context.namespace, name)).object()

    async def _begun(self, build: Object) -> None:
        """Return when the build has begun. Raises ApiError when there is no log to wait for."""
        name, namespace = build["metadata"]["name"], build["metadata"]["namespace"]
        try:
            latest = await waiting.running(self._services, namespace, name, PATIENCE_SECONDS)
        except waiting.GoneError:
            raise status.bad_request(f"unable to wait for build {name} to run: build was deleted") from None
        except waiting.TimedOutError:
            text = f"Timeout: timed out waiting for build {name} to start after 30s"
            raise ApiError(504, "Timeout", text, {"retryAfterSeconds": 1}) from None
        if latest["status"]["phase"] == builds.ERROR:
            raise status.bad_request(f"build {name} encountered an error: {buildreasons.NO_LOGS}")
        if latest["status"]["phase"] == builds.CANCELLED:
            raise status.bad_request(f"build {name} was cancelled: {buildreasons.NO_LOGS}")

    def _pod(self, build: Object) -> Object:
        metadata = build["metadata"]
        key = records.key(resources.PODS, metadata["namespace"], builds.pod_name(metadata["name"]))
        stored = self._services.store.find(key)
        if stored is None:
            raise status.bad_request(f'pod "{key.name}" not found')
        return stored.object()

    async def _pieces(self, pod: Object, asked: LogOptions) -> AsyncIterator[bytes]:
        kubelet = location.kubelet_of(pod, self._services)
        if kubelet is None:
            return
        for name in _containers(pod):
            begun = await self._has_begun(pod, name, wait=asked.follow)
            if begun is None:
                return
            ended = "terminated" in begun["state"]
            one = replace(asked, container=name, follow=asked.follow and not ended)
            async for piece in kubelet.logs(pod, one):
                yield piece

    async def _has_begun(self, pod: Object, name: str, *, wait: bool) -> Object | None:
        """The container's status, once it has one that is not waiting; None when it never will, or nobody waits."""

        def settled(current: Object) -> bool:
            return not wait or _status(current, name) is not None or _is_over(current)

        namespace, pod_name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        try:
            latest = await waiting.until(self._services, resources.PODS, namespace, pod_name, settled)
        except waiting.GoneError:
            return None
        return _status(latest, name)


async def _nothing() -> AsyncIterator[bytes]:
    """No log yet."""
    yield b""


def _containers(pod: Object) -> list[str]:
    """In the order in which they run."""
    specs = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    return [spec["name"] for spec in specs]


def _status(pod: Object, name: str) -> Object | None:
    """The status of a container that runs or has run."""
    state = pod.get("status") or {}
    for each in (*(state.get("initContainerStatuses") or ()), *(state.get("containerStatuses") or ())):
        if each["name"] == name and "waiting" not in each["state"]:
            found: Object = each
            return found
    return None


def _is_over(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


SUBRESOURCE = Subresource(BuildLog, "BuildLog")
