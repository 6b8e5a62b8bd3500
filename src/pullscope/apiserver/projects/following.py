"""What becomes of the projects that a user sees: a watch of namespaces, through his eyes.

A project comes into view when its namespace is made, or when its user is let in; it goes when either ends. So what is seen is
compared whenever a namespace or a role changes. Upstream: openshift/openshift-apiserver (release 4.22) pkg/project/auth/watch.go.
"""

import asyncio
from collections import deque
from collections.abc import Iterator

from pullscope.apiserver.authorization import Authorizer
from pullscope.apiserver.projects import views
from pullscope.apiserver.rbac import index
from pullscope.apiserver.rbac.authorizer import RbacAuthorizer
from pullscope.apiserver.services import Services
from pullscope.apiserver.store.records import Bookmark, Event, Stored, stamped
from pullscope.base import tasks
from pullscope.kube import resources
from pullscope.kube.api import UserInfo


class Following:
    """Looks like a watch of the store. `since` is the revision that its reader knows; None: what is seen now is known.

    Several changes of one project may be handed out as one. Raises ApiError 410 when the changes since are forgotten.
    """

    def __init__(self, user: UserInfo, services: Services, *, since: int | None) -> None:
        self._user = user
        self._store = services.store
        self._authorizer = services.authorizer
        known = self._store.revision if since is None else since
        self._namespaces = self._store.watch(resources.NAMESPACES, revision=known)
        self._roles_changed = asyncio.Event()
        self._unobserve = self._store.observe(self._observe)
        self._closed = False
        self._ready: deque[Event] = deque()
        self._known = self._visible_at(known)
        self._ready.extend(self._compare())

    def known(self) -> list[Stored]:
        """What is seen now, by name."""
        return [self._known[name] for name in sorted(self._known)]

    async def __anext__(self) -> Event | Bookmark:
        while not self._ready:
            if not await self._changed():
                raise StopAsyncIteration
            self._ready.extend(self._compare())
        return self._ready.popleft()

    def next_ready(self) -> Event | None:
        return self._ready.popleft() if self._ready else None

    def close(self) -> None:
        self._namespaces.close()
        if not self._closed:
            self._closed = True
            self._unobserve()

    async def _changed(self) -> bool:
        """Return when a namespace or a role has changed; false when the store has closed."""
        namespaces = asyncio.ensure_future(self._next_namespace())
        roles = asyncio.ensure_future(self._roles_changed.wait())
        try:
            await asyncio.wait({namespaces, roles}, return_when=asyncio.FIRST_COMPLETED)
            self._roles_changed.clear()
            return not namespaces.done() or namespaces.result()
        finally:
            await tasks.end(namespaces, roles)

    async def _next_namespace(self) -> bool:
        return await anext(self._namespaces, None) is not None

    def _observe(self, event: Event) -> None:
        if event.key.resource in index.KINDS:
            self._roles_changed.set()

    def _visible_at(self, revision: int) -> dict[str, Stored]:
        """What was seen then, by the roles of then."""
        if revision == self._store.revision:
            return self._visible(self._authorizer)
        return self._visible(RbacAuthorizer(index.Index(self._store, as_of=revision)), revision)

    def _visible(self, authorizer: Authorizer, revision: int | None = None) -> dict[str, Stored]:
        listed = self._store.list(resources.NAMESPACES, revision=revision).items
        return {each.key.name: views.stored(each) for each in views.visible(listed, self._user, authorizer)}

    def _compare(self) -> Iterator[Event]:
        before, now = self._known, self._visible(self._authorizer)
        self._known = now
        for name, each in before.items():
            if name not in now:
                yield Event("DELETED", stamped(each.key, each.object(), self._store.revision))
        for name, each in now.items():
            old = before.get(name)
            if old is None:
                yield Event("ADDED", each)
            elif old.revision != each.revision:
                yield Event("MODIFIED", each, old)
