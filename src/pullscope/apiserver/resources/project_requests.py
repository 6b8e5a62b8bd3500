"""ProjectRequests: how a user comes to a project of his own. Answered with the Project, never kept.

Upstream: openshift/openshift-apiserver (release 4.22) pkg/project/apiserver/registry/projectrequest/delegated, with the
default template.
"""

from dataclasses import replace

from pullscope.apiserver import authorization, columns, making
from pullscope.apiserver.authorization import NoOpinion
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.projects import views
from pullscope.apiserver.resources import namespaces, projects, role_bindings
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.kube import resources, status
from pullscope.kube.api import Object

_FORBIDDEN = ("openshift", "kubernetes", "kube")
_PROJECT = replace(resources.PROJECTS, plural="project")  # upstream's errors are about one
_MANAGER = "openshift-apiserver"
_ROLE = "admin"
_NO_DETAILS: Object = {"group": resources.PROJECT_REQUESTS.group, "kind": "projectrequest"}
_MAY: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class ProjectRequests:
    """Makes a namespace, and its requester its administrator."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services

    async def answer_list(self, context: Context) -> Object:
        """Whether the user may request projects: Success, or 403."""
        asked = authorization.of_request(context.user, "create", self._kind.resource, "", None, "")
        if isinstance(self._services.authorizer.authorize(asked), NoOpinion):
            raise status.ApiError(403, "Forbidden", "You may not request a new project via this API.", _NO_DETAILS)
        return dict(_MAY)

    async def create(self, context: Context, obj: Object) -> Object:
        name = obj["metadata"].get("name", "")
        found = [*projects.validate(obj)]
        if found:
            raise status.invalid(self._kind.resource, name, found)
        _check_name(name)
        if self._services.store.find(records.key(resources.NAMESPACES, None, name)) is not None:
            raise status.already_exists(_PROJECT, name)
        # The user may neither make namespaces nor grant himself a role: the server does.
        namespace = await self._make(namespaces.KIND, replace(context, namespace=None), _namespace(context, obj))
        binding = _binding(context.user.username)
        await self._make(role_bindings.KIND, replace(context, namespace=name), binding)
        return views.of_namespace(namespace)

    async def _make(self, kind: Kind, context: Context, obj: Object) -> Object:
        return await making.make(self._services, kind, context, obj, manager=_MANAGER)


def _check_name(name: str) -> None:
    for each in _FORBIDDEN:
        if name == each:
            raise status.forbidden(_PROJECT, name, f'cannot request a project with the name "{each}"')
        if name.startswith(f"{each}-"):
            raise status.forbidden(_PROJECT, name, f'cannot request a project starting with "{each}-"')


def _namespace(context: Context, request: Object) -> Object:
    annotations = {
        projects.DESCRIPTION: request.get("description", ""),
        projects.DISPLAY_NAME: request.get("displayName", ""),
        projects.REQUESTER: context.user.username,
    }
    return {"metadata": {"name": request["metadata"]["name"], "annotations": annotations}}


def _binding(user: str) -> Object:
    reference = {"kind": resources.CLUSTER_ROLES.kind, "name": _ROLE}
    return {"metadata": {"name": _ROLE}, "roleRef": reference, "subjects": [{"kind": "User", "name": user}]}


KIND = Kind(resource=resources.PROJECT_REQUESTS, table=columns.PLAIN, handler=ProjectRequests)
