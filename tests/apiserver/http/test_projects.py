"""Projects over the wire: requested, listed to those who may see them, followed, changed and deleted."""

import asyncio
from typing import Any

import orjson
import pytest
from tests.apiserver.support import TABLE, Answer, Http, until

from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, Object, UserInfo

GROUP = "/apis/project.openshift.io/v1"
PROJECTS, REQUESTS = f"{GROUP}/projects", f"{GROUP}/projectrequests"
pytestmark = pytest.mark.usefixtures("policy")


async def request(wire: Http, name: str = "mine", *, token: str = "developer", **more: Any) -> Answer:
    return await wire.send("POST", REQUESTS, {"metadata": {"name": name}, **more}, token=token)


async def names(wire: Http, token: str, query: str = "") -> list[str]:
    answer = await wire.send("GET", f"{PROJECTS}{query}", token=token)
    assert (answer.code, answer.body["kind"]) == (200, "ProjectList")
    return [project["metadata"]["name"] for project in answer.body["items"]]


def letting_in(user: str) -> Object:
    reference = {"kind": "ClusterRole", "name": "view"}
    return {"metadata": {"name": user}, "roleRef": reference, "subjects": [{"kind": "User", "name": user}]}


async def test_a_request_makes_a_project_of_ones_own(wire: Http, api: Api) -> None:
    answer = await request(wire, displayName="My own", description="to try")
    assert (answer.code, answer.body["kind"], answer.body["status"]) == (201, "Project", {"phase": "Active"})
    annotations = {
        "openshift.io/description": "to try",
        "openshift.io/display-name": "My own",
        "openshift.io/requester": "developer",
    }
    assert answer.body["metadata"]["annotations"] == annotations
    namespace = await api.get(resources.NAMESPACES, None, "mine")
    assert (namespace["kind"], namespace["metadata"]["annotations"]) == ("Namespace", annotations)
    binding = await api.get(resources.ROLE_BINDINGS, "mine", "admin")
    assert (binding["roleRef"]["name"], binding["subjects"][0]["name"]) == ("admin", "developer")
    assert await names(wire, "developer") == ["mine"]
    again = await request(wire)
    assert (again.code, again.body["message"]) == (409, 'project.project.openshift.io "mine" already exists')


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("x", 422, 'metadata.name: Invalid value: "x": must be at least 2 characters long'),
        (
            "kube",
            403,
            'project.project.openshift.io "kube" is forbidden: cannot request a project with the name "kube"',
        ),
        (
            "openshift-mine",
            403,
            'project.project.openshift.io "openshift-mine" is forbidden: cannot request a project starting with "openshift-"',
        ),
        ("default", 409, 'project.project.openshift.io "default" already exists'),
    ],
)
async def test_names_that_cannot_be_had(wire: Http, name: str, code: int, message: str) -> None:
    answer = await request(wire, name)
    assert (answer.code, answer.body["message"].rpartition(" is invalid: ")[2]) == (code, message)


async def test_a_dry_run_makes_nothing(wire: Http) -> None:
    answer = await wire.send("POST", f"{REQUESTS}?dryRun=All", {"metadata": {"name": "mine"}}, token="developer")
    assert (answer.code, await names(wire, "developer")) == (201, [])


async def test_whether_one_may_request_projects(wire: Http, server: ApiServer, api: Api) -> None:
    answer = await wire.send("GET", REQUESTS, token="developer")
    assert (answer.code, answer.body["kind"], answer.body["status"]) == (200, "Status", "Success")
    await api.delete(resources.CLUSTER_ROLE_BINDINGS, None, "self-provisioners")
    answer = await wire.send("GET", REQUESTS, token="developer")
    assert (answer.code, answer.body["message"]) == (403, "You may not request a new project via this API.")
    assert (await request(wire)).code == 403


async def test_everyone_sees_their_own(wire: Http, server: ApiServer, api: Api) -> None:
    server.tokens.add("anna", UserInfo("anna", groups=("system:authenticated:oauth",)))
    for name, token in (("first", "developer"), ("second", "anna"), ("third", "developer")):
        assert (await request(wire, name, token=token)).code == 201
    assert await names(wire, "developer") == ["first", "third"]
    assert await names(wire, "anna") == ["second"]
    assert await names(wire, "kubeadmin") == ["default", "demo", "first", "openshift", "second", "third"]
    await api.create(resources.ROLE_BINDINGS, "third", letting_in("anna"))
    assert await names(wire, "anna") == ["second", "third"]
    refused = await wire.send("GET", f"{PROJECTS}/first", token="anna")
    why = 'User "anna" cannot get resource "projects" in API group "project.openshift.io" in the namespace "first"'
    assert (refused.code, refused.body["message"]) == (
        403,
        f'projects.project.openshift.io "first" is forbidden: {why}',
    )


