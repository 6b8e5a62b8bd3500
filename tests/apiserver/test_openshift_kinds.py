"""What oc asks besides images and builds: users, templates, the cluster's version, older reviews, and lists of nothing."""

from typing import Any

import pytest
from tests.apiserver.support import TABLE, Http

from pullscope.apiserver import version
from pullscope.apiserver.resources import absent
from pullscope.kube import resources
from pullscope.kube.api import Api, Object

USERS = "/apis/user.openshift.io/v1/users"
VERSIONS = "/apis/config.openshift.io/v1/clusterversions"
TEMPLATES = "/apis/template.openshift.io/v1/namespaces/demo/templates"
REVIEWS = "/apis/authorization.openshift.io/v1"


async def cells(wire: Http, path: str) -> list[list[Any]]:
    return [row["cells"] for row in (await wire.send("GET", path, accept=TABLE)).body["rows"]]


# --------------------------------------------------------------------------------------------- users


@pytest.mark.usefixtures("policy")
async def test_who_asks(wire: Http) -> None:
    asked = await wire.send("GET", f"{USERS}/~", token="developer")
    assert asked.body == {
        "kind": "User",
        "apiVersion": "user.openshift.io/v1",
        "metadata": {"name": "developer"},
        "groups": ["system:authenticated", "system:authenticated:oauth"],
    }
    made = (await wire.send("POST", USERS, {"metadata": {"name": "developer"}, "fullName": "D. Veloper"})).body
    kept = (await wire.send("GET", f"{USERS}/~", token="developer")).body
    assert (kept["metadata"]["uid"], kept["fullName"]) == (made["metadata"]["uid"], "D. Veloper")
    assert kept["groups"] == ["system:authenticated", "system:authenticated:oauth"]
    assert made["groups"] is None
    others = await wire.send("GET", f"{USERS}/developer", token="developer")
    assert (others.code, others.body["reason"]) == (403, "Forbidden")
    nobody = await wire.send("GET", f"{USERS}/~", token=None)
    assert (nobody.code, nobody.body["reason"]) == (403, "Forbidden")


async def test_users_are_kept(wire: Http) -> None:
    user: Object = {"metadata": {"name": "Anna O'Hara"}, "fullName": "Anna", "identities": ["ldap:anna", "git:a"]}
    made = (await wire.send("POST", USERS, user)).body
    assert await cells(wire, USERS) == [["Anna O'Hara", made["metadata"]["uid"], "Anna", "ldap:anna, git:a"]]
    path = f"{USERS}/Anna%20O'Hara"
    changed = await wire.send("PATCH", path, {"fullName": "A."}, content_type="application/merge-patch+json")
    assert changed.body["fullName"] == "A."
    assert (await wire.send("DELETE", path)).body["status"] == "Success"


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"metadata": {"name": "a:b"}}, 'metadata.name: Invalid value: "a:b": may not contain ":"'),
        ({"metadata": {"name": "~"}}, 'metadata.name: Invalid value: "~": may not equal "~"'),
        ({"metadata": {"name": ".."}}, "metadata.name: Invalid value: \"..\": may not be '..'"),
        (
            {"metadata": {"name": "anna"}, "identities": ["x"]},
            'identities[0]: Invalid value: "x": must be in the format <providerName>:<providerUserName>',
        ),
        (
            {"metadata": {"name": "anna"}, "groups": ["g"]},
            'groups: Invalid value: ["g"]: is deprecated and cannot be set',
        ),
    ],
)
async def test_no_such_user(wire: Http, user: Object, message: str) -> None:
    refused = await wire.send("POST", USERS, user)
    assert refused.code == 422
    assert refused.body["message"].endswith(f"is invalid: {message}")


async def test_a_name_that_no_user_can_have_is_refused_at_once(wire: Http) -> None:
    assert (await wire.send("GET", f"{USERS}/a:b")).code == 422
    assert (await wire.send("GET", f"{USERS}/nobody")).code == 404


# ------------------------------------------------------------------------------------------- version


async def test_the_version_of_the_cluster(wire: Http, api: Api) -> None:
    assert (await wire.send("GET", VERSIONS)).body["items"] == []
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": "kube-system"}})
    found = (await wire.send("GET", f"{VERSIONS}/version")).body
    name = version.openshift_version()
    assert name.startswith("4.22.0+pullscope-")
    assert found["kind"] == "ClusterVersion"
    assert (found["status"]["desired"]["version"], found["status"]["availableUpdates"]) == (name, None)
    (done,) = found["status"]["history"]
    assert (done["state"], done["version"], done["verified"]) == ("Completed", name, False)
    assert found["spec"]["clusterID"] == found["metadata"]["uid"]
    assert await cells(wire, VERSIONS) == [["version", name, "True", "False", "0s", f"Cluster version is {name}"]]
    assert (await wire.send("GET", f"{VERSIONS}/other")).code == 404
    for method, body in (("PUT", found), ("DELETE", None), ("PATCH", {})):
        assert (await wire.send(method, f"{VERSIONS}/version", body)).code == 405


# ----------------------------------------------------------------------------------------- templates


def template(**more: Any) -> Object:
    return {"metadata": {"name": "t", **more.pop("metadata", {})}, "objects": [{"a": 1}, {"b": 2}], **more}


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ([], "0 (all set)"),
        ([{"name": "A", "value": "a"}], "1 (all set)"),
        ([{"name": "A"}, {"name": "B", "value": "b"}], "2 (1 blank)"),
        ([{"name": "A", "generate": "expression"}], "1 (1 generated)"),
        ([{"name": "A", "generate": "expression"}, {"name": "B"}], "2 (1 blank)"),
    ],
)
async def test_templates_are_kept(wire: Http, parameters: list[Object], shown: str) -> None:
    made = await wire.send("POST", TEMPLATES, template(parameters=parameters))
    assert made.code == 201
    assert made.body["objects"] == [{"a": 1}, {"b": 2}]
    assert await cells(wire, TEMPLATES) == [["t", "", shown, 2]]


