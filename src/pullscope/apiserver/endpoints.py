"""What is served where: each kind and subresource with the handler that answers for it."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pullscope.apiserver import handlers
from pullscope.apiserver.handlers import Handler
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import status
from pullscope.kube.resources import Resource


@dataclass(frozen=True)
class Endpoint:
    """One thing that can be asked. `body` is what its objects are: the kind itself, or another (Scale, Binding)."""

    kind: Kind
    handler: Handler
    body: Resource
    subresource: str = ""

    @property
    def resource(self) -> Resource:
        return self.kind.resource

    @functools.cached_property
    def verbs(self) -> frozenset[str]:
        """What can be asked of it."""
        return frozenset(handlers.verbs(self.handler))

    @property
    def whole(self) -> bool:
        """Whether its objects are the kind's own."""
        return self.body.kind == self.resource.kind


class Endpoints:
    """All of them, by group, version, plural and subresource."""

    def __init__(self, kinds: Iterable[Kind], services: Services) -> None:
        self._found: dict[tuple[str, str, str, str], Endpoint] = {}
        for kind in kinds:
            resource = kind.resource
            place = (resource.group, resource.version, resource.plural)
            self._found[*place, ""] = Endpoint(kind, kind.handler(kind, services), resource)
            for name, sub in kind.subresources.items():
                group, version = (sub.group, sub.version) if sub.version else (resource.group, resource.version)
                body = Resource(group, version, resource.plural, sub.kind)
                self._found[*place, name] = Endpoint(kind, sub.handler(kind, services), body, name)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._found.values())

    def kinds(self) -> list[Resource]:
        """The resources themselves, without their parts."""
        return [endpoint.resource for endpoint in self if not endpoint.subresource]

    def find(self, group: str, version: str, plural: str, subresource: str = "") -> Endpoint | None:
        return self._found.get((group, version, plural, subresource))

    def of(self, resource: Resource, subresource: str | None = None) -> Endpoint:
        """The endpoint of a resource that callers know by its constant. Raises ApiError 404."""
        found = self.find(resource.group, resource.version, resource.plural, subresource or "")
        if found is None:
            raise unknown()
        return found


def unknown() -> status.ApiError:
    """404 for a resource that is not served in a group that is."""
    return status.ApiError(404, "NotFound", "the server could not find the requested resource", {})
