"""Objects that the server makes of its own: in its own name, whatever the rights of who asked for something else."""

from pullscope.apiserver import managing
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube.api import Object


async def make(services: Services, kind: Kind, context: Context, obj: Object, *, manager: str) -> Object:
    """Make `obj` where `context` says; `manager` comes to manage its fields. Raises ApiError."""
    whole = kind.complete(obj)
    managing.created(whole, kind, manager, services.clock.now())
    return await Storage(kind, services).create(context, whole)
