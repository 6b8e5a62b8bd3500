"""Whose credentials a registry is shown: the user's own (docker's, podman's), then those of the pods' pull secrets.

Secrets are read when a registry does not let us in without them, and not before; what is in them is kept nowhere.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from pullscope.base.errors import UsageError
from pullscope.kube import resources
from pullscope.oci.reference import Reference
from pullscope.pull import keyring
from pullscope.pull.keyring import Credential, KeyringError
from pullscope.remote import authfiles
from pullscope.remote.registries import Login
from pullscope.why.collect import listing
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.questions import Question

_MOST = 4  # of credentials for one image: namespaces may have many alike


class Logins:
    """Looks credentials up. With `cluster` None there are no pull secrets."""

    def __init__(self, cluster: Reader | None, ledger: Ledger, environment: Mapping[str, str] = os.environ) -> None:
        self._cluster = cluster
        self._ledger = ledger
        self._environment = environment
        self._own: dict[str, asyncio.Future[Login | None]] = {}
        self._secrets: dict[tuple[str, str], asyncio.Future[dict[str, Any] | None]] = {}

    async def of(self, question: Question) -> AsyncIterator[Login | None]:
        """What to try, in this order; None is to be nobody."""
        own = await self._of_user(question.name)
        yield own
        given = {own}
        for namespace, names in sorted(question.pullers):
            for login in await self._of_pods(question.name, namespace, names):
                if login not in given and len(given) < _MOST:
                    given.add(login)
                    yield login
        if own is not None:
            yield None

    async def _of_user(self, name: Reference) -> Login | None:
        if name.registry not in self._own:
            self._own[name.registry] = asyncio.ensure_future(self._ask_user(name.registry))
        return await asyncio.shield(self._own[name.registry])  # others wait for it, too

    async def _ask_user(self, registry: str) -> Login | None:
        try:  # a helper may ask a key chain, which takes its time
            found = await asyncio.to_thread(authfiles.of_user, registry, self._environment)
        except UsageError as error:
            self._ledger.note("credentials", error, where=f"for {registry}")
            return None
        return Login(found.username, found.password) if found else None

    async def _of_pods(self, name: Reference, namespace: str, names: tuple[str, ...]) -> list[Login]:
        secrets = [secret for each in names if (secret := await self._secret(namespace, each)) is not None]
        try:
            found: tuple[Credential, ...] = keyring.lookup(keyring.make(secrets), name.name)
        except KeyringError as error:
            self._ledger.note("pull secrets", error, where=f"in namespace {namespace}")
            return []
        return [Login(each.username, each.password) for each in found]

    async def _secret(self, namespace: str, name: str) -> dict[str, Any] | None:
        key = (namespace, name)
        if key not in self._secrets:
            self._secrets[key] = asyncio.ensure_future(self._read_secret(namespace, name))
        return await asyncio.shield(self._secrets[key])

    async def _read_secret(self, namespace: str, name: str) -> dict[str, Any] | None:
        if self._cluster is None:
            return None
        try:
            path = resources.SECRETS.path(namespace, name)
            secret: dict[str, Any] = orjson.loads(await self._cluster.read(path, largest=listing.LARGEST))
        except (*REFUSED, orjson.JSONDecodeError) as error:
            self._ledger.note("pull secrets", error, where=f"in namespace {namespace}")
            return None
        return secret
