"""Projects: namespaces as their users see them. Nobody keeps them; each is made of its namespace, whenever it is asked for.

Upstream: openshift/openshift-apiserver (release 4.22) pkg/project: apiserver/registry/project, apis/project/validation,
printers/internalversion.
"""

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, paging
from pullscope.apiserver.admission import namespaces as lifecycle
from pullscope.apiserver.changes import Changes
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Table
from pullscope.apiserver.paging import Page
from pullscope.apiserver.projects import following, views
from pullscope.apiserver.resources import namespaces
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store.records import Bookmark, Event, Listing
from pullscope.kube import causes, names, resources, status, table, validation
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import Cause

DISPLAY_NAME, DESCRIPTION = "openshift.io/display-name", "openshift.io/description"
REQUESTER = "openshift.io/requester"
_GONE: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


def name_rule(name: str) -> list[str]:
    """What is wrong with a new project's name."""
    return ["must be at least 2 characters long"] if len(name) < 2 else names.dns1123_label(name)


def validate(obj: Object) -> Iterator[Cause]:
    """What is wrong with a new project or a request for one, its metadata included."""
    yield from validation.object_meta(obj["metadata"], namespaced=False, rule=name_rule)
    shown = (obj["metadata"].get("annotations") or {}).get(DISPLAY_NAME, "")
    if "\n" in shown or "\t" in shown:
        yield causes.invalid(f"metadata.annotations[{DISPLAY_NAME}]", shown, "may not contain a new line or tab")


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    """All but two annotations belongs to the namespace."""
    for field, free in (("annotations", (DISPLAY_NAME, DESCRIPTION)), ("labels", ())):
        given, before = (obj["metadata"].get(field) or {} for obj in (new, old))
        for key in sorted({*given, *before}):
            if key not in free and given.get(key) != before.get(key):
                value = given.get(key, before.get(key))
                why = "field is immutable, try updating the namespace"
                yield causes.invalid(f"metadata.{field}[{key}]", value, why)


class Projects:
    """Every verb but deletecollection, over the storage of namespaces."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services
        self._namespaces = Storage(namespaces.KIND, services)

    async def get(self, context: Context) -> Object:
        return views.of_namespace(await self._namespaces.get(context))

    async def list(self, context: Context, selection: Selection, page: Page) -> Listing:
        """The projects that the user may see."""
        every = await self._namespaces.list(context, Selection(), Page(revision=page.revision, minimum=page.minimum))
        seen = [views.stored(each) for each in views.visible(every.items, context.user, self._services.authorizer)]
        return paging.cut(Listing(seen, every.revision), page, selection, everywhere=False)

    async def watch(self, context: Context, selection: Selection, *, since: int | None, initial: bool) -> Changes:
        """What becomes of the projects that the user may see; one that he may not see any more is gone for him."""
        watch = following.Following(context.user, self._services, since=None if initial else since)
        found = [Event("ADDED", each) for each in watch.known() if initial and selection.matches(each)]
        return Changes(watch, selection, [*found, Bookmark(self._services.store.revision)] if initial else ())

    async def create(self, context: Context, obj: Object) -> Object:
        found = [*validate(obj)]
        if found:
            raise status.invalid(self._kind.resource, obj["metadata"].get("name", ""), found)
        return views.of_namespace(await self._namespaces.create(context, views.to_namespace(obj)))

    async def update(self, context: Context, change: Change) -> Object:
        def changed(namespace: Object) -> Object:
            old = views.of_namespace(namespace)
            new = change(copy.deepcopy(old))
            found = [*_validate_update(new, old)]
            if found:
                raise status.invalid(self._kind.resource, context.name, found)
            return views.to_namespace(new)

        return views.of_namespace(await self._namespaces.update(context, changed))

    async def delete(self, context: Context, options: DeleteOptions) -> Object:
        lifecycle.check_deletion(context.name)
        await self._namespaces.delete(context, options)
        return dict(_GONE)


def _cells(obj: Object, _now: datetime) -> list[Any]:
    shown = (obj["metadata"].get("annotations") or {}).get(DISPLAY_NAME, "")
    return [obj["metadata"]["name"], shown, (obj.get("status") or {}).get("phase", "")]


KIND = Kind(
    resource=resources.PROJECTS,
    table=Table(
        (
            columns.NAME,
            table.column("Display Name", description="The name displayed by a UI when referencing a project."),
            table.column("Status", description="phase is the current lifecycle phase of the project"),
        ),
        _cells,
    ),
    handler=Projects,
    name_rule=name_rule,
    selectable=namespaces.KIND.selectable,
)
