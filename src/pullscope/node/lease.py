"""The node's sign of life: a Lease in `kube-node-lease`, renewed every 10 s.

Upstream: component-helpers/apimachinery/lease/controller.go v0.36, as pkg/kubelet/kubelet.go sets it up
(nodeLeaseDurationSeconds 40, renewed after a quarter of it).
"""

import contextlib

from pullscope.base.clock import Clock
from pullscope.kube import meta, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError

NAMESPACE = "kube-node-lease"
DURATION_SECONDS = 40
RENEW_SECONDS = DURATION_SECONDS * 0.25


class NodeLease:
    """One node's lease. A renewal that fails is made up for by the next one."""

    def __init__(self, name: str, api: Api, clock: Clock) -> None:
        self._name = name
        self._api = api
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            with contextlib.suppress(ApiError):
                await self._renew()
            await self._clock.sleep(RENEW_SECONDS)

    async def _renew(self) -> None:
        spec = {
            "holderIdentity": self._name,
            "leaseDurationSeconds": DURATION_SECONDS,
            "renewTime": meta.micro_timestamp(self._clock.now()),
        }
        try:
            await self._api.patch(resources.LEASES, NAMESPACE, self._name, {"spec": spec})
        except ApiError as error:
            if error.reason != "NotFound":
                raise
            await self._api.create(resources.LEASES, NAMESPACE, await self._new(spec))

    async def _new(self, spec: Object) -> Object:
        """The lease goes with the node."""
        node = await self._api.get(resources.NODES, None, self._name)
        owner = meta.owner_reference(node, controller=False)
        metadata = {"name": self._name, "namespace": NAMESPACE, "ownerReferences": [owner]}
        return {
            "apiVersion": resources.LEASES.api_version,
            "kind": resources.LEASES.kind,
            "metadata": metadata,
            "spec": spec,
        }
