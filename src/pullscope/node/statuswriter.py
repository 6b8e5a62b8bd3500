"""Write a pod's status to the API, only when it differs, and remember what is there.

Upstream: pkg/kubelet/status/status_manager.go (syncPod), Kubernetes v1.36. The patch names the pod's uid, so that a new pod
of the same name is never touched.
"""

from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.status import ApiError
from pullscope.node import status

_GONE = ("NotFound", "Conflict")


class StatusWriter:
    """The status of one pod: `current` is the last one computed, written or being written."""

    def __init__(self, api: Api, pod: Object) -> None:
        self._api = api
        self._metadata = pod["metadata"]
        self._stored: Object = {}
        self._version = -1
        self.seen(pod)
        self.current: Object = self._stored

    def seen(self, pod: Object) -> None:
        """The API showed the pod: what others wrote into its status is kept from now on. Older news are passed over."""
        version = int(pod["metadata"]["resourceVersion"])
        if version > self._version:
            self._stored, self._version = pod.get("status") or {}, version

    @property
    def stored(self) -> Object:
        """The status as the API has it, as far as known."""
        return self._stored

    async def write(self, new: Object) -> None:
        """Make it the status. A pod that is gone, or is another one by now, is left alone. Raises ApiError otherwise."""
        self.current = new
        patch = status.difference(self._stored, new)
        if not patch:
            return
        body = {"metadata": {"uid": self._metadata["uid"]}, "status": patch}
        namespace, name = self._metadata["namespace"], self._metadata["name"]
        try:
            pod = await self._api.patch(resources.PODS, namespace, name, body, subresource="status")
        except ApiError as error:
            if error.reason not in _GONE:
                raise
            return
        self.seen(pod)

    async def delete(self) -> None:
        """Remove the object for good: the pod has ended and nothing of it is left on the node."""
        options = DeleteOptions(grace_period_seconds=0, uid=self._metadata["uid"])
        try:
            await self._api.delete(resources.PODS, self._metadata["namespace"], self._metadata["name"], options)
        except ApiError as error:
            if error.reason not in _GONE:
                raise
