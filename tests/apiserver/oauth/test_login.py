"""Logging in over the wire, request by request as `oc login` does it, and as those do who should not get in."""

import base64
import io
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from aiohttp import ClientResponse
from tests.apiserver.oauth.conftest import PASSWORD
from tests.apiserver.support import Http

from pullscope.apiserver.oauth import tokens
from pullscope.apiserver.oauth.clients import CHALLENGING
from pullscope.base.clock import ManualClock

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
WHO = "/apis/user.openshift.io/v1/users/~"
TOKENS = "/apis/oauth.openshift.io/v1/oauthaccesstokens"
OWN_TOKENS = "/apis/oauth.openshift.io/v1/useroauthaccesstokens"
pytestmark = pytest.mark.usefixtures("policy")


def basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


class Oc:
    """As much of oc as logs in."""

    def __init__(self, wire: Http) -> None:
        self.wire = wire
        self.issuer = wire.url.replace("http://", "https://")
        self.redirect = f"{self.issuer}/oauth/token/implicit"

    async def authorize(self, credentials: str = "", csrf: str = "1", **changed: str) -> ClientResponse:
        asked = {
            "client_id": CHALLENGING,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "redirect_uri": self.redirect,
            "response_type": "code",
            **changed,
        }
        headers = {"X-CSRF-Token": csrf} if csrf else {}
        headers |= {"Authorization": credentials} if credentials else {}
        path = f"/oauth/authorize?{urlencode(asked)}"
        return await self.ask("GET", path, headers=headers)

    async def ask(self, method: str, path: str, **options: Any) -> ClientResponse:
        response: ClientResponse = await self.wire.request(method, path, token=None, allow_redirects=False, **options)
        await response.read()
        return response

    async def code(self, name: str = "developer", password: str = "developer", **changed: str) -> str:
        response = await self.authorize(basic(name, password), **changed)
        assert response.status == 302
        assert response.headers["Location"].startswith(f"{self.redirect}?")
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query, keep_blank_values=True))["code"]

    async def redeem(self, code: str, *, client: str = f"{CHALLENGING}:", **changed: str) -> ClientResponse:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER} | changed
        form.setdefault("redirect_uri", self.redirect)
        headers = {
            "Authorization": f"Basic {base64.b64encode(client.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self.ask("POST", "/oauth/token", data=io.BytesIO(urlencode(form).encode()), headers=headers)

    async def login(self, name: str = "developer", password: str = "developer") -> str:
        response = await self.redeem(await self.code(name, password))
        token: str = (await response.json())["access_token"]
        return token


@pytest.fixture
def oc(wire: Http) -> Oc:
    return Oc(wire)


async def test_the_way_in(oc: Oc) -> None:
    assert (await oc.ask("HEAD", "/")).status == 403
    metadata = await (await oc.ask("GET", "/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == oc.issuer
    assert metadata["authorization_endpoint"] == f"{oc.issuer}/oauth/authorize"
    assert metadata["token_endpoint"] == f"{oc.issuer}/oauth/token"
    asked = await oc.authorize()
    assert (asked.status, asked.headers["WWW-Authenticate"]) == (401, 'Basic realm="openshift"')
    answered = await oc.redeem(await oc.code("kubeadmin", PASSWORD))
    assert answered.status == 200
    assert answered.headers["Cache-Control"].startswith("no-cache, no-store")
    issued = await answered.json()
    token = issued.pop("access_token")
    assert issued == {"expires_in": 86400, "scope": "user:full", "token_type": "Bearer"}
    assert token.startswith("sha256~")
    assert len(token) == 50
    user = (await oc.wire.send("GET", WHO, token=token)).body
    assert user["metadata"]["name"] == "kubeadmin"
    assert user["groups"] == ["system:authenticated", "system:cluster-admins"]


async def test_the_password_is_asked_for_no_browser(oc: Oc) -> None:
    asked = await oc.authorize(csrf="")
    words = "A non-empty X-CSRF-Token header is required to receive basic-auth challenges"
    assert asked.status == 401
    assert "WWW-Authenticate" not in asked.headers
    assert asked.headers["Warning"] == f'199 Origin "{words}"'
    assert await asked.text() == f"{words}\n"


@pytest.mark.parametrize(
    ("name", "password"), [("kubeadmin", "wrong"), ("kubeadmin", ""), ("nobody", "developer"), ("", "")]
)
async def test_a_wrong_password(oc: Oc, name: str, password: str) -> None:
    asked = await oc.authorize(basic(name, password))
    assert (asked.status, asked.headers["WWW-Authenticate"]) == (401, 'Basic realm="openshift"')
    assert (await asked.read(), "Location" in asked.headers) == (b"", False)


async def test_a_token_at_once(oc: Oc) -> None:
    answered = await oc.authorize(basic("developer", "developer"), response_type="token", state="a b\r\nX: y")
    where, _, fragment = answered.headers["Location"].partition("#")
    fields = dict(parse_qsl(fragment))
    token = fields.pop("access_token")
    assert where == oc.redirect
    assert fields == {"expires_in": "86400", "scope": "user:full", "state": "a b\r\nX: y", "token_type": "Bearer"}
    assert "X" not in answered.headers
    assert (await oc.wire.send("GET", WHO, token=token)).body["metadata"]["name"] == "developer"


async def test_a_code_is_good_once(oc: Oc) -> None:
    code = await oc.code()
    assert (await oc.redeem(code)).status == 200
    again = await oc.redeem(code)
    assert (again.status, (await again.json())["error"]) == (400, "unauthorized_client")


async def test_a_code_is_spent_by_a_wrong_verifier(oc: Oc) -> None:
    code = await oc.code()
    guessed = await oc.redeem(code, code_verifier="x" * 43)
    assert (guessed.status, (await guessed.json())["error"]) == (400, "invalid_grant")
    assert (await oc.redeem(code)).status == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"client": "openshift-browser-client:"}, "unauthorized_client"),
        ({"client": f"{CHALLENGING}:secret"}, "unauthorized_client"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
async def test_what_is_not_redeemed(oc: Oc, changed: dict[str, str], error: str) -> None:
    refused = await oc.redeem(await oc.code(), **changed)
    assert (refused.status, (await refused.json())["error"]) == (400, error)


async def test_a_code_ends_after_five_minutes(oc: Oc, clock: ManualClock) -> None:
    early, late = await oc.code(), await oc.code()
    clock.advance(300)
    assert (await oc.redeem(early)).status == 200
    clock.advance(1)
    assert (await (await oc.redeem(late)).json())["error"] == "invalid_grant"


async def test_codes_come_in_bodies_alone(oc: Oc) -> None:
    code = await oc.code()
    form = urlencode({"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER})
    client = {"Authorization": basic(CHALLENGING, "")}
    in_url = await oc.ask("GET", f"/oauth/token?{form}", headers=client)
    assert (in_url.status, (await in_url.json())["error"]) == (400, "invalid_request")
    as_json = await oc.ask("POST", f"/oauth/token?{form}", headers={**client, "Content-Type": "application/json"})
    assert (await as_json.json())["error"] == "unsupported_grant_type"
    assert (await oc.redeem(code)).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:x", "", "127.0.0.1@evil.example", "[::1"]
)
async def test_other_names_of_the_server_are_not_believed(oc: Oc, host: str) -> None:
    for path in ("/.well-known/oauth-authorization-server", "/oauth/authorize", "/oauth/token"):
        response = await oc.wire.session.request(
            "GET", oc.wire.url + path, headers={"Host": host, "Authorization": "Bearer sha256~of-kubeadmin"}
        )
        assert response.status in (400, 421)
        assert "Location" not in response.headers


async def test_each_of_its_names_is_an_issuer(oc: Oc) -> None:
    for host in ("localhost:6443", "LOCALHOST", "[::1]:6443"):
        response = await oc.ask("GET", "/.well-known/oauth-authorization-server", headers={"Host": host})
        assert (await response.json())["issuer"] == f"https://{host.lower()}"


async def test_nobody_is_sent_to_others(oc: Oc) -> None:
    for uri in ("https://evil.example/", f"{oc.redirect}@evil.example", "//evil.example/oauth/token/implicit"):
        refused = await oc.authorize(basic("developer", "developer"), redirect_uri=uri)
        assert (refused.status, "Location" in refused.headers) == (400, False)
        assert (await refused.json())["error"] == "invalid_request"


async def test_what_else_is_below_oauth(oc: Oc) -> None:
    assert "Location header" in await (await oc.ask("GET", "/oauth/token/implicit")).text()
    for method, path, code in (
        ("POST", "/oauth/authorize", 405),
        ("DELETE", "/oauth/token/implicit", 405),
        ("HEAD", "/oauth/authorize", 400),
        ("HEAD", "/oauth/token/implicit", 200),
        ("GET", "/oauth/token/request", 404),
        ("GET", "/oauth/", 404),
    ):
        assert (await oc.ask(method, path)).status == code, path


async def test_giants_are_refused(oc: Oc) -> None:
    assert (await oc.authorize(basic("developer", "developer"), state="x" * 70_000)).status == 400
    assert (await oc.authorize(basic("developer", "x" * 40_000))).status == 401
    assert (await oc.redeem("x" * 1_000_000)).status == 400
    assert (await oc.redeem("x" * 4_000_000)).status == 413
    many = await oc.ask(
        "POST",
        "/oauth/token",
        data="&".join(f"a{n}=b" for n in range(1000)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert many.status == 400


async def test_a_token_ends_after_a_day(oc: Oc, clock: ManualClock) -> None:
    token = await oc.login()
    clock.advance(tokens.LIFE_SECONDS)
    assert (await oc.wire.send("GET", WHO, token=token)).code == 200
    clock.advance(1)
    assert (await oc.wire.send("GET", WHO, token=token)).code == 401


async def test_logging_out(oc: Oc) -> None:
    token, other = await oc.login(), await oc.login()
    place = f"{TOKENS}/{tokens.name_of(token)}"
    options = {"kind": "DeleteOptions", "apiVersion": "oauth.openshift.io/v1"}
    out = await oc.wire.send("DELETE", place, options, token=token)
    assert (out.code, out.body["status"]) == (200, "Success")
    assert (await oc.wire.send("GET", WHO, token=token)).code == 401
    assert (await oc.wire.send("GET", WHO, token=other)).code == 200
    assert (await oc.wire.send("DELETE", place, options, token=other)).code == 404


async def test_who_sees_which_tokens(oc: Oc) -> None:
    developer, admin = await oc.login(), await oc.login("kubeadmin", PASSWORD)
    assert (await oc.wire.send("GET", TOKENS, token=developer)).code == 403
    listed = (await oc.wire.send("GET", TOKENS, token=admin)).body["items"]
    assert {each["userName"]: each["metadata"]["name"] for each in listed} == {
        "developer": tokens.name_of(developer),
        "kubeadmin": tokens.name_of(admin),
    }
    assert developer not in str(listed)
    assert admin not in str(listed)
    own = (await oc.wire.send("GET", OWN_TOKENS, token=developer)).body
    assert own["kind"] == "UserOAuthAccessTokenList"
    assert [each["metadata"]["name"] for each in own["items"]] == [tokens.name_of(developer)]
    others = f"{OWN_TOKENS}/{tokens.name_of(admin)}"
    for method in ("GET", "DELETE"):
        refused = await oc.wire.send(method, others, token=developer)
        assert (refused.code, refused.body["details"]["kind"]) == (404, "useroauthaccesstokens")
    mine = f"{OWN_TOKENS}/{tokens.name_of(developer)}"
    assert (await oc.wire.send("GET", mine, token=developer)).body["kind"] == "UserOAuthAccessToken"
    assert (await oc.wire.send("DELETE", mine, token=developer)).code == 200
    assert (await oc.wire.send("GET", mine, token=developer)).code == 401


async def test_tokens_are_not_made_by_hand(oc: Oc) -> None:
    made = await oc.wire.send("POST", TOKENS, {"metadata": {"name": "sha256~" + "x" * 43}})
    assert made.code == 405


async def test_a_user_is_made_by_logging_in_and_ends_with_the_object(oc: Oc) -> None:
    users = "/apis/user.openshift.io/v1/users"
    assert (await oc.wire.send("GET", users)).body["items"] == []
    token = await oc.login()
    (user,) = (await oc.wire.send("GET", users)).body["items"]
    assert user["metadata"]["name"] == "developer"
    review = await oc.wire.send(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {"metadata": {}}, token=token
    )
    assert review.body["status"]["userInfo"] == {
        "username": "developer",
        "uid": user["metadata"]["uid"],
        "groups": ["system:authenticated:oauth", "system:authenticated"],
        "extra": {"scopes.authorization.openshift.io": ["user:full"]},
    }
    assert (await oc.wire.send("DELETE", f"{users}/developer")).code == 200
    assert (await oc.wire.send("GET", WHO, token=token)).code == 401
    again = await oc.login()  # another user of the same name
    assert (await oc.wire.send("GET", WHO, token=again)).code == 200
    assert (await oc.wire.send("GET", WHO, token=token)).code == 401


@pytest.mark.parametrize("token", ["sha256~bad", "sha256~", "sha256~" + "x" * 43, "sha256~\udcff", "bad"])
async def test_other_tokens_are_nobodys(oc: Oc, token: str) -> None:
    try:
        answer = await oc.wire.send("GET", WHO, token=token)
    except UnicodeEncodeError:
        return  # cannot be sent
    assert (answer.code, answer.body["message"]) == (401, "Unauthorized")
