"""The admission plugins in their order, with what they look up."""

import secrets

from pullscope.apiserver.admission import (
    always_pull_images,
    host_access,
    image_names,
    namespaces,
    node_taints,
    priority,
    service_accounts,
    tolerations,
)
from pullscope.apiserver.authorization import MASTERS
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.imagestreams import lookups
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.kube import accounts, meta, resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

_DEFAULT_ACCOUNT_ATTEMPTS = 10
_RETRY_SECONDS = 0.1


class Admission:
    """Asked once before each creation, update and deletion; may add to objects."""

    def __init__(self, services: Services, *, always_pull_images: bool = False) -> None:
        self._store = services.store
        self._clock = services.clock
        self._services = services
        self._always_pull_images = always_pull_images

    async def create(self, context: Context, resource: Resource, obj: Object) -> None:
        """Add to a new object what the cluster adds. Raises ApiError 403 or 404."""
        if resource.namespaced:
            self._check_namespace(context, resource, obj)
        image_names.resolve(resource, obj, self._streams(context))
        if resource == resources.PODS:
            await self._complete_pod(obj, context.namespace or "")
            self._check_host_access(context, obj)
        if resource == resources.NODES:
            node_taints.add(obj)
        if resource == resources.PRIORITY_CLASSES:
            priority.check_default(obj, self._priority_classes())

    def _streams(self, context: Context) -> image_names.Find:
        return lambda name: lookups.stream(self._services, context.namespace, name)

    def _check_namespace(self, context: Context, resource: Resource, obj: Object) -> None:
        namespace = context.namespace or ""
        stored = self._store.find(records.key(resources.NAMESPACES, None, namespace))
        namespaces.check_creation(resource, obj["metadata"].get("name", ""), namespace, stored)

    async def _complete_pod(self, pod: Object, namespace: str) -> None:
        account = await self._account(pod, namespace)
        suffix = meta.generate_name("", secrets.randbelow)
        service_accounts.inject(pod, account, suffix)
        if self._always_pull_images:
            always_pull_images.enforce(pod)
        tolerations.add(pod)
        priority.resolve(pod, self._priority_class(pod))

    def _check_host_access(self, context: Context, pod: Object) -> None:
        """Either who makes the pod or whom it acts as may have what it asks for; controllers lend nobody their rights."""
        namespace = context.namespace or ""
        users = [host_access.account(pod, namespace)]
        if accounts.split(context.user.username) is None or MASTERS not in context.user.groups:
            users.append(context.user)
        host_access.check(pod, host_access.usable(self._services.authorizer, users, namespace))

    def _priority_class(self, pod: Object) -> Object:
        name = pod["spec"].get("priorityClassName")
        if not name:
            return priority.default_of(self._priority_classes())
        stored = self._store.find(records.key(resources.PRIORITY_CLASSES, None, name))
        if stored is None:
            raise priority.missing(pod)
        return self._store.views.of(stored)

    def _priority_classes(self) -> list[Object]:
        return [self._store.views.of(stored) for stored in self._store.list(resources.PRIORITY_CLASSES).items]

    async def _account(self, pod: Object, namespace: str) -> Object:
        """The pod's service account. A namespace's default one may be a moment younger than the namespace."""
        name = service_accounts.name_of(pod)
        attempts = _DEFAULT_ACCOUNT_ATTEMPTS if name == service_accounts.DEFAULT else 1
        for attempt in range(attempts):
            if attempt:
                await self._clock.sleep(_RETRY_SECONDS)
            stored = self._store.find(records.key(resources.SERVICE_ACCOUNTS, namespace, name))
            if stored is not None:
                return self._store.views.of(stored)
        raise service_accounts.missing(pod, namespace)

    def update(self, context: Context, resource: Resource, change: Change) -> Change:
        """`change`, and what the cluster adds to it."""
        if context.subresource:
            return change
        always = self._always_pull_images and resource == resources.PODS

        def admitted(obj: Object) -> Object:
            known = image_names.images(resource, obj)
            new = change(obj)
            if added := image_names.images(resource, new) - known:
                image_names.resolve(resource, new, self._streams(context), known)
            if always and added:
                always_pull_images.enforce(new)
            if resource == resources.PRIORITY_CLASSES:
                priority.check_default(new, self._priority_classes())
            return new

        return admitted

    def delete(self, context: Context, resource: Resource) -> None:
        """Raises ApiError 403 for what must stay."""
        if resource == resources.NAMESPACES:
            namespaces.check_deletion(context.name)
