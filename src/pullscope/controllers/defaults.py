"""What every namespace has: service accounts, and the CA certificates that its pods trust.

Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go and pkg/controller/certificates/rootcacertpublisher,
v1.36: made when the namespace is, made again when they are deleted, and the CA put right when it was altered. The second
ConfigMap is OpenShift's, of its service-ca operator (a lab has one authority for both), and so are the accounts `builder` and
`deployer`, of its controller manager (openshift-controller-manager 4.22 pkg/serviceaccounts).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen
from pullscope.controllers.context import Context
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

SERVICE_ACCOUNT = "default"
ACCOUNTS = ("builder", "deployer", SERVICE_ACCOUNT)
"""In the order in which they are made: pods are admitted when the last one is there."""


@dataclass(frozen=True)
class Bundle:
    """A ConfigMap with the authority's certificate."""

    name: str
    key: str
    annotations: Mapping[str, str]


BUNDLES = (
    Bundle(
        "kube-root-ca.crt",
        "ca.crt",
        {
            "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
            "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed "
            "across distributions of Kubernetes clusters."
        },
    ),
    Bundle("openshift-service-ca.crt", "service-ca.crt", {"service.beta.openshift.io/inject-cabundle": "true"}),
)


@dataclass(frozen=True)
class Create:
    """Make this object."""

    object: Object


@dataclass(frozen=True)
class Restore:
    """Give the existing object these contents."""

    object: Object


Action = Create | Restore


def plan(namespace: Object, accounts: Collection[str], configs: Mapping[str, Object], root_ca: str) -> list[Action]:
    """What a namespace lacks, given the names of its service accounts and, by name, its ConfigMaps of `BUNDLES`."""
    if (namespace.get("status") or {}).get("phase") == "Terminating":
        return []
    name = namespace["metadata"]["name"]
    actions: list[Action] = []
    for bundle in BUNDLES:
        data, config = {bundle.key: root_ca}, configs.get(bundle.name)
        if config is None:
            metadata: Object = {"name": bundle.name, "namespace": name, "annotations": dict(bundle.annotations)}
            actions.append(Create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}))
        elif config.get("data") != data:
            actions.append(Restore({**config, "data": data}))
    for account in ACCOUNTS:  # after what the pods mount
        if account not in accounts:
            metadata = {"name": account, "namespace": name}
            actions.append(Create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}))
    return actions


async def run(context: Context, root_ca: str) -> None:
    """Work until cancelled. `root_ca` is the API server's CA certificate, PEM."""
    await _Controller(context, root_ca).run()


class _Controller:
    def __init__(self, context: Context, root_ca: str) -> None:
        self._root_ca = root_ca
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._cache = context.cache
        self._namespaces = context.cache[resources.NAMESPACES]
        self._apis: dict[Resource, Api] = {
            resources.SERVICE_ACCOUNTS: context.acting_as("service-account-controller"),
            resources.CONFIG_MAPS: context.acting_as("root-ca-cert-publisher"),
        }

    async def run(self) -> None:
        self._namespaces.subscribe(self._on_namespace)
        for resource in self._apis:
            self._cache[resource].subscribe(self._on_object)
        for seen in self._namespaces.all():
            self._queue.add(seen.name)
        await queue.work(self._queue, self._reconcile)

    def _on_namespace(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.name)

    def _on_object(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        seen = new or old
        if seen is not None and seen.name in (*ACCOUNTS, *(bundle.name for bundle in BUNDLES)):
            self._queue.add(seen.namespace)

    async def _reconcile(self, name: str) -> None:
        namespace = self._namespaces.get(("", name))
        if namespace is None:
            return
        accounts = [each for each in ACCOUNTS if self._cache[resources.SERVICE_ACCOUNTS].get((name, each)) is not None]
        found = {each.name: await self._find(resources.CONFIG_MAPS, name, each.name) for each in BUNDLES}
        configs = {key: config for key, config in found.items() if config is not None}
        for action in plan(namespace.view, accounts, configs, self._root_ca):
            await self._carry_out(name, action)

    async def _find(self, resource: Resource, namespace: str, name: str) -> Object | None:
        if self._cache[resource].get((namespace, name)) is None:
            return None
        return await self._apis[resource].get(resource, namespace, name)

    async def _carry_out(self, namespace: str, action: Action) -> None:
        match action:
            case Create(obj):
                resource = self._resource(obj)
                try:
                    created = await self._apis[resource].create(resource, namespace, obj)
                except ApiError as error:
                    if error.reason != "AlreadyExists":
                        raise
                else:
                    self._cache[resource].absorb(created)
            case Restore(obj):
                resource = self._resource(obj)
                self._cache[resource].absorb(await self._apis[resource].update(resource, namespace, obj))

    def _resource(self, obj: Object) -> Resource:
        return next(each for each in self._apis if each.kind == obj["kind"])
