"""OAuthAccessTokens: one for each login, by the digest of its token. Deleting one logs its user out.

They are made by logging in and in no other way. UserOAuthAccessTokens are the same objects, each user's own.
Upstream: openshift/oauth-apiserver (release 4.22) pkg/oauth: apiserver/registry/oauthaccesstoken and useroauthaccesstokens,
printers/internalversion.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from pullscope.apiserver import columns, paging, syntax
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Table
from pullscope.apiserver.oauth import tokens
from pullscope.apiserver.paging import Page
from pullscope.apiserver.readable import Readable
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store import records
from pullscope.apiserver.store.records import Listing, Stored
from pullscope.kube import fields, meta, resources, status, table
from pullscope.kube.api import DeleteOptions, Object

_SHORTEST = 32
_SELECTABLE = (*fields.COMMON, "authorizeToken", "clientName", "userName", "userUID")


def name_rule(name: str) -> list[str]:
    """What is wrong with a token's name."""
    too_short = [f"must be at least {_SHORTEST} characters long"] if len(name) < _SHORTEST else []
    return syntax.path_segment(name) or too_short


class AccessTokens(Readable):
    """Read and delete."""

    async def delete(self, context: Context, options: DeleteOptions) -> Object:
        return await self._storage.delete(context, options)


class OwnTokens:
    """The tokens of the user who asks; others' are not there for him."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._tokens = Storage(KIND, services)

    async def get(self, context: Context) -> Object:
        return self._shown(await self._owned(context))

    async def list(self, context: Context, selection: Selection, page: Page = paging.ALL) -> Listing:
        every = await self._tokens.list(context, Selection(), Page(revision=page.revision, minimum=page.minimum))
        owned = [*self._own(every.items, context.user.username)]
        return paging.cut(Listing(owned, every.revision), page, selection, everywhere=False)

    async def delete(self, context: Context, options: DeleteOptions) -> Object:
        await self._owned(context)
        return await self._tokens.delete(context, options)

    async def _owned(self, context: Context) -> Object:
        token = await self._tokens.get(context)
        if token["userName"] != context.user.username:
            raise status.not_found(self._kind.resource, context.name)
        return token

    def _own(self, every: Iterable[Stored], username: str) -> Iterator[Stored]:
        for each in every:
            token = each.object()
            if token["userName"] == username:
                key = records.key(self._kind.resource, None, each.key.name)
                yield replace(each, key=key, value=orjson.dumps(self._shown(token)))

    def _shown(self, token: Object) -> Object:
        return {**token, **self._kind.head}


def _cells(obj: Object, _now: datetime) -> list[Any]:
    created, seconds = obj["metadata"]["creationTimestamp"], obj.get("expiresIn", 0)
    expires = f"{meta.parse_time(created) + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S +0000 UTC}"
    names = [obj["metadata"]["name"], obj["userName"], obj["clientName"]]
    return [*names, created, expires if seconds else "never", obj["redirectURI"], ",".join(obj["scopes"])]


_TABLE = Table(
    (
        columns.NAME,
        table.column("User Name", format="name", description="Whose token it is."),
        table.column("Client Name", format="name", description="What program it was made for."),
        table.column("Created", description="When it was made."),
        table.column("Expires", description="When it ends."),
        table.column("Redirect URI", description="Where the answer of the login was sent."),
        table.column("Scopes", description="What can be done with it of what the user may do."),
    ),
    _cells,
)

KIND = Kind(
    resource=resources.OAUTH_ACCESS_TOKENS,
    table=_TABLE,
    handler=AccessTokens,
    name_rule=name_rule,
    selectable=_SELECTABLE,
    expired=tokens.is_over,
)
OWN = Kind(resource=resources.USER_OAUTH_ACCESS_TOKENS, table=_TABLE, handler=OwnTokens, selectable=_SELECTABLE)
