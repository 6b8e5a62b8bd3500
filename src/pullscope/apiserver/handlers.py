"""What can be done with a resource: one small protocol for each verb.

A kind names its handler; `storage.Storage` is one of them, subresources and computed resources are others. A handler has
the verbs whose protocols it implements, and discovery lists exactly these (`verbs`). Every call raises
`kube.status.ApiError` on refusal. Admission, authorization and validation of fields come before: see `requests`.
"""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pullscope.apiserver.changes import Changes
from pullscope.apiserver.paging import Page
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.store.records import Listing
from pullscope.kube.api import DeleteOptions, Object, UserInfo
from pullscope.kube.streams import Session, StreamOptions

Change = Callable[[Object], Object]
"""From the object as it is (the callee's own to alter) to the object as it shall be."""


@dataclass(frozen=True)
class Context:
    """Who asks, and where. `namespace` is None for cluster scope and for all namespaces; `name` where a verb has one.

    `manager` comes to manage what a write changes; of a write without one, managedFields stay as the write leaves them.
    `builds`: its `Change` builds a new object and leaves the one that it is given as it is.
    """

    user: UserInfo
    namespace: str | None = None
    name: str = ""
    dry_run: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    subresource: str = ""
    manager: str = ""
    builds: bool = False


@runtime_checkable
class Getter(Protocol):
    async def get(self, context: Context) -> Object: ...


@runtime_checkable
class Lister(Protocol):
    async def list(self, context: Context, selection: Selection, page: Page) -> Listing: ...


@runtime_checkable
class ListAnswerer(Protocol):
    async def answer_list(self, context: Context) -> Object:
        """What a list is answered with where there is nothing to be listed."""


@runtime_checkable
class Watcher(Protocol):
    async def watch(self, context: Context, selection: Selection, *, since: int | None, initial: bool) -> Changes:
        """Changes after the revision `since` (None: now); with `initial` first what there is, then a Bookmark."""


@runtime_checkable
class Creator(Protocol):
    async def create(self, context: Context, obj: Object) -> Object:
        """Make `obj`, or (for a subresource) do what it asks of the object `context.name`."""


@runtime_checkable
class Updater(Protocol):
    async def update(self, context: Context, change: Change) -> Object:
        """Replace the object by what `change` makes of it; `change` may be called again when another writer was faster."""


@runtime_checkable
class Deleter(Protocol):
    async def delete(self, context: Context, options: DeleteOptions) -> Object:
        """The object as it was left, or a Status when it is gone."""


@runtime_checkable
class CollectionDeleter(Protocol):
    async def delete_collection(
        self, context: Context, selection: Selection, page: Page, options: DeleteOptions
    ) -> Listing: ...


@runtime_checkable
class Streamer(Protocol):
    async def stream(self, context: Context) -> AsyncIterator[bytes] | None:
        """Plain text, piece by piece, as asked by `context.parameters`; None when there is nothing to stream from."""


@runtime_checkable
class Proxy(Protocol):
    async def proxy(self, context: Context, path: str) -> tuple[str, bytes]:
        """What something else answers to a GET of `path`: its content type and body."""


@runtime_checkable
class Receiver(Protocol):
    async def receive(self, context: Context, pieces: AsyncIterator[bytes]) -> Object:
        """Make something out of a body of any size, which comes as it is sent; raises what `pieces` raises when it breaks off."""


@dataclass(frozen=True)
class Connection:
    """What a client is to be connected to. `open` may raise ApiError; `exit_codes`: the end of the streams has one."""

    open: Callable[[], Awaitable[Session]]
    exit_codes: bool


@runtime_checkable
class Connecter(Protocol):
    async def connect(self, context: Context, options: StreamOptions) -> Connection:
        """The streams of the object `context.name`, which a client is then given over a connection of its own."""


Handler = (
    Getter
    | Lister
    | Watcher
    | Creator
    | Updater
    | Deleter
    | CollectionDeleter
    | Streamer
    | Proxy
    | Receiver
    | Connecter
)

_VERBS: tuple[tuple[str, type], ...] = (
    ("create", Connecter),
    ("create", Creator),
    ("create", Receiver),
    ("delete", Deleter),
    ("deletecollection", CollectionDeleter),
    ("get", Connecter),
    ("get", Getter),
    ("get", Proxy),
    ("get", Streamer),
    ("list", ListAnswerer),
    ("list", Lister),
    ("patch", Updater),
    ("update", Updater),
    ("watch", Watcher),
)


def verbs(handler: Handler) -> list[str]:
    """The verbs that discovery lists, in its order."""
    return list(_verbs(type(handler)))


@functools.cache  # to ask a protocol takes long, and each cluster of a process asks the same of all its resources
def _verbs(kind: type) -> tuple[str, ...]:
    return tuple(verb for verb, protocol in _VERBS if issubclass(kind, protocol))
