"""What a URL path names. Upstream: k8s.io/apiserver v0.36 pkg/endpoints/request/requestinfo.go."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResourcePath:
    """A path below a group and version. `namespace` None: none was named. `name` and `subresource` are empty likewise."""

    group: str
    version: str
    plural: str
    namespace: str | None = None
    name: str = ""
    subresource: str = ""
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class VersionPath:
    """`/api/v1` or `/apis/GROUP/VERSION` itself."""

    group: str
    version: str


@dataclass(frozen=True)
class GroupPath:
    """`/apis/GROUP` itself."""

    group: str


@dataclass(frozen=True)
class RootPath:
    """`/api` (`core`) or `/apis` itself."""

    core: bool


ApiPath = ResourcePath | VersionPath | GroupPath | RootPath

_PARTS_OF_A_NAMESPACE = ("finalize", "status")
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def parse(path: str) -> ApiPath | None:
    """What the path names; None when it is not one of the API's. `path` is decoded (`%2F` and the like resolved)."""
    root, *parts = [part for part in path.split("/") if part] or [""]
    if root == "api":
        return _versioned("", parts) if parts else RootPath(core=True)
    if root != "apis":
        return None
    match parts:
        case []:
            return RootPath(core=False)
        case [group]:
            return GroupPath(group)
        case [group, *rest]:
            return _versioned(group, rest)
    return None


def _versioned(group: str, parts: list[str]) -> ApiPath:
    version, *rest = parts
    if not rest:
        return VersionPath(group, version)
    namespace: str | None = None
    if rest[0] == "namespaces" and len(rest) > 2 and not (len(rest) == 3 and rest[2] in _PARTS_OF_A_NAMESPACE):
        namespace, rest = rest[1], rest[2:]
    plural, *rest = rest
    name, subresource, *deeper = [*rest, "", ""] if len(rest) < 2 else rest
    return ResourcePath(group, version, plural, namespace, name, subresource, tuple(part for part in deeper if part))


def verb(method: str, path: ResourcePath, *, watch: bool) -> str:
    """What a request does, as authorization and discovery call it."""
    found = _VERBS.get(method, method.lower())
    if found == "get" and watch:
        return "watch"
    return found if path.name else {"get": "list", "delete": "deletecollection"}.get(found, found)
