"""Which resources a server has, and which one a word on the command line means.

Upstream: k8s.io/client-go v0.36 discovery (aggregated) and restmapper (shortcut.go, category_expansion.go).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

_ACCEPT = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
)


@dataclass(frozen=True)
class Target:
    """A resource, and the name of one object of it (None: all)."""

    resource: Resource
    name: str | None = None


async def resources(session: Session) -> list[Resource]:
    """All resources of the server, in its own order, the core group first. Of each group the preferred version alone."""
    found: list[Resource] = []
    for path in ("/api", "/apis"):
        groups = await session.read(path, {"timeout": "32s"}, accept=_ACCEPT)
        for group in groups["items"]:
            seen: set[str] = set()
            for version in group["versions"]:
                found += _of_version(group["metadata"].get("name", ""), version, seen)
    return found


def _of_version(group: str, version: Object, seen: set[str]) -> list[Resource]:
    new = [each for each in version.get("resources") or [] if each["resource"] not in seen]
    seen.update(each["resource"] for each in new)
    return [
        Resource(
            group,
            version["version"],
            each["resource"],
            each["responseKind"]["kind"],
            namespaced=each["scope"] == "Namespaced",
            short_names=tuple(each.get("shortNames") or ()),
            categories=tuple(each.get("categories") or ()),
        )
        for each in new
    ]


def meant(known: Sequence[Resource], word: str) -> list[Resource]:
    """What a word means: a category, or a resource by its plural, singular or short name, with or without its group.

    Raises OcError for a word that means nothing.
    """
    members = [each for each in known if word in each.categories]
    if members:
        return members
    name, _, group = word.lower().partition(".")
    for names in (_full_names, _short_names):
        for each in known:
            version, _, after = group.partition(".")
            exact = group in ("", each.group) or (version == each.version and after in ("", each.group))
            if name in names(each) and exact:
                return [each]
    raise OcError(f'the server doesn\'t have a resource type "{word}"')


def _full_names(resource: Resource) -> tuple[str, ...]:
    return (resource.plural, resource.singular)


def _short_names(resource: Resource) -> tuple[str, ...]:
    return resource.short_names


def targets(known: Sequence[Resource], words: Sequence[str]) -> list[Target]:
    """What `TYPE[,TYPE] [NAME …]` or `TYPE/NAME …` mean. Raises OcError in kubectl's words."""
    if any("/" in word for word in words):
        return [_single(known, word) for word in words]
    types = [each for word in words[0].split(",") for each in meant(known, word)]
    names: Sequence[str | None] = list(words[1:]) or [None]
    return [Target(each, name) for each in types for name in names]


def _single(known: Sequence[Resource], word: str) -> Target:
    kind, slash, name = word.partition("/")
    if not slash:
        raise OcError(
            "there is no need to specify a resource type as a separate argument when passing arguments in "
            "resource/name form (e.g. 'oc get resource/<resource_name>' instead of 'oc get resource resource/<resource_name>'"
        )
    if not kind or not name or "/" in name:
        raise OcError("arguments in resource/name form must have a single resource and name")
    return Target(meant(known, kind)[0], name)


def of_object(known: Sequence[Resource], obj: Object) -> Resource:
    """The resource of an object in a file. Raises OcError in kubectl's words."""
    api_version, kind = obj.get("apiVersion", ""), obj.get("kind", "")
    for each in known:
        if (each.api_version, each.kind) == (api_version, kind):
            return each
    raise OcError(f'no matches for kind "{kind}" in version "{api_version}"')


def label(resource: Resource) -> str:
    """A resource as kubectl prefixes names with it: `pod`, `deployment.apps`."""
    return f"{resource.singular}.{resource.group}" if resource.group else resource.singular
