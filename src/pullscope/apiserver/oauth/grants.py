"""Codes that were handed out. Each is good for one token, once, for five minutes, and not kept over a restart.

Upstream keeps them as OAuthAuthorizeToken objects, and takes a code again when redeeming it has failed; here it is spent.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.apiserver.oauth import tokens
from pullscope.apiserver.oauth.pkce import Challenge
from pullscope.base.clock import Clock

LIFE = timedelta(minutes=5)
_MOST = 1000


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    username: str
    client: str
    redirect_uri: str
    challenge: Challenge | None
    expires: datetime


class Grants:
    """The codes that wait to be redeemed. Of very many the oldest are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: OrderedDict[bytes, Grant] = OrderedDict()

    def add(self, username: str, client: str, redirect_uri: str, challenge: Challenge | None) -> str:
        """A new code."""
        code = tokens.new()
        self._waiting[_place(code)] = Grant(username, client, redirect_uri, challenge, self._clock.now() + LIFE)
        if len(self._waiting) > _MOST:
            self._waiting.popitem(last=False)
        return code

    def take(self, code: str) -> Grant | None:
        """What the code stands for, expired or not; from now on nothing."""
        return self._waiting.pop(_place(code), None)


def _place(code: str) -> bytes:
    """Codes are looked up by their digests, so that the time tells nothing."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