@pytest.mark.parametrize(
    ("text", "shown"), [("one\ntwo", "one..."), ("x" * 81, "x" * 77 + "..."), ("x" * 80, "x" * 80)]
)
async def test_descriptions_are_shortened(wire: Http, text: str, shown: str) -> None:
    await wire.send("POST", TEMPLATES, template(metadata={"annotations": {"description": text}}))
    assert (await cells(wire, TEMPLATES))[0][1] == shown


async def test_parameters_have_names(wire: Http) -> None:
    refused = await wire.send("POST", TEMPLATES, template(parameters=[{"value": "x"}, {"name": "a-b"}]))
    causes = {cause["field"]: cause["message"] for cause in refused.body["details"]["causes"]}
    assert causes == {
        "parameters[0].name": "Required value",
        "parameters[1].name": 'Invalid value: "a-b": does not match ^[a-zA-Z0-9_]+$',
    }


# ------------------------------------------------------------------------------------------- reviews


def review(**more: Any) -> Object:
    return {"namespace": "demo", "verb": "get", "resource": "pods", **more}


@pytest.mark.usefixtures("owner")
async def test_reviews_in_the_older_form(wire: Http) -> None:
    path = f"{REVIEWS}/subjectaccessreviews"
    # As oc status asks.
    asked = review(verb="create", resource="projectrequests", resourceAPIGroup="", content=None, user="", groups=None)
    allowed = await wire.send("POST", path, asked, token="kubeadmin")
    assert allowed.code == 201
    reason = allowed.body.pop("reason")
    assert allowed.body == {
        "kind": "SubjectAccessReviewResponse",
        "apiVersion": "authorization.openshift.io/v1",
        "namespace": "demo",
        "allowed": True,
    }
    assert "cluster-admin" in reason
    others = review(user="developer")
    assert (await wire.send("POST", path, others, token="kubeadmin")).body["allowed"] is True
    others = review(user="developer", namespace="default")
    assert (await wire.send("POST", path, others, token="kubeadmin")).body["allowed"] is False
    group = review(groups=["system:cluster-admins"], namespace="")
    assert (await wire.send("POST", path, group, token="kubeadmin")).body["allowed"] is True
    url = {"verb": "get", "isNonResourceURL": True, "path": "/metrics", "groups": ["system:monitoring"]}
    assert (await wire.send("POST", path, url, token="kubeadmin")).body["allowed"] is True
    part = review(resource="pods/exec", verb="create", user="developer")
    assert (await wire.send("POST", path, part, token="kubeadmin")).body["allowed"] is True


@pytest.mark.usefixtures("owner")
async def test_reviews_of_one_namespace(wire: Http) -> None:
    path = f"{REVIEWS}/namespaces/demo/localsubjectaccessreviews"
    mine = await wire.send("POST", path, review(namespace=""), token="developer")
    assert (mine.code, mine.body["allowed"], mine.body["namespace"]) == (201, True, "demo")
    theirs = await wire.send("POST", path, review(user="anna"), token="developer")
    assert (theirs.code, theirs.body["allowed"]) == (201, False)
    elsewhere = await wire.send("POST", path, review(namespace="default"), token="developer")
    assert (elsewhere.code, elsewhere.body["details"]["causes"][0]["field"]) == (422, "namespace")
    not_mine = f"{REVIEWS}/namespaces/default/localsubjectaccessreviews"
    assert (await wire.send("POST", not_mine, review(namespace=""), token="developer")).code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"resource": "pods"}, "verb"),
        ({"verb": "get"}, "resource"),
        ({"verb": "get", "isNonResourceURL": True}, "path"),
    ],
)
async def test_reviews_without_sense(wire: Http, body: Object, field: str) -> None:
    refused = await wire.send("POST", f"{REVIEWS}/subjectaccessreviews", body)
    assert (refused.code, refused.body["details"]["causes"][0]["field"]) == (422, field)


# -------------------------------------------------------------------------------------------- absent


@pytest.mark.parametrize("kind", absent.KINDS, ids=lambda kind: kind.resource.plural)
async def test_of_these_there_are_none(wire: Http, kind: Any) -> None:
    path = kind.resource.path("demo")
    listed = (await wire.send("GET", path)).body
    assert (listed["kind"], listed["items"]) == (f"{kind.resource.kind}List", [])
    assert await cells(wire, path) == []
    assert (await wire.send("GET", f"{path}/x")).code == 404
    made = await wire.send("POST", path, {"metadata": {"name": "x"}})
    assert (made.code, made.body["reason"]) == (405, "MethodNotAllowed")
    qualified = kind.resource.qualified
    assert made.body["message"].startswith(f'create is not supported on resources of kind "{qualified}": ')


# --------------------------------------------------------------------------------------------- paths


@pytest.mark.usefixtures("policy")
async def test_every_document_that_is_listed_is_there(wire: Http) -> None:
    listed = (await wire.send("GET", "/", token="developer")).body["paths"]
    assert listed == sorted(set(listed))
    assert {"/api/v1", "/apis/apps", "/apis/oauth.openshift.io/v1", "/.well-known/oauth-authorization-server"} <= {
        *listed
    }
    for path in listed:
        assert (await wire.send("GET", path)).code == 200, path
    assert (await wire.send("GET", "/", token=None)).code == 403
