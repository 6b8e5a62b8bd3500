"""`pods/log`: what a container wrote, read from the kubelet of the pod's node.

Upstream: kubernetes v1.36 pkg/registry/core/pod/rest/log.go and strategy.go (LogLocation, podContainer checks).
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from pullscope.apiserver import options
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube import status
from pullscope.kube.api import Object

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class Log:
    """Streams one container's log."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)
        self._kubelets = services.kubelets

    async def stream(self, context: Context) -> AsyncIterator[bytes] | None:
        asked = options.log_options(context.parameters, context.name)
        pod = await self._storage.get(context)
        asked = replace(asked, container=container_of(pod, asked.container))
        node = pod["spec"].get("nodeName")
        if not node:
            return None  # no kubelet has it yet: upstream answers with nothing at all
        kubelet = self._kubelets.get(node)
        if kubelet is None:
            raise status.internal(f'no kubelet of node "{node}" is connected')
        return kubelet.logs(pod, asked)


def container_of(pod: Object, asked: str | None) -> str:
    """The container that is meant. Raises ApiError 400 with upstream's sentence when that is not clear."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    ordinary = [container["name"] for container in spec.get("containers") or ()]
    inits = [container["name"] for container in spec.get("initContainers") or ()]
    if asked:
        ephemeral = [container["name"] for container in spec.get("ephemeralContainers") or ()]
        if asked not in (*ordinary, *inits, *ephemeral):
            raise status.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    default = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    if default in ordinary:
        return str(default)
    if len(ordinary) == 1:
        return str(ordinary[0])
    choice = f"a container name must be specified for pod {name}, choose one of: [{' '.join(ordinary)}]"
    if inits:
        choice += f" or one of the init containers: [{' '.join(inits)}]"
    raise status.bad_request(choice)


SUBRESOURCE = Subresource(Log, "Pod")
