"""Who asks? Bearer tokens, compared in constant time; no token is `system:anonymous`.

Upstream: k8s.io/apiserver v0.36 pkg/authentication (bearertoken, anonymous, group adders).
"""

import hashlib
import hmac

from pullscope.apiserver.authorization import ANONYMOUS, AUTHENTICATED
from pullscope.kube import status
from pullscope.kube.api import UserInfo


class Tokens:
    """The tokens that are valid now, each with its user. Only their digests are kept."""

    def __init__(self) -> None:
        self._users: dict[bytes, UserInfo] = {}

    def add(self, token: str, user: UserInfo) -> None:
        """Accept `token` as `user`, who is in the group of all authenticated users besides their own."""
        groups = tuple(dict.fromkeys([*user.groups, AUTHENTICATED]))
        self._users[_digest(token)] = UserInfo(user.username, user.uid, groups, user.extra)

    def remove(self, token: str) -> None:
        """Stop accepting `token`; unknown ones are no error."""
        self._users.pop(_digest(token), None)

    def user(self, token: str) -> UserInfo | None:
        """Whose token this is. Every known token is compared, so that the time tells nothing."""
        found = None
        given = _digest(token)
        for known, user in self._users.items():
            if hmac.compare_digest(known, given):
                found = user
        return found


def authenticate(header: str | None, tokens: Tokens) -> UserInfo:
    """The user of an Authorization header (None: there is none). Raises ApiError 401 for a token that is not known."""
    if header is None:
        return ANONYMOUS
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        # Upstream's bearer authenticator passes on what is not its own, and the anonymous one takes it.
        return ANONYMOUS
    user = tokens.user(token.strip())
    if user is None:
        raise status.unauthorized()
    return user


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
