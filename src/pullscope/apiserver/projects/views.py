"""A namespace as a project, a project as a namespace, and which of them a user sees.

Upstream: openshift/openshift-apiserver (release 4.22) pkg/project/util/util.go, pkg/project/auth/reviewer.go.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from pullscope.apiserver import authorization
from pullscope.apiserver.authorization import Allowed, Authorizer
from pullscope.apiserver.store import records
from pullscope.apiserver.store.records import Stored
from pullscope.kube import resources
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import Resource

_MANAGED = "managedFields"


def of_namespace(namespace: Object) -> Object:
    """The project that a namespace is."""
    return _as(resources.PROJECTS, namespace)


def to_namespace(project: Object) -> Object:
    """The namespace that a project is."""
    return _as(resources.NAMESPACES, project)


def _as(resource: Resource, obj: Object) -> Object:
    """The same object as another kind; its fields have the same managers."""
    metadata = dict(obj["metadata"])
    if _MANAGED in metadata:
        metadata[_MANAGED] = [{**entry, "apiVersion": resource.api_version} for entry in metadata[_MANAGED]]
    rest = {field: value for field, value in obj.items() if field not in ("kind", "apiVersion", "metadata")}
    return {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata, **rest}


def stored(namespace: Stored) -> Stored:
    """A namespace's record as its project's."""
    key = records.key(resources.PROJECTS, None, namespace.key.name)
    return replace(namespace, key=key, value=orjson.dumps(of_namespace(namespace.object())))


def visible(namespaces: Iterable[Stored], user: UserInfo, authorizer: Authorizer) -> Iterator[Stored]:
    """The namespaces that the user may get."""
    for each in namespaces:
        asked = authorization.of_request(user, "get", resources.NAMESPACES, "", None, each.key.name)
        if isinstance(authorizer.authorize(asked), Allowed):
            yield each