async def test_lists_are_selected_cut_and_printed(wire: Http) -> None:
    for name in ("a1", "b2", "c3"):
        await request(wire, name, displayName=name.upper())
    assert await names(wire, "developer", "?fieldSelector=metadata.name%3Db2") == ["b2"]
    assert await names(wire, "developer", "?labelSelector=kubernetes.io/metadata.name%3Da1") == ["a1"]
    first = (await wire.send("GET", f"{PROJECTS}?limit=2", token="developer")).body
    await request(wire, "a2")
    rest = await names(wire, "developer", f"?limit=2&continue={first['metadata']['continue']}")
    assert ([project["metadata"]["name"] for project in first["items"]], rest) == (["a1", "b2"], ["c3"])
    table = (await wire.send("GET", PROJECTS, token="developer", accept=TABLE)).body
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Display Name", "Status"]
    assert table["rows"][0]["cells"] == ["a1", "A1", "Active"]


async def test_what_its_owner_may_change(wire: Http) -> None:
    await request(wire)
    merge = "application/merge-patch+json"

    async def patch(body: Object) -> Answer:
        return await wire.send("PATCH", f"{PROJECTS}/mine", body, token="developer", content_type=merge)

    shown = {"metadata": {"annotations": {"openshift.io/display-name": "New"}}}
    assert (await patch(shown)).body["metadata"]["annotations"]["openshift.io/display-name"] == "New"
    for field in ("annotations", "labels"):
        answer = await patch({"metadata": {field: {"a": "b"}}})
        why = f'metadata.{field}[a]: Invalid value: "b": field is immutable, try updating the namespace'
        assert (answer.code, answer.body["message"]) == (422, f'Project.project.openshift.io "mine" is invalid: {why}')
    assert (await patch({"metadata": {"annotations": {"openshift.io/requester": None}}})).code == 422
    assert (await patch({"spec": {"finalizers": []}})).body["spec"] == {"finalizers": ["kubernetes"]}
    old = (await wire.send("GET", f"{PROJECTS}/mine", token="developer")).body
    old["metadata"]["resourceVersion"] = "1"
    assert (await wire.send("PUT", f"{PROJECTS}/mine", old, token="developer")).code == 409


async def test_applied_fields_have_managers_in_both_views(wire: Http, api: Api) -> None:
    await request(wire)
    config = {
        "apiVersion": "project.openshift.io/v1",
        "kind": "Project",
        "metadata": {"name": "mine", "annotations": {"openshift.io/description": "applied"}},
    }
    path = f"{PROJECTS}/mine?fieldManager=me"
    media = "application/apply-patch+yaml"
    refused = await wire.send("PATCH", path, config, token="developer", content_type=media)
    assert (refused.code, 'conflict with "openshift-apiserver"' in refused.body["message"]) == (409, True)
    applied = (await wire.send("PATCH", f"{path}&force=true", config, token="developer", content_type=media)).body
    namespace = await api.get(resources.NAMESPACES, None, "mine")
    for obj in (applied, namespace):
        managers = [(entry["manager"], entry["apiVersion"]) for entry in obj["metadata"]["managedFields"]]
        assert managers == [("me", obj["apiVersion"]), ("openshift-apiserver", obj["apiVersion"])]


async def test_deleting_one_is_the_end_of_its_namespace(wire: Http, api: Api) -> None:
    await request(wire)
    answer = await wire.send("DELETE", f"{PROJECTS}/mine", token="developer")
    assert (answer.code, answer.body["status"]) == (200, "Success")
    namespace = await api.get(resources.NAMESPACES, None, "mine")
    assert namespace["status"]["phase"] == "Terminating"
    assert (await wire.send("DELETE", f"{PROJECTS}/default", token="kubeadmin")).code == 403


async def test_administrators_make_projects_directly(wire: Http) -> None:
    body = {"metadata": {"name": "plain", "annotations": {"openshift.io/display-name": "a\tb"}}}
    answer = await wire.send("POST", PROJECTS, body, token="kubeadmin")
    why = r'metadata.annotations[openshift.io/display-name]: Invalid value: "a\tb": may not contain a new line or tab'
    assert (answer.code, answer.body["message"].endswith(why)) == (422, True)
    assert (await wire.send("POST", PROJECTS, {"metadata": {"name": "plain"}}, token="kubeadmin")).code == 201
    assert (await wire.send("POST", PROJECTS, {"metadata": {"name": "other"}}, token="developer")).code == 403


