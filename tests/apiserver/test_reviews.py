"""Questions that are answered and not kept: who am I, may I."""

from typing import Any

import pytest
from tests.apiserver.support import Http

from pullscope.apiserver.server import ApiServer
from pullscope.kube.api import UserInfo

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
MAY = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.mark.usefixtures("policy")
async def test_who_am_i(wire: Http, server: ApiServer) -> None:
    server.tokens.add("t", UserInfo("anna", "7", ("staff",), {"team": ("blue",)}))
    answer = await wire.send("POST", WHO, {}, token="t")
    assert answer.code == 201
    assert answer.body["status"]["userInfo"] == {
        "username": "anna",
        "uid": "7",
        "groups": ["staff", "system:authenticated"],
        "extra": {"team": ["blue"]},
    }
    assert (await wire.send("POST", WHO, {}, token=None)).code == 403
    assert (await wire.send("GET", WHO)).code == 405


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize(
    ("spec", "admin", "user"),
    [
        ({"resourceAttributes": {"verb": "create", "resource": "pods", "namespace": "demo"}}, True, False),
        (
            {
                "resourceAttributes": {
                    "verb": "create",
                    "group": "authentication.k8s.io",
                    "resource": "selfsubjectreviews",
                }
            },
            True,
            True,
        ),
        ({"nonResourceAttributes": {"verb": "get", "path": "/apis/apps"}}, True, True),
        ({"nonResourceAttributes": {"verb": "get", "path": "/apiserver"}}, True, False),
        ({"nonResourceAttributes": {"verb": "get", "path": "/version"}}, True, True),
    ],
)
async def test_may_i(wire: Http, server: ApiServer, spec: Any, *, admin: bool, user: bool) -> None:
    server.tokens.add("t", UserInfo("anna"))
    assert (await wire.send("POST", MAY, {"spec": spec})).body["status"] == {"allowed": admin}
    assert (await wire.send("POST", MAY, {"spec": spec}, token="t")).body["status"] == {"allowed": user}


async def test_a_question_about_nothing(wire: Http) -> None:
    answer = await wire.send("POST", MAY, {"spec": {}})
    assert (answer.code, answer.body["reason"]) == (422, "Invalid")
