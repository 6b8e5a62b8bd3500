"""Access tokens: what they look like, what they are kept as, and whose they are.

A token is `sha256~` and 43 letters. Its object, an OAuthAccessToken, has the token's digest for a name: who can list the
objects cannot log in with them. A token is good as long as its object is there and its user is the one it was made for.
Upstream: openshift/oauth-server pkg/osinserver/tokengen.go, pkg/server/crypto/sha256.go; openshift/oauth-apiserver
pkg/tokenvalidation.
"""

import base64
import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from pullscope.apiserver.oauth.people import People
from pullscope.apiserver.store import records
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import Clock
from pullscope.kube import meta, resources
from pullscope.kube.api import Object, UserInfo

PREFIX = "sha256~"
SCOPE = "user:full"
LIFE_SECONDS = 24 * 60 * 60
_SCOPES = "scopes.authorization.openshift.io"


def new() -> str:
    """A token, or a code, that nobody can guess."""
    return f"{PREFIX}{secrets.token_urlsafe(32)}"


def name_of(token: str) -> str | None:
    """The name of the token's object; None when it does not have the form of one."""
    if not token.startswith(PREFIX):
        return None
    digest = hashlib.sha256(token.removeprefix(PREFIX).encode("utf-8", "surrogatepass")).digest()
    return PREFIX + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_over(token: Object, now: datetime) -> bool:
    """Whether the token of this object has expired; those that expire in 0 seconds never do."""
    seconds = token.get("expiresIn", 0)
    return seconds > 0 and meta.parse_time(token["metadata"]["creationTimestamp"]) + timedelta(seconds=seconds) < now


class AccessTokens:
    """Whose tokens they are, by what the store has at this moment."""

    def __init__(self, store: Store, clock: Clock, people: People) -> None:
        self._store = store
        self._clock = clock
        self._people = people

    def user(self, token: str) -> UserInfo | None:
        """Who may come in with this token."""
        name = name_of(token)
        stored = self._store.find(records.key(resources.OAUTH_ACCESS_TOKENS, None, name)) if name else None
        if stored is None:
            return None
        obj = stored.object()
        if "deletionTimestamp" in obj["metadata"] or is_over(obj, self._clock.now()):
            return None
        return self._holder(obj)

    def _holder(self, token: Object) -> UserInfo | None:
        person = self._people.user(token["userName"])
        stored = self._store.find(records.key(resources.USERS, None, token["userName"]))
        uid = stored.object()["metadata"]["uid"] if stored is not None else None
        if person is None or uid != token["userUID"]:
            return None
        return replace(person, uid=uid, extra={_SCOPES: tuple(token["scopes"])})
