"""`nodes/NAME/proxy/metrics`: what a kubelet has counted. Other paths of a kubelet are not served.

Upstream: kubernetes v1.36 pkg/registry/core/node/rest/proxy.go.
"""

from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.base import metrics
from pullscope.kube.api import Metered
from pullscope.kube.status import ApiError


class NodeProxy:
    """Asks the kubelet of a node."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)
        self._kubelets = services.kubelets

    async def proxy(self, context: Context, path: str) -> tuple[str, bytes]:
        name = (await self._storage.get(context))["metadata"]["name"]
        if path != "metrics":
            why = f"the server could not find the requested resource: nodes/proxy/{path} is not served here"
            raise ApiError(404, "NotFound", why, {})
        kubelet: object = self._kubelets.get(name)  # some count, some do not
        if not isinstance(kubelet, Metered):
            why = f'error trying to reach service: no kubelet of node "{name}" is connected'
            raise ApiError(503, "ServiceUnavailable", why)
        return metrics.CONTENT_TYPE, await kubelet.metrics()


SUBRESOURCE = Subresource(NodeProxy, "NodeProxyOptions")
