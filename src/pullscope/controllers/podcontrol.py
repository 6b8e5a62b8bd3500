"""How controllers make and delete pods, and what they say of it.

Upstream: pkg/controller/controller_utils.go (RealPodControl, GetPodFromTemplate) and the slow start of the controllers
that use it, v1.36.
"""

import asyncio
from collections.abc import Iterable, Sequence

from pullscope.controllers.cache import Informer, Seen
from pullscope.controllers.context import is_namespace_terminating
from pullscope.controllers.pods import PodView
from pullscope.kube import meta, resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.events import Recorder
from pullscope.kube.status import ApiError

P = resources.PODS
BURST = 500
"""So many pods at most are created or deleted in one step."""

_COPIED = ("labels", "annotations", "finalizers")


def from_template(owner: Object, template: Object) -> Object:
    """The pod that `owner` makes of `template`; the API gives it its name."""
    metadata = template.get("metadata") or {}
    kept = {key: metadata[key] for key in _COPIED if metadata.get(key)}
    return {
        "apiVersion": P.api_version,
        "kind": P.kind,
        "metadata": {
            "generateName": f"{owner['metadata']['name']}-",
            "namespace": owner["metadata"]["namespace"],
            **kept,
            "ownerReferences": [meta.owner_reference(owner)],
        },
        "spec": template["spec"],
    }


class PodControl:
    """Creates and deletes the pods of one controller's objects. What it did is in `pods` at once."""

    def __init__(self, api: Api, recorder: Recorder, pods: Informer[PodView]) -> None:
        self._api = api
        self._recorder = recorder
        self._pods = pods

    async def create(self, owner: Object, pods: Sequence[Object]) -> ApiError | None:
        """Create them, first one, then twice as many each time: what is refused is refused once, not 500 times.

        Returns the first refusal; a namespace that is going is none, since the owner goes with it.
        """
        batch, done = 1, 0
        while done < len(pods):
            some = pods[done : done + batch]
            refused = [each for each in await asyncio.gather(*(self._create(owner, pod) for pod in some)) if each]
            if refused:
                return refused[0]
            done, batch = done + len(some), batch * 2
        return None

    async def _create(self, owner: Object, pod: Object) -> ApiError | None:
        try:
            created = await self._api.create(P, pod["metadata"]["namespace"], pod)
        except ApiError as error:
            if is_namespace_terminating(error):
                return None
            await self._recorder.event(owner, "Warning", "FailedCreate", f"Error creating: {error.message}")
            return error
        self._pods.absorb(created)
        await self._recorder.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")
        return None

    async def delete(self, owner: Object, pods: Iterable[Seen[PodView]]) -> ApiError | None:
        """Delete them all. Returns the first refusal; a pod that is gone already is none."""
        refused = [each for each in await asyncio.gather(*(self._delete(owner, pod) for pod in pods)) if each]
        return refused[0] if refused else None

    async def _delete(self, owner: Object, pod: Seen[PodView]) -> ApiError | None:
        try:
            answer = await self._api.delete(P, pod.namespace, pod.name, DeleteOptions(uid=pod.uid))
        except ApiError as error:
            if error.code == 404:
                return None
            await self._recorder.event(owner, "Warning", "FailedDelete", f"Error deleting: {error.message}")
            return error
        if answer.get("kind") == P.kind:
            self._pods.absorb(answer)
        await self._recorder.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}")
        return None
