"""Runs all controllers over one cache."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from pullscope.base.clock import Clock
from pullscope.controllers import (
    clusterroles,
    defaults,
    garbage,
    namespaces,
    namespacesecurity,
    nodes,
    pods,
    pullsecrets,
    rolebindings,
    ttl,
)
from pullscope.controllers.builds import configs as build_configs
from pullscope.controllers.builds import controller as builds
from pullscope.controllers.cache import Cache, nothing, whole
from pullscope.controllers.context import Context
from pullscope.controllers.daemonset import controller as daemonset
from pullscope.controllers.deployment import controller as deployment
from pullscope.controllers.endpoints import controller as endpoints
from pullscope.controllers.imagestreams import imports as image_imports
from pullscope.controllers.imagestreams import triggers as image_triggers
from pullscope.controllers.job import controller as job
from pullscope.controllers.nodelifecycle import controller as nodelifecycle
from pullscope.controllers.nodelifecycle import evictor, lost
from pullscope.controllers.replicaset import controller as replicaset
from pullscope.controllers.scheduler import controller as scheduler
from pullscope.kube import resources
from pullscope.kube.api import Api, Object, UserInfo
from pullscope.kube.resources import Resource

USER = UserInfo("system:kube-controller-manager", groups=("system:authenticated",))

_PROJECTIONS: dict[Resource, Callable[[Object], Any]] = {
    resources.NAMESPACES: whole,
    resources.NODES: nodes.view,
    resources.PODS: pods.view,
    resources.DEPLOYMENTS: whole,
    resources.REPLICA_SETS: whole,
    resources.DAEMON_SETS: whole,
    resources.CONTROLLER_REVISIONS: whole,
    resources.JOBS: whole,
    resources.IMAGE_STREAMS: whole,
    resources.BUILD_CONFIGS: whole,
    resources.BUILDS: whole,
    resources.LEASES: nodelifecycle.renewal,
    resources.SERVICES: whole,
    resources.ENDPOINTS: whole,
    resources.ENDPOINT_SLICES: whole,
    resources.CLUSTER_ROLES: whole,
}

_CONTROLLERS = (
    *(deployment, replicaset, daemonset, job, ttl, scheduler, endpoints),
    *(nodelifecycle, evictor, lost, namespaces, namespacesecurity, garbage, clusterroles, rolebindings),
    *(image_imports, image_triggers, build_configs),
)


async def run(
    client: Callable[[UserInfo], Api],
    clock: Clock,
    *,
    kinds: Sequence[Resource],
    host: str,
    root_ca: str,
    registries: Sequence[str] = (),
    builder_image: str = "",
) -> None:
    """Run every controller until cancelled.

    `kinds` are the resources that are collected as garbage and emptied with their namespace (events aside); `host` is
    the machine's name in the scheduler's events; `root_ca` the API server's CA certificate, PEM; `registries` the names of
    the internal registry; `builder_image` what builds' pods are made of, without which nothing is built.
    """
    kept = [resource for resource in kinds if resource != resources.EVENTS]
    cache = Cache({resource: _PROJECTIONS.get(resource, nothing) for resource in kept})
    context = Context(client, cache, clock, host)
    api = client(USER)
    async with asyncio.TaskGroup() as group:
        for informer in cache:
            group.create_task(informer.run(api, clock), name=f"informer {informer.resource.plural}")
        await cache.synced()
        for controller in _CONTROLLERS:
            group.create_task(controller.run(context), name=controller.__name__)
        group.create_task(defaults.run(context, root_ca), name=defaults.__name__)
        group.create_task(pullsecrets.run(context, registries), name=pullsecrets.__name__)
        if builder_image:
            group.create_task(builds.run(context, builder_image), name=builds.__name__)
