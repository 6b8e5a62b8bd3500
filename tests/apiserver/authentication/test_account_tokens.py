"""Service accounts' tokens over the wire: asked for, used, and worth nothing once what they are bound to is gone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.apiserver.support import ADMIN, Answer, Http, pod

from pullscope.apiserver.authentication import signatures
from pullscope.apiserver.authentication.account_tokens import ISSUER
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object

ACCOUNT = "/api/v1/namespaces/demo/serviceaccounts/default"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = "/apis/authentication.k8s.io/v1/tokenreviews"
NOW = DeleteOptions(grace_period_seconds=0)
pytestmark = pytest.mark.usefixtures("policy")


async def asked(wire: Http, path: str = ACCOUNT, **spec: Any) -> Answer:
    return await wire.send("POST", f"{path}/token", {"spec": spec})


async def token(wire: Http, **spec: Any) -> str:
    answer = await asked(wire, **spec)
    assert answer.code == 201, answer.body
    text: str = answer.body["status"]["token"]
    return text


async def who(wire: Http, token: str) -> Any:
    """The user whom a request with that token is from; the code when it is from nobody."""
    answer = await wire.send("POST", WHO, {}, token=token)
    return answer.body["status"]["userInfo"] if answer.code == 201 else answer.code


async def review(wire: Http, token: str, *audiences: str) -> Any:
    spec = {"token": token, **({"audiences": list(audiences)} if audiences else {})}
    return (await wire.send("POST", REVIEW, {"spec": spec})).body["status"]


def bound(kind: str, name: str, **more: Any) -> Object:
    return {"boundObjectRef": {"kind": kind, "apiVersion": "v1", "name": name, **more}}


async def uid(api: Api, resource: resources.Resource, namespace: str | None, name: str) -> str:
    text: str = (await api.get(resource, namespace, name))["metadata"]["uid"]
    return text


@pytest.fixture
async def web(api: Api) -> str:
    """A pod on the node crc; its uid."""
    made = await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    text: str = made["metadata"]["uid"]
    return text


async def test_the_answer_and_its_claims(wire: Http, api: Api) -> None:
    answer = await asked(wire, expirationSeconds=600)
    assert (answer.code, answer.body["kind"], answer.body["apiVersion"]) == (
        201,
        "TokenRequest",
        "authentication.k8s.io/v1",
    )
    assert answer.body["spec"] == {"audiences": [ISSUER], "expirationSeconds": 600, "boundObjectRef": None}
    assert answer.body["status"]["expirationTimestamp"] == "2026-01-01T00:10:00Z"
    claims = signatures.claims_of(answer.body["status"]["token"])
    assert claims is not None
    account = {"name": "default", "uid": await uid(api, resources.SERVICE_ACCOUNTS, "demo", "default")}
    start = 1767225600
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "aud": [ISSUER],
        "exp": start + 600,
        "iat": start,
        "iss": ISSUER,
        "kubernetes.io": {"namespace": "demo", "serviceaccount": account},
        "nbf": start,
        "sub": "system:serviceaccount:demo:default",
    }


async def test_who_one_is_with_it(wire: Http, api: Api, web: str) -> None:
    issued = await token(wire, **bound("Pod", "web"))
    user = await who(wire, issued)
    claims = signatures.claims_of(issued)
    assert claims is not None
    assert user == {
        "username": "system:serviceaccount:demo:default",
        "uid": await uid(api, resources.SERVICE_ACCOUNTS, "demo", "default"),
        "groups": ["system:serviceaccounts", "system:serviceaccounts:demo", "system:authenticated"],
        "extra": {
            "authentication.kubernetes.io/credential-id": [f"JTI={claims['jti']}"],
            "authentication.kubernetes.io/pod-name": ["web"],
            "authentication.kubernetes.io/pod-uid": [web],
            "authentication.kubernetes.io/node-name": ["crc"],
            "authentication.kubernetes.io/node-uid": [await uid(api, resources.NODES, None, "crc")],
        },
    }


async def test_what_it_lets_do(wire: Http, api: Api) -> None:
    issued = await token(wire)
    pods = "/api/v1/namespaces/demo/pods"
    assert (await wire.send("GET", pods, token=issued)).code == 403
    reference = {"kind": "ClusterRole", "name": "view"}
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": "demo"}]
    binding = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": subjects}
    await api.create(resources.ROLE_BINDINGS, "demo", binding)
    assert (await wire.send("GET", pods, token=issued)).code == 200
    assert (await wire.send("POST", pods, pod(), token=issued)).code == 403
    assert (await wire.send("GET", "/openid/v1/jwks", token=issued)).code == 200


async def test_it_ends(wire: Http, clock: ManualClock) -> None:
    issued = await token(wire, expirationSeconds=600)
    clock.advance(600 + 59)  # clocks may differ by a minute
    assert (await who(wire, issued))["username"] == "system:serviceaccount:demo:default"
    clock.advance(2)
    assert await who(wire, issued) == 401
    assert await review(wire, issued) == {"user": {}, "error": "service account token has expired"}


@pytest.mark.parametrize(
    ("resource", "name", "error"),
    [
        (resources.PODS, "web", "service account token has been invalidated"),
        (resources.SECRETS, "s", "service account token has been invalidated"),
        (resources.NODES, "crc", "service account token has been invalidated"),
        (resources.SERVICE_ACCOUNTS, "default", 'serviceaccounts "default" not found'),
    ],
    ids=["pod", "secret", "node", "account"],
)
async def test_it_goes_with_what_it_is_bound_to(
    wire: Http, api: Api, web: str, resource: resources.Resource, name: str, error: str
) -> None:
    await api.create(resources.SECRETS, "demo", {"metadata": {"name": "s"}})
    spec = {} if resource is resources.SERVICE_ACCOUNTS else bound(resource.kind, name)
    issued = await token(wire, **spec)
    assert (await who(wire, issued))["username"] == "system:serviceaccount:demo:default"
    await api.delete(resource, "demo" if resource.namespaced else None, name, NOW)
    assert await who(wire, issued) == 401
    assert (await review(wire, issued))["error"] == error


async def test_another_object_of_the_same_name_does_not_do(wire: Http, api: Api, web: str) -> None:
    of_pod, of_account = await token(wire, **bound("Pod", "web")), await token(wire)
    await api.delete(resources.PODS, "demo", "web", NOW)
    other = await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    why = f"pod UID ({other['metadata']['uid']}) does not match service account pod ref claim ({web})"
    assert (await review(wire, of_pod))["error"] == why
    old = await uid(api, resources.SERVICE_ACCOUNTS, "demo", "default")
    await api.delete(resources.SERVICE_ACCOUNTS, "demo", "default")
    new = await api.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    why = f"service account UID ({new['metadata']['uid']}) does not match claim ({old})"
    assert (await review(wire, of_account))["error"] == why


async def test_a_pod_that_ends_keeps_its_token_for_a_moment(wire: Http, api: Api, web: str, clock: ManualClock) -> None:
    issued = await token(wire, **bound("Pod", "web"))
    await api.delete(resources.PODS, "demo", "web", DeleteOptions(grace_period_seconds=30))
    assert (await who(wire, issued))["username"] == "system:serviceaccount:demo:default"
    clock.advance(30 + 61)
    assert await who(wire, issued) == 401


async def test_audiences(wire: Http) -> None:
    issued = await token(wire, audiences=["vault", "other"])
    assert await who(wire, issued) == 401
    assert (await review(wire, issued, "vault", "x"))["audiences"] == ["vault"]
    why = f'token audiences ["vault" "other"] is invalid for the target audiences ["{ISSUER}"]'
    assert await review(wire, issued) == {"user": {}, "error": why}


async def test_reviews_of_other_tokens(wire: Http) -> None:
    user = {"username": "developer", "groups": ["system:authenticated:oauth", "system:authenticated"]}
    assert await review(wire, "developer") == {"authenticated": True, "user": user, "audiences": [ISSUER]}
    for text, audiences in (("nobody", ()), ("developer", ("vault",)), ("a.b.c", ())):
        assert await review(wire, text, *audiences) == {"user": {}, "error": "invalid bearer token"}
    answer = await wire.send("POST", REVIEW, {"spec": {}})
    assert (answer.code, answer.body["message"]) == (400, "token is required for TokenReview in authentication")


@pytest.fixture
async def other_lab(clock: ManualClock) -> AsyncIterator[Api]:
    store = Store.open(None)
    yield ApiServer(store, clock).client(ADMIN)
    await store.close()


async def test_the_token_of_another_lab(wire: Http, other_lab: Api) -> None:
    await other_lab.create(resources.NAMESPACES, None, {"metadata": {"name": "demo"}})
    await other_lab.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    body = {"metadata": {"name": "default"}}
    made = await other_lab.create(resources.SERVICE_ACCOUNTS, "demo", body, subresource="token")
    foreign = made["status"]["token"]
    assert await who(wire, foreign) == 401
    assert (await review(wire, foreign))["error"] == "invalid signature, no keys found"


async def test_a_key_that_is_kept_makes_tokens_outlive_the_server(clock: ManualClock) -> None:
    store, key = Store.open(None), signatures.new_key()
    first, second, third = (ApiServer(store, clock, signing_key=each) for each in (key, key, None))
    api = first.client(ADMIN)
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": "demo"}})
    await api.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    body = {"metadata": {"name": "default"}}
    made = await api.create(resources.SERVICE_ACCOUNTS, "demo", body, subresource="token")
    review = {"metadata": {}, "spec": {"token": made["status"]["token"]}}
    answers = []
    for server in (first, second, third):
        answer = await server.client(ADMIN).create(TOKEN_REVIEWS, None, review)
        answers.append(answer["status"].get("authenticated", False))
    assert answers == [True, True, False]
    await store.close()


TOKEN_REVIEWS = resources.Resource("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", namespaced=False)


async def test_a_kubelets_request_is_honoured_longer(wire: Http, clock: ManualClock, web: str) -> None:
    """Upstream extends the tokens that it injects into pods, for programs that read theirs but once."""
    answer = await asked(wire, expirationSeconds=3607, **bound("Pod", "web"))
    assert answer.body["status"]["expirationTimestamp"] == "2026-01-01T01:00:07Z"
    claims = signatures.claims_of(answer.body["status"]["token"])
    assert claims is not None
    assert claims["exp"] - claims["iat"] == 365 * 24 * 3600
    assert claims["kubernetes.io"]["warnafter"] - claims["iat"] == 3607
    clock.advance(7200)
    assert (await who(wire, answer.body["status"]["token"]))["username"] == "system:serviceaccount:demo:default"


@pytest.mark.parametrize(
    ("path", "spec", "code", "message"),
    [
        (
            ACCOUNT,
            {"expirationSeconds": 599},
            422,
            (
                'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: '
                "may not specify a duration less than 10 minutes"
            ),
        ),
        (
            ACCOUNT,
            {"expirationSeconds": (1 << 32) + 1},
            422,
            (
                'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: '
                "may not specify a duration larger than 2^32 seconds"
            ),
        ),
        (f"{ACCOUNT}x", {}, 404, 'serviceaccounts "defaultx" not found'),
        (ACCOUNT, bound("Pod", "nosuch"), 404, 'pods "nosuch" not found'),
        (ACCOUNT, bound("ConfigMap", "x"), 400, "cannot bind token to object of type /v1, Kind=ConfigMap"),
        (
            f"{ACCOUNT[:-7]}robot",
            bound("Pod", "web"),
            400,
            'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
        ),
        (
            ACCOUNT,
            bound("Pod", "web", uid="7"),
            409,
            (
                'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (7) does not match the '
                "UID in record. The object might have been deleted and then recreated"
            ),
        ),
    ],
)
async def test_what_cannot_be_had(
    wire: Http, api: Api, web: str, path: str, spec: Object, code: int, message: str
) -> None:
    await api.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "robot"}})
    answer = await asked(wire, path, **spec)
    assert (answer.code, answer.body["message"]) == (code, message)


async def test_how_others_verify_them(wire: Http) -> None:
    found = (await wire.send("GET", "/.well-known/openid-configuration")).body
    assert (found["issuer"], found["id_token_signing_alg_values_supported"]) == (ISSUER, ["ES256"])
    assert found["jwks_uri"] == wire.url.replace("http:", "https:") + "/openid/v1/jwks"
    answer = await wire.send("GET", "/openid/v1/jwks")
    assert (answer.code, answer.headers["Content-Type"]) == (200, "application/jwk-set+json")
    assert (await wire.send("GET", "/openid/v1/jwks", token="developer")).code == 403
