"""`pods/exec` and `pods/attach`: the streams of a command in a container, and of the container's own program.

Upstream: kubernetes v1.36 pkg/registry/core/pod/rest/subresources.go and strategy.go (ExecLocation, AttachLocation).
"""

import functools
from dataclasses import replace

from pullscope.apiserver.admission import host_access
from pullscope.apiserver.handlers import Connection, Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import location
from pullscope.kube import status
from pullscope.kube.api import Kubelet, Object
from pullscope.kube.streams import StreamOptions


class _Located:
    """Finds what is meant."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)
        self._services = services

    async def _locate(
        self, context: Context, options: StreamOptions, operation: str
    ) -> tuple[Kubelet, Object, StreamOptions]:
        pod = await self._storage.get(context)
        usable = host_access.usable(self._services.authorizer, [context.user], context.namespace or "")
        host_access.check_streams(pod, usable, operation)
        container = location.container_of(pod, options.container)
        kubelet = location.kubelet_of(pod, self._services)
        if kubelet is None:
            raise status.bad_request(f"pod {context.name} does not have a host assigned")
        return kubelet, pod, replace(options, container=container)


class Execute(_Located):
    """Connects a client with a command that the pod's kubelet starts."""

    async def connect(self, context: Context, options: StreamOptions) -> Connection:
        kubelet, pod, options = await self._locate(context, options, "exec")
        return Connection(functools.partial(kubelet.exec, pod, options), exit_codes=True)


class Attach(_Located):
    """Connects a client with what runs in a container. How that ends is told by the pod's status, not by the streams."""

    async def connect(self, context: Context, options: StreamOptions) -> Connection:
        kubelet, pod, options = await self._locate(context, options, "attach")
        return Connection(functools.partial(kubelet.attach, pod, options), exit_codes=False)


EXEC = Subresource(Execute, "PodExecOptions")
ATTACH = Subresource(Attach, "PodAttachOptions")
