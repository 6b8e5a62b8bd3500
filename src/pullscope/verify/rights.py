"""Which rights a run needs in its namespace, and which of them its user lacks, asked before anything is made.

Upstream: SelfSubjectAccessReview (authorization.k8s.io/v1), which every authenticated user may create.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.kube.resources import Resource


@dataclass(frozen=True)
class Right:
    """A verb on a resource, or on what is below it; with `name` on that object alone."""

    verb: str
    resource: Resource
    below: str = ""
    name: str = ""

    def __str__(self) -> str:
        what = f"{self.resource.qualified}{'/' if self.below else ''}{self.below}"
        return f"{self.verb} {what}{' ' if self.name else ''}{self.name}"


NEEDED = (
    *(Right(verb, resources.DEPLOYMENTS) for verb in ("create", "list", "delete")),
    *(Right(verb, resources.PODS) for verb in ("create", "get", "list", "watch", "delete")),
    *(Right(verb, resources.EVENTS) for verb in ("list", "watch")),
    Right("get", resources.PODS, "log"),
    *(Right(verb, resources.REPLICA_SETS) for verb in ("get", "list")),
)
"""What no case can be made or proven without; the roles `edit` and `admin` have it all."""

ACCOUNTS = tuple(Right(verb, resources.SERVICE_ACCOUNTS) for verb in ("list", "watch"))
"""What it takes to see when a new namespace is ready."""

SECRETS = tuple(Right(verb, resources.SECRETS) for verb in ("create", "list", "delete"))
"""What a pull secret needs besides."""

STREAMS = (
    *(Right(verb, resources.IMAGE_STREAMS) for verb in ("create", "list", "delete")),
    Right("delete", resources.IMAGE_STREAM_TAGS),
)
"""What OpenShift's internal registry needs besides."""


async def lacking(api: Api, namespace: str, wanted: Iterable[Right] = NEEDED) -> list[Right]:
    """Those of `wanted` that the user does not have in the namespace. Raises ApiError, UnreachableError."""
    rights = list(wanted)
    allowed = await asyncio.gather(*(_allowed(api, namespace, right) for right in rights))
    return [right for right, has in zip(rights, allowed, strict=True) if not has]


async def _allowed(api: Api, namespace: str, right: Right) -> bool:
    asked = {
        "namespace": namespace,
        "verb": right.verb,
        "group": right.resource.group,
        "resource": right.resource.plural,
        "subresource": right.below,
        "name": right.name,
    }
    kind = resources.SELF_SUBJECT_ACCESS_REVIEWS
    review = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {},
        "spec": {"resourceAttributes": {name: value for name, value in asked.items() if value}},
    }
    return bool((await api.create(kind, None, review))["status"].get("allowed"))
