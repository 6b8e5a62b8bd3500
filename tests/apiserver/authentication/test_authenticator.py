"""Authorization headers: whose they are, and when they are nobody's."""

import pytest

from pullscope.apiserver.authentication.account_tokens import AccountTokens
from pullscope.apiserver.authentication.authenticator import Authenticator
from pullscope.apiserver.authentication.tokens import Tokens
from pullscope.apiserver.authorization import ANONYMOUS
from pullscope.apiserver.oauth.people import People
from pullscope.apiserver.oauth.tokens import AccessTokens
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube.api import UserInfo
from pullscope.kube.status import ApiError


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def authenticator(tokens: Tokens) -> Authenticator:
    store, clock = Store.open(None), ManualClock()
    return Authenticator(tokens, AccessTokens(store, clock, People(())), AccountTokens(store, clock, None))


def test_a_token_that_was_handed_out(tokens: Tokens, authenticator: Authenticator) -> None:
    tokens.add("secret", UserInfo("anna", groups=("staff",)))
    anna = UserInfo("anna", groups=("staff", "system:authenticated"))
    for header in ("Bearer secret", "bearer  secret"):
        assert authenticator.user(header) == anna
    tokens.remove("secret")
    tokens.remove("never there")
    with pytest.raises(ApiError) as raised:
        authenticator.user("Bearer secret")
    assert raised.value.code == 401


def test_no_token_is_anonymous(authenticator: Authenticator) -> None:
    for header in (None, "Basic abc", "Bearer", "Bearer "):
        assert authenticator.user(header) == ANONYMOUS


@pytest.mark.parametrize("token", ["other", "a.b.c", "eyJ9.e30.", "\udcff", "x" * 60_000])
def test_any_other_token_is_refused(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(ApiError) as raised:
        authenticator.user(f"Bearer {token}")
    assert raised.value.code == 401
