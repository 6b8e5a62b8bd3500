"""Users of OpenShift. Whoever has logged in is one; others are made by hand, and can be acted as.

`users/~` is the user who asks, whether there is such an object or not. Upstream: openshift/oauth-apiserver (release 4.22)
pkg/user: apiserver/registry/user, apis/user/validation, printers/internalversion; apiserver-library-go pkg/apivalidation.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, syntax
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store import records
from pullscope.kube import causes, resources, status, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_SELF = "~"
_IDENTITY = "must be in the format <providerName>:<providerUserName>"


def name_rule(name: str) -> list[str]:
    """What is wrong with a user's name: it stands in paths, and an identity's name is made of it with a colon."""
    if complaints := syntax.path_segment(name):
        return complaints
    if ":" in name:
        return ['may not contain ":"']
    return [f'may not equal "{_SELF}"'] if name == _SELF else []


def _default(obj: Object) -> None:
    obj.setdefault("groups", None)  # as Go writes it


def _validate(obj: Object) -> Iterator[Cause]:
    for index, identity in enumerate(obj.get("identities") or ()):
        provider, _, user = identity.partition(":")
        if not provider or not user or ":" in user:
            yield causes.invalid(f"identities[{index}]", identity, _IDENTITY)
    if obj.get("groups"):
        yield causes.invalid("groups", obj["groups"], "is deprecated and cannot be set")


class Users(Storage):
    """Every verb, and who asks under the name `~`."""

    async def get(self, context: Context) -> Object:
        if context.name == _SELF:
            return self._asking(context)
        if complaints := name_rule(context.name):
            why = causes.invalid("metadata.name", context.name, ", ".join(complaints))
            raise status.invalid(self._resource, context.name, [why])
        return await super().get(context)

    def _asking(self, context: Context) -> Object:
        """The user as the server knows him: the groups are those that his rights are judged by."""
        user = context.user
        stored = self._store.find(records.key(self._resource, None, user.username))
        kept = stored.object() if stored is not None else {**self._kind.head, "metadata": {"name": user.username}}
        uid = {"uid": user.uid} if user.uid else {}
        return {**kept, "metadata": {**kept["metadata"], **uid}, "groups": sorted({*user.groups})}


def _cells(obj: Object, _now: datetime) -> list[Any]:
    metadata = obj["metadata"]
    identities = ", ".join(obj.get("identities") or ())
    return [metadata["name"], metadata.get("uid", ""), obj.get("fullName", ""), identities]


_COLUMNS = (
    columns.NAME,
    table.column("UID", description="What tells the user apart from others of the same name."),
    table.column("Full Name", description="The user's name among people."),
    table.column("Identities", description="Under which names identity providers know the user."),
)

KIND = Kind(
    resource=resources.USERS,
    table=Table(_COLUMNS, _cells),
    handler=Users,
    strategy=Strategy(validate=_validate, validate_update=lambda new, _: _validate(new)),
    default=_default,
    name_rule=name_rule,
)
