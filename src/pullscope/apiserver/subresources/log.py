"""`pods/log`: what a container wrote, read from the kubelet of the pod's node.

Upstream: kubernetes v1.36 pkg/registry/core/pod/rest/log.go and strategy.go (LogLocation).
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from pullscope.apiserver import options
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import location


class Log:
    """Streams one container's log."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)
        self._services = services

    async def stream(self, context: Context) -> AsyncIterator[bytes] | None:
        asked = options.log_options(context.parameters, context.name)
        pod = await self._storage.get(context)
        asked = replace(asked, container=location.container_of(pod, asked.container))
        kubelet = location.kubelet_of(pod, self._services)
        return kubelet.logs(pod, asked) if kubelet else None  # upstream answers with nothing at all


SUBRESOURCE = Subresource(Log, "Pod")
