"""The in-process API: what controllers and the node ask of the API server, as protocols.

`apiserver` implements `Api` (bound to a user), `node` implements `Kubelet`; neither imports the other: `lab` introduces
them. Objects are JSON dicts that belong to the caller: what is returned may be changed freely.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from pullscope.kube.resources import Resource
from pullscope.kube.streams import Session, StreamOptions

Object = dict[str, Any]
PatchType = Literal["json", "merge", "strategic"]


@dataclass(frozen=True)
class ObjectList:
    """A list as it was at `resource_version`; a watch from there misses nothing."""

    items: list[Object]
    resource_version: str


@dataclass(frozen=True)
class WatchEvent:
    """One change. `type` is ADDED, MODIFIED, DELETED or BOOKMARK; `object` is the whole object after it.

    The object may be shared with others who watch: it is not to be altered.
    """

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: Object


@dataclass(frozen=True)
class DeleteOptions:
    """meta/v1 DeleteOptions, the parts that are honoured."""

    grace_period_seconds: int | None = None
    propagation_policy: Literal["Background", "Foreground", "Orphan"] | None = None
    uid: str | None = None
    resource_version: str | None = None


class Api(Protocol):
    """Reads and writes as one user. Every method raises `kube.status.ApiError` with upstream's Status on refusal."""

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Object: ...

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
    ) -> ObjectList:
        """All objects in `namespace` (None: everywhere) that match the selectors, in upstream's selector syntax."""

    async def create(
        self, resource: Resource, namespace: str | None, obj: Object, *, subresource: str | None = None
    ) -> Object:
        """Make `obj`; with a subresource (`binding`), do what it asks of the object by its `metadata.name`."""

    async def update(
        self, resource: Resource, namespace: str | None, obj: Object, *, subresource: str | None = None
    ) -> Object:
        """Replace; a `metadata.resourceVersion` that is not the stored one is a Conflict."""

    async def patch(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        patch: Any,
        *,
        type: PatchType = "merge",  # noqa: A002 (the field's own word)
        subresource: str | None = None,
    ) -> Object: ...

    async def delete(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        options: DeleteOptions = DeleteOptions(),
    ) -> Object:
        """Delete, or mark for deletion while a grace period or finalizers last; returns the object or a Status."""

    def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        resource_version: str,
        labels: str = "",
        fields: str = "",
    ) -> AsyncGenerator[WatchEvent, None]:
        """Every change after `resource_version`, until the server ends it; who stops earlier closes it (`aclosing`).

        Raises ApiError 410 Expired when that version is compacted away: list anew.
        """


@dataclass(frozen=True)
class LogOptions:
    """core/v1 PodLogOptions. Times are RFC 3339 texts, sizes bytes."""

    container: str | None = None
    follow: bool = False
    previous: bool = False
    since_seconds: int | None = None
    since_time: str | None = None
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None


class Kubelet(Protocol):
    """What the API server asks of a node's kubelet on behalf of its clients."""

    def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        """The log of one container (`options.container` is set), line by line with the newline.

        Raises ApiError (BadRequest) with upstream's text while the container waits to start.
        """

    async def exec(self, pod: Object, options: StreamOptions) -> Session:
        """Start `options.command` in a container (`options.container` is set). Raises ApiError with upstream's text."""

    async def attach(self, pod: Object, options: StreamOptions) -> Session:
        """Join a container's own streams: what it writes from now on, and its stdin. Raises ApiError likewise."""


@runtime_checkable
class Metered(Protocol):
    """A kubelet that counts."""

    async def metrics(self) -> bytes:
        """What it has counted, in the text that Prometheus reads."""


@runtime_checkable
class Configured(Protocol):
    """A kubelet that tells how it is configured."""

    def configz(self) -> Object:
        """Its KubeletConfiguration, as it is in effect, below the key `kubeletconfig`."""


@dataclass(frozen=True)
class UserInfo:
    """authentication.k8s.io UserInfo: who asks."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
