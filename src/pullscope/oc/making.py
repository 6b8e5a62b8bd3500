"""Make several objects and say of each that it was made, as `new-build` and `new-app` do.

Upstream: openshift/oc release 4.22 pkg/bulk (Create, PrintErrors).
"""

from collections.abc import Sequence

from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.oc import discovery
from pullscope.oc.session import Session


async def make(session: Session, heading: str, objects: Sequence[tuple[Resource, Object]]) -> bool:
    """Make them in order; whether all could be."""
    session.console.out(f"--> {heading} ...")
    refused: list[ApiError] = []
    for resource, obj in objects:
        try:
            await session.send("POST", resource.path(session.namespace), obj)
        except ApiError as error:
            refused.append(error)
        else:
            session.console.out(f'    {discovery.label(resource)} "{obj["metadata"]["name"]}" created')
    session.console.out("--> Failed" if refused else "--> Success")
    for each in refused:
        session.console.err(f"    error: {each.message}")
    return not refused
