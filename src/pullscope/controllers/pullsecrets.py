"""Pull secrets of service accounts: with them pods pull from, and builds push to, the internal registry.

Each account gets a secret `NAME-dockercfg-…` that holds a token of its own for every name of the internal registry, and
names it among its pull secrets. The token is bound to the secret: it ends with it, as the secret ends with the account.

Upstream: openshift-controller-manager 4.22 pkg/internalregistry/controllers (image_pull_secret_controller.go,
service_account_controller.go). Difference: tokens are not rotated, they live as long as their secret.
"""

import base64
from collections.abc import Sequence
from typing import Any

import orjson

from pullscope.controllers import queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

NAME = "internal-image-registry-pull-secrets-controller"
WORKERS = 5
TOKEN_SECONDS = 100 * 365 * 24 * 3600  # the longest that a token may live is 136 years
_TYPE, _KEY = "kubernetes.io/dockercfg", ".dockercfg"
_USER = "<token>"  # upstream's: the registry looks at the password alone
_ACCOUNT = "openshift.io/internal-registry-auth-token.service-account"
_BINDING = "openshift.io/internal-registry-auth-token.binding"
_REFERENCE = "openshift.io/internal-registry-pull-secret-ref"


def secret(account: Object) -> Object:
    """A new secret for the account, without credentials yet."""
    metadata = account["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "generateName": f"{metadata['name']}-dockercfg-",
            "namespace": metadata["namespace"],
            "annotations": {_ACCOUNT: metadata["name"], _BINDING: "bound"},
            "ownerReferences": [meta.owner_reference(account, controller=False)],
        },
        "type": _TYPE,
        "data": {_KEY: _encoded({})},
    }


def filled(obj: Object, token: str, registries: Sequence[str]) -> Object:
    """The secret with the token as the credential for each registry."""
    auth = base64.b64encode(f"{_USER}:{token}".encode()).decode()
    entry = {"username": _USER, "password": token, "email": "serviceaccount@example.org", "auth": auth}
    return {**obj, "data": {_KEY: _encoded(dict.fromkeys(registries, entry))}}


def _encoded(value: Any) -> str:
    return base64.b64encode(orjson.dumps(value)).decode()


def linked(account: Object, name: str) -> Object:
    """The account with the secret among its secrets and its pull secrets."""
    lists = {
        field: [*(each for each in account.get(field) or () if each.get("name") != name), {"name": name}]
        for field in ("secrets", "imagePullSecrets")
    }
    annotations = {**(account["metadata"].get("annotations") or {}), _REFERENCE: name}
    return {**account, **lists, "metadata": {**account["metadata"], "annotations": annotations}}


def wanted(account: Object, registries: Sequence[str], stored: Object | None) -> bool:
    """Whether the account still needs a secret, given the one that it names."""
    if stored is None or stored.get("type") != _TYPE:
        return True
    try:
        known = orjson.loads(base64.b64decode((stored.get("data") or {}).get(_KEY, "")))
    except ValueError:
        return True
    names = {each.get("name") for each in account.get("imagePullSecrets") or ()}
    return stored["metadata"]["name"] not in names or set(known) != set(registries)


async def run(context: Context, registries: Sequence[str]) -> None:
    """Work until cancelled. `registries` are the names of the internal registry."""
    await _Controller(context, registries).run()


class _Controller:
    def __init__(self, context: Context, registries: Sequence[str]) -> None:
        self._api = context.acting_as(NAME)
        self._accounts = context.cache[resources.SERVICE_ACCOUNTS]
        self._secrets = context.cache[resources.SECRETS]
        self._registries = tuple(registries)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)

    async def run(self) -> None:
        self._accounts.subscribe(self._on_account)
        self._secrets.subscribe(self._on_secret)
        for seen in self._accounts.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_account(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.key)

    def _on_secret(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        """A secret that is deleted is made again."""
        if old is not None and new is None:
            for owner in old.owners:
                if owner.kind == resources.SERVICE_ACCOUNTS.kind:
                    self._queue.add((old.namespace, owner.name))

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._accounts.get(key)
        if seen is None or seen.deleting:
            return None
        account = await self._api.get(resources.SERVICE_ACCOUNTS, seen.namespace, seen.name)
        stored = await self._stored(account)
        if wanted(account, self._registries, stored):
            await self._provide(account, stored)
        return None

    async def _stored(self, account: Object) -> Object | None:
        """The secret that the account names as its own, None when it is not there."""
        name = (account["metadata"].get("annotations") or {}).get(_REFERENCE)
        if not name:
            return None
        try:
            return await self._api.get(resources.SECRETS, account["metadata"]["namespace"], name)
        except ApiError as error:
            if error.reason != "NotFound":
                raise
        return None

    async def _provide(self, account: Object, stored: Object | None) -> None:
        namespace = account["metadata"]["namespace"]
        made = stored or await self._api.create(resources.SECRETS, namespace, secret(account))
        name = made["metadata"]["name"]
        try:
            token = await self._token(account, made)
            await self._api.update(resources.SECRETS, namespace, filled(made, token, self._registries))
            after = await self._api.update(resources.SERVICE_ACCOUNTS, namespace, linked(account, name))
        except ApiError:
            if stored is None:  # nothing names it: the next try makes another one
                await self._api.delete(resources.SECRETS, namespace, name)
            raise
        self._accounts.absorb(after)

    async def _token(self, account: Object, bound: Object) -> str:
        reference = {"apiVersion": "v1", "kind": "Secret", **{key: bound["metadata"][key] for key in ("name", "uid")}}
        request = {
            "metadata": {"name": account["metadata"]["name"]},
            "spec": {"expirationSeconds": TOKEN_SECONDS, "boundObjectRef": reference},
        }
        namespace = account["metadata"]["namespace"]
        issued = await self._api.create(resources.SERVICE_ACCOUNTS, namespace, request, subresource="token")
        token: str = issued["status"]["token"]
        return token
