"""What may be asked of the OAuth server, and what not: decisions without a server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.oauth import clients, people, pkce, requests
from pullscope.apiserver.oauth.clients import CHALLENGING, Client
from pullscope.apiserver.oauth.grants import Grant
from pullscope.apiserver.oauth.people import Credentials, People, Person
from pullscope.apiserver.oauth.pkce import Challenge
from pullscope.apiserver.oauth.requests import Authorization, Redemption, Refusal
from pullscope.kube.api import UserInfo

ISSUER = "https://127.0.0.1:6443"
IMPLICIT = f"{ISSUER}/oauth/token/implicit"
CLIENT = Client(CHALLENGING, (IMPLICIT,))
# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = Challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GRANT = Grant("developer", CHALLENGING, IMPLICIT, CHALLENGE, NOW + timedelta(minutes=5))
REDEMPTION = Redemption(CLIENT, IMPLICIT, "sha256~code", VERIFIER)
ASKED = {
    "client_id": CHALLENGING,
    "response_type": "code",
    "redirect_uri": IMPLICIT,
    "code_challenge": CHALLENGE.value,
    "code_challenge_method": "S256",
}
FORM = {"grant_type": "authorization_code", "code": "c", "redirect_uri": IMPLICIT, "code_verifier": VERIFIER}
OC = Credentials(CHALLENGING, "")


def authorization(*more: tuple[str, str], **changed: str | None) -> Authorization | Refusal:
    asked = {**ASKED, **changed}
    return requests.authorization([*((k, v) for k, v in asked.items() if v is not None), *more], ISSUER)


def redemption(*more: tuple[str, str], credentials: Credentials | None = OC, **changed: str) -> Redemption | Refusal:
    return requests.redemption([*{**FORM, **changed}.items(), *more], ISSUER, credentials)


def test_what_oc_asks() -> None:
    assert authorization() == Authorization(CLIENT, IMPLICIT, wants_token=False, state="", challenge=CHALLENGE)
    assert redemption() == Redemption(CLIENT, IMPLICIT, "c", VERIFIER)


def test_what_may_be_left_out() -> None:
    plain = authorization(redirect_uri=None, code_challenge_method=None)
    assert plain == Authorization(CLIENT, IMPLICIT, wants_token=False, state="", challenge=Challenge(CHALLENGE.value))
    token = authorization(("state", "s"), response_type="token", scope="user:full")
    assert token == Authorization(CLIENT, IMPLICIT, wants_token=True, state="s", challenge=None)
    assert redemption(("client_id", CHALLENGING), ("client_secret", ""), credentials=None) == redemption()


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/oauth/token/implicit",
        "https://127.0.0.1:6443.evil.example/oauth/token/implicit",
        "https://127.0.0.1:6443@evil.example/oauth/token/implicit",
        "http://127.0.0.1:6443/oauth/token/implicit",
        "//evil.example",
        f"{IMPLICIT}/../../evil",
        f"{IMPLICIT}/below",
        f"{IMPLICIT}?x=y",
        f"{IMPLICIT}#x",
        f"{IMPLICIT}\r\nLocation: https://evil.example",
        "https://localhost:6443/oauth/token/implicit",
        "https%3A%2F%2F127.0.0.1%3A6443%2Foauth%2Ftoken%2Fimplicit",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_elsewhere(uri: str) -> None:
    assert authorization(redirect_uri=uri, state="s") == Refusal(requests.INVALID_REQUEST, state="s")


@pytest.mark.parametrize("name", ["openshift-browser-client", "", "x" * 60_000])
def test_other_clients_are_unknown(name: str) -> None:
    assert authorization(client_id=name) == Refusal(requests.UNAUTHORIZED_CLIENT)
    assert redemption(credentials=Credentials(name, "")) == Refusal(requests.UNAUTHORIZED_CLIENT)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"response_type": "id_token"}, requests.UNSUPPORTED_RESPONSE_TYPE, "does not support obtaining a token"),
        ({"response_type": None}, requests.UNSUPPORTED_RESPONSE_TYPE, "does not support obtaining a token"),
        ({"code_challenge_method": "S512"}, requests.INVALID_REQUEST, "transform algorithm not supported (rfc7636)"),
        ({"code_challenge": "short"}, requests.INVALID_REQUEST, "code_challenge invalid (rfc7636)"),
        ({"code_challenge": "x" * 129}, requests.INVALID_REQUEST, "code_challenge invalid (rfc7636)"),
        ({"scope": "user:info user:full"}, requests.ACCESS_DENIED, "scope denied: user:info"),
        ({"scope": "role:admin:*"}, requests.ACCESS_DENIED, "scope denied: role:admin:*"),
    ],
)
def test_known_clients_are_told_where_they_wait(changed: dict[str, str | None], error: str, words: str) -> None:
    refused = authorization(("state", "s"), **changed)
    assert isinstance(refused, Refusal)
    assert (refused.error, refused.state, refused.redirect_uri) == (error, "s", IMPLICIT)
    assert words in refused.fields["error_description"]


@pytest.mark.parametrize("name", [*ASKED, "state"])
def test_a_parameter_comes_once(name: str) -> None:
    assert authorization(("state", "s"), (name, "again")) == Refusal(requests.INVALID_REQUEST)
    assert redemption(("code", "again")) == Refusal(requests.INVALID_REQUEST)


@pytest.mark.parametrize(
    ("changed", "credentials", "error"),
    [
        ({"grant_type": "password"}, OC, requests.UNSUPPORTED_GRANT_TYPE),
        ({"grant_type": ""}, OC, requests.UNSUPPORTED_GRANT_TYPE),
        ({}, None, requests.INVALID_REQUEST),
        ({"code": ""}, OC, requests.INVALID_GRANT),
        ({}, Credentials(CHALLENGING, "secret"), requests.UNAUTHORIZED_CLIENT),
    ],
)
def test_what_cannot_be_redeemed(changed: dict[str, str], credentials: Credentials | None, error: str) -> None:
    assert redemption(credentials=credentials, **changed) == Refusal(error)


@pytest.mark.parametrize(
    ("asked", "grant", "error"),
    [
        (REDEMPTION, GRANT, None),
        (REDEMPTION, replace(GRANT, expires=NOW), None),
        (REDEMPTION, replace(GRANT, expires=NOW - timedelta(seconds=1)), requests.INVALID_GRANT),
        (REDEMPTION, None, requests.UNAUTHORIZED_CLIENT),
        (REDEMPTION, replace(GRANT, client="another"), requests.INVALID_GRANT),
        (REDEMPTION, replace(GRANT, redirect_uri=f"{IMPLICIT}x"), requests.INVALID_REQUEST),
        (replace(REDEMPTION, verifier=""), GRANT, requests.INVALID_REQUEST),
        (replace(REDEMPTION, verifier=VERIFIER[:-1]), GRANT, requests.INVALID_REQUEST),
        (replace(REDEMPTION, verifier=f"{VERIFIER[:-1]}l"), GRANT, requests.INVALID_GRANT),
        (replace(REDEMPTION, verifier=CHALLENGE.value), GRANT, requests.INVALID_GRANT),
        (REDEMPTION, replace(GRANT, challenge=Challenge(VERIFIER, "plain")), None),
        (REDEMPTION, replace(GRANT, challenge=Challenge(VERIFIER, "S256")), requests.INVALID_GRANT),
        (replace(REDEMPTION, verifier=""), replace(GRANT, challenge=None), None),
    ],
)
def test_a_code_is_for_one_client_one_place_and_one_secret(
    asked: Redemption, grant: Grant | None, error: str | None
) -> None:
    refused = requests.refusal(asked, grant, NOW)
    assert refused == (Refusal(error) if error else None)


@given(st.dictionaries(st.text(max_size=5), st.text()))
def test_answers_are_fields_whatever_they_hold(fields: dict[str, str]) -> None:
    fields = {
        key.encode("utf-8", "ignore").decode(): value.encode("utf-8", "ignore").decode()
        for key, value in fields.items()
    }
    for fragment in (False, True):
        where = urlsplit(requests.location(IMPLICIT, fields, fragment=fragment))
        assert f"{where.scheme}://{where.netloc}{where.path}" == IMPLICIT
        text = where.fragment if fragment else where.query
        assert dict(parse_qsl(text, keep_blank_values=True)) == fields
        assert text.isascii()
        assert text.isprintable()


@given(st.text(), st.text(max_size=10))
def test_a_challenge_is_met_by_its_verifier_alone(verifier: str, other: str) -> None:
    verifier, other = (text.encode("utf-8", "ignore").decode() for text in (verifier, other))
    for challenge in (Challenge(verifier), Challenge(pkce.s256(verifier), "S256")):
        assert challenge.is_met_by(verifier)
        assert not challenge.is_met_by(verifier + other) or not other


def test_people_log_in_with_their_own_passwords() -> None:
    anna, bert = UserInfo("anna"), UserInfo("bert")
    known = People([Person(anna, "a"), Person(bert, "pass:word")])
    assert known.login(Credentials("anna", "a")) == anna
    assert known.login(Credentials("bert", "pass:word")) == bert
    for name, password in (
        ("anna", "pass:word"),
        ("anna", ""),
        ("", "a"),
        ("Anna", "a"),
        ("anna\0", "a"),
        ("\udcff", "a"),
    ):
        assert known.login(Credentials(name, password)) is None
    assert known.user("bert") == bert
    assert known.user("carl") is None
    assert "pass:word" not in repr(Person(bert, "pass:word"))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Basic YW5uYTpiOmM=", Credentials("anna", "b:c")),
        ("basic  YW5uYTo=", Credentials("anna", "")),
        ("Basic YW5uYQ==", None),
        ("Basic \xff", None),
        ("Basic !", None),
        ("Basic /w==", None),
        ("Basic", None),
        ("Bearer YW5uYTpi", None),
        ("", None),
        (None, None),
    ],
)
def test_basic_credentials(header: str | None, found: Credentials | None) -> None:
    assert people.basic(header) == found


def test_answers_go_back_to_where_the_server_was_found() -> None:
    assert clients.registered("https://[::1]:1")[CHALLENGING].redirect_uris == ("https://[::1]:1/oauth/token/implicit",)
