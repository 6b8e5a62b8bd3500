"""All ways in together: tokens that were handed out, those of people who have logged in, and those of service accounts.

Upstream: k8s.io/apiserver v0.36 pkg/authentication (bearertoken, token/union, group, anonymous).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pullscope.apiserver.authentication.account_tokens import AUDIENCES, AccountTokens, Holder
from pullscope.apiserver.authentication.signatures import BadTokenError
from pullscope.apiserver.authentication.tokens import Tokens
from pullscope.apiserver.authorization import ANONYMOUS, AUTHENTICATED
from pullscope.apiserver.oauth.tokens import AccessTokens
from pullscope.kube import status
from pullscope.kube.api import UserInfo


@dataclass(frozen=True)
class Authenticator:
    """`tokens` were handed out, `logins` are people's, `accounts` issues those of service accounts."""

    tokens: Tokens
    logins: AccessTokens
    accounts: AccountTokens

    def user(self, header: str | None) -> UserInfo:
        """Who sends this Authorization header (None: there is none). Raises ApiError 401 for a token that is not valid."""
        if header is None:
            return ANONYMOUS
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            # Upstream's bearer authenticator passes on what is not its own, and the anonymous one takes it.
            return ANONYMOUS
        try:
            return self.holder(token.strip(), AUDIENCES).user
        except BadTokenError:
            raise status.unauthorized() from None

    def holder(self, token: str, audiences: Sequence[str]) -> Holder:
        """Who holds the token, for these audiences. Raises BadTokenError; the others are for the server itself alone."""
        common = tuple(each for each in AUDIENCES if each in audiences)
        found: Holder | None = None
        if (user := self.tokens.user(token) or self.logins.user(token)) is not None:
            found = Holder(user, common) if common else None
        else:
            found = self.accounts.holder(token, audiences)
        if found is None:
            raise BadTokenError("invalid bearer token")
        groups = tuple(dict.fromkeys([*found.user.groups, AUTHENTICATED]))
        return replace(found, user=replace(found.user, groups=groups))
