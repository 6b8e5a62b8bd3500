"""The role bindings that every namespace has on OpenShift: its pods pull its images, its builder pushes, its deployer deploys.

Upstream: openshift/openshift-controller-manager (release 4.22) pkg/authorization/defaultrolebindings: made with the namespace,
made again when they are deleted, and left alone when they are changed.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen
from pullscope.controllers.context import Context
from pullscope.kube import accounts, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

_GROUP = resources.ROLE_BINDINGS.group
_HINT = "It is auto-managed by a controller; remove subjects to disable."
_PURPOSES: Mapping[str, str] = {
    "system:image-pullers": f"Allows all pods in this namespace to pull images from this namespace.  {_HINT}",
    "system:image-builders": f"Allows builds in this namespace to push images to this namespace.  {_HINT}",
    "system:deployers": f"Allows deploymentconfigs in this namespace to rollout pods in this namespace.  {_HINT}",
}
_ACCOUNTS = {"system:image-builders": "builder", "system:deployers": "deployer"}


def plan(namespace: Object, bindings: Collection[str]) -> list[Object]:
    """The bindings that a namespace lacks, given the names of those that it has."""
    if (namespace.get("status") or {}).get("phase") == "Terminating":
        return []
    return [_binding(name, namespace["metadata"]["name"]) for name in _PURPOSES if name not in bindings]


def _binding(name: str, namespace: str) -> Object:
    annotations = {"openshift.io/description": _PURPOSES[name]}
    return {
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        "roleRef": {"apiGroup": _GROUP, "kind": resources.CLUSTER_ROLES.kind, "name": name.removesuffix("s")},
        "subjects": [_subject(name, namespace)],
    }


def _subject(name: str, namespace: str) -> Object:
    if name in _ACCOUNTS:
        return {"kind": "ServiceAccount", "name": _ACCOUNTS[name], "namespace": namespace}
    _, pods = accounts.groups(namespace)
    return {"kind": "Group", "apiGroup": _GROUP, "name": pods}


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._namespaces = context.cache[resources.NAMESPACES]
        self._bindings = context.cache[resources.ROLE_BINDINGS]
        self._api = context.acting_as("default-rolebindings-controller")

    async def run(self) -> None:
        self._namespaces.subscribe(self._on_namespace)
        self._bindings.subscribe(self._on_binding)
        for seen in self._namespaces.all():
            self._queue.add(seen.name)
        await queue.work(self._queue, self._reconcile)

    def _on_namespace(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if old is None and new is not None:
            self._queue.add(new.name)

    def _on_binding(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is None and old is not None and old.name in _PURPOSES:
            self._queue.add(old.namespace)

    async def _reconcile(self, name: str) -> None:
        namespace = self._namespaces.get(("", name))
        if namespace is None:
            return
        present = {seen.name for seen in self._bindings.in_namespace(name)}
        for binding in plan(namespace.view, present):
            try:
                made = await self._api.create(resources.ROLE_BINDINGS, name, binding)
            except ApiError as error:
                if error.reason != "AlreadyExists":
                    raise
            else:
                self._bindings.absorb(made)
