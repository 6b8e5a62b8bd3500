"""Keeps the rules of those cluster roles that gather the rules of others.

Upstream: kubernetes v1.36 pkg/controller/clusterroleaggregation: whenever a cluster role changes, all that gather are looked
at again.
"""

from collections.abc import Iterable
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen
from pullscope.controllers.context import Context
from pullscope.kube import clusterroles, resources
from pullscope.kube.api import Object


def plan(role: Object, roles: Iterable[Object]) -> list[Object] | None:
    """The rules that `role` shall have, or None when it has them, or gathers none."""
    if not clusterroles.is_aggregated(role):
        return None
    wanted = clusterroles.aggregated(role, roles)
    return None if wanted == (role.get("rules") or []) else wanted


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._roles = context.cache[resources.CLUSTER_ROLES]
        self._api = context.acting_as("clusterrole-aggregation-controller")

    async def run(self) -> None:
        self._roles.subscribe(self._on_role)
        self._look_at_all()
        await queue.work(self._queue, self._reconcile)

    def _on_role(self, _old: Seen[Any] | None, _new: Seen[Any] | None) -> None:
        self._look_at_all()

    def _look_at_all(self) -> None:
        for seen in self._roles.all():
            if clusterroles.is_aggregated(seen.view):
                self._queue.add(seen.name)

    async def _reconcile(self, name: str) -> None:
        role = self._roles.get(("", name))
        if role is None:
            return
        rules = plan(role.view, [seen.view for seen in self._roles.all()])
        if rules is not None:
            patched = await self._api.patch(resources.CLUSTER_ROLES, None, name, {"rules": rules})
            self._roles.absorb(patched)
