"""`builds/details`: what the pod of a build says of it.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/build (DetailsREST).
"""

from pullscope.apiserver.builds import storing
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.kube.api import Object


class Details:
    """Writes how a build ended and what it made, nothing else."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._builds = storing.Builds(kind, services)

    async def update(self, context: Context, change: Change) -> Object:
        return await self._builds.write(context, change, storing.DETAILS)


SUBRESOURCE = Subresource(Details, "Build")
