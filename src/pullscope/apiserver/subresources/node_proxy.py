"""`nodes/NAME/proxy/metrics` and `/configz`: what a kubelet has counted, and how it is configured. Other paths of a kubelet
are not served.

Upstream: kubernetes v1.36 pkg/registry/core/node/rest/proxy.go.
"""

import orjson

from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.base import metrics
from pullscope.kube.api import Configured, Metered
from pullscope.kube.status import ApiError


class NodeProxy:
    """Asks the kubelet of a node."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)
        self._kubelets = services.kubelets

    async def proxy(self, context: Context, path: str) -> tuple[str, bytes]:
        name = (await self._storage.get(context))["metadata"]["name"]
        if path not in ("metrics", "configz"):
            why = f"the server could not find the requested resource: nodes/proxy/{path} is not served here"
            raise ApiError(404, "NotFound", why, {})
        kubelet: object = self._kubelets.get(name)  # some do all of this, some do not
        if path == "metrics" and isinstance(kubelet, Metered):
            return metrics.CONTENT_TYPE, await kubelet.metrics()
        if path == "configz" and isinstance(kubelet, Configured):
            return "application/json", orjson.dumps(kubelet.configz())
        why = f'error trying to reach service: no kubelet of node "{name}" is connected'
        raise ApiError(503, "ServiceUnavailable", why)


SUBRESOURCE = Subresource(NodeProxy, "NodeProxyOptions")
