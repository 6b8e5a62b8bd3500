"""Write a pod's status to the API, only when it differs, and remember what is there.

Upstream: pkg/kubelet/status/status_manager.go (syncPod), Kubernetes v1.36. The patch names the pod's uid, so that a new pod
of the same name is never touched, and the version that it was made for, so that nothing is lost that others write in the
same moment. (Upstream sends a strategic merge patch, which costs twenty times as much to apply.)
"""

from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.status import ApiError
from pullscope.node import podstate, status
from pullscope.node.packed import Packed

_GONE = ("NotFound", "Conflict")


class StatusWriter:
    """The status of one pod."""

    def __init__(self, api: Api, pod: Object) -> None:
        self._api = api
        metadata = pod["metadata"]
        self._namespace, self._name = metadata["namespace"], metadata["name"]
        self.uid = podstate.uid(pod)
        self._stored = Packed({})
        self._version = -1
        self.seen(pod)
        self._current = self._stored

    def seen(self, pod: Object) -> None:
        """The API showed the pod: what others wrote into its status is kept from now on. Older news are passed over."""
        version = int(pod["metadata"]["resourceVersion"])
        if version > self._version:
            self._stored, self._version = Packed(pod.get("status") or {}), version

    @property
    def stored(self) -> Object:
        """The status as the API has it, as far as known."""
        return self._stored.object

    @property
    def current(self) -> Object:
        """The last one computed, written or being written."""
        return self._current.object

    def pack(self) -> None:
        """Nobody will ask for a while."""
        if self._current is not self._stored and self.current == self.stored:
            self._current = self._stored
        self._current.pack()
        self._stored.pack()

    async def write(self, new: Object) -> None:
        """Make it the status. A pod that is gone, or is another one by now, is left alone. Raises ApiError otherwise."""
        self._current = Packed(new)
        patch = status.difference(self.stored, new)
        while patch:
            body = {"metadata": {"uid": self.uid, "resourceVersion": str(self._version)}, "status": patch}
            try:
                self.seen(
                    await self._api.patch(resources.PODS, self._namespace, self._name, body, subresource="status")
                )
            except ApiError as error:
                if error.reason not in _GONE:
                    raise
                patch = status.rebased(patch, self.stored) if await self._look() else {}
            else:
                return

    async def _look(self) -> bool:
        """Learn how the pod is by now; false when it is gone, or another one has its name."""
        try:
            pod = await self._api.get(resources.PODS, self._namespace, self._name)
        except ApiError as error:
            if error.reason not in _GONE:
                raise
            return False
        if podstate.uid(pod) != self.uid:
            return False
        self.seen(pod)
        return True

    async def delete(self) -> None:
        """Remove the object for good: the pod has ended and nothing of it is left on the node."""
        options = DeleteOptions(grace_period_seconds=0, uid=self.uid)
        try:
            await self._api.delete(resources.PODS, self._namespace, self._name, options)
        except ApiError as error:
            if error.reason not in _GONE:
                raise