# --------------------------------------------------------------------- watches


class Followed:
    """The events of a watch, one after the other: type, name and phase."""

    def __init__(self, response: Any) -> None:
        self._response = response

    async def __call__(self) -> tuple[str, str, str]:
        event = orjson.loads(await asyncio.wait_for(self._response.content.readline(), 5))
        obj = event["object"]
        return event["type"], obj["metadata"].get("name", ""), (obj.get("status") or {}).get("phase", "")


async def test_a_watch_sees_projects_come_and_go(wire: Http, api: Api) -> None:
    await request(wire, "before")
    async with wire.request("GET", f"{PROJECTS}?watch=true", token="developer") as response:
        event = Followed(response)
        assert await event() == ("ADDED", "before", "Active")
        await request(wire, "mine")
        assert await event() == ("ADDED", "mine", "Active")
        await api.create(resources.ROLE_BINDINGS, "demo", letting_in("developer"))
        assert await event() == ("ADDED", "demo", "Active")
        await api.delete(resources.ROLE_BINDINGS, "demo", "developer")
        assert await event() == ("DELETED", "demo", "Active")
        await wire.send("DELETE", f"{PROJECTS}/mine", token="developer")
        assert await event() == ("MODIFIED", "mine", "Terminating")


async def test_a_watch_from_a_list_misses_nothing(wire: Http) -> None:
    version = (await wire.send("GET", PROJECTS, token="developer")).body["metadata"]["resourceVersion"]
    await request(wire, "mine")
    path = f"{PROJECTS}?watch=true&resourceVersion={version}&fieldSelector=metadata.name%3Dmine"
    async with wire.request("GET", path, token="developer") as response:
        assert await Followed(response)() == ("ADDED", "mine", "Active")


async def test_what_came_and_went_between_list_and_watch(wire: Http, api: Api) -> None:
    """As the roles of then let it be seen, which others now do not."""
    await request(wire, "mine")
    await api.create(resources.ROLE_BINDINGS, "demo", letting_in("developer"))
    version = (await wire.send("GET", PROJECTS, token="developer")).body["metadata"]["resourceVersion"]
    await api.delete(resources.ROLE_BINDINGS, "demo", "developer")
    await api.delete(resources.ROLE_BINDINGS, "mine", "admin")
    await api.create(resources.ROLE_BINDINGS, "openshift", letting_in("developer"))
    await api.delete(resources.NAMESPACES, None, "demo")
    async with wire.request("GET", f"{PROJECTS}?watch=true&resourceVersion={version}", token="developer") as response:
        event = Followed(response)
        assert [await event() for _ in range(3)] == [
            ("DELETED", "demo", "Active"),
            ("DELETED", "mine", "Active"),
            ("ADDED", "openshift", "Active"),
        ]


async def test_two_projects_that_go_at_once_both_go(wire: Http, api: Api) -> None:
    """They go at one revision, and are two lines."""
    await api.create(resources.CLUSTER_ROLE_BINDINGS, None, letting_in("developer"))
    async with wire.request("GET", f"{PROJECTS}?watch=true", token="developer") as response:
        event = Followed(response)
        assert {await event() for _ in range(3)} == {
            ("ADDED", name, "Active") for name in ("default", "demo", "openshift")
        }
        await api.delete(resources.CLUSTER_ROLE_BINDINGS, None, "developer")
        gone = {await event() for _ in range(3)}
        assert gone == {("DELETED", name, "Active") for name in ("default", "demo", "openshift")}


async def test_a_watch_of_projects_and_one_of_namespaces_are_not_confused(wire: Http) -> None:
    async with (
        wire.request("GET", f"{PROJECTS}?watch=true&resourceVersion=0&limit=1", token="kubeadmin") as projects,
        wire.request("GET", "/api/v1/namespaces?watch=true", token="kubeadmin") as namespaces,
    ):
        for response, kind in ((namespaces, "Namespace"), (projects, "Project")):
            event = orjson.loads(await asyncio.wait_for(response.content.readline(), 5))
            assert (event["type"], event["object"]["kind"]) == ("ADDED", kind)


async def test_a_watch_that_ends_leaves_nothing_behind(wire: Http, server: ApiServer) -> None:
    store = server._services.store
    before = len(store._observers)
    async with wire.request("GET", f"{PROJECTS}?watch=true&timeoutSeconds=1", token="developer"):
        assert len(store._observers) == before + 1
    await until(lambda: len(store._observers) == before)
