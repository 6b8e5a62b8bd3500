"""Bearer tokens that were handed out, compared in constant time.

Upstream: k8s.io/apiserver v0.36 pkg/authentication/token/tokenfile.
"""

import hashlib
import hmac

from pullscope.kube.api import UserInfo


class Tokens:
    """The tokens that are valid now, each with its user. Only their digests are kept."""

    def __init__(self) -> None:
        self._users: dict[bytes, UserInfo] = {}

    def add(self, token: str, user: UserInfo) -> None:
        """Accept `token` as `user`."""
        self._users[_digest(token)] = user

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


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
