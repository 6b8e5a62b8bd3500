"""Server-side apply over the wire, and with the real kubectl."""

import json
from typing import Any

import pytest
from tests.apiserver.kubectl import Kubectl
from tests.apiserver.support import DEPLOYMENTS, Answer, Http, deployment, pod

from pullscope.base.clock import SystemClock
from pullscope.kube import resources
from pullscope.kube.api import Api

Object = dict[str, Any]
APPLY = "application/apply-patch+yaml"
WEB = f"{DEPLOYMENTS}/web"


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


async def apply(wire: Http, config: Any, query: str = "fieldManager=ci", path: str = WEB) -> Answer:
    return await wire.send("PATCH", f"{path}?{query}", config, content_type=APPLY)


def managers(obj: Object) -> list[tuple[str, str, str]]:
    entries = obj["metadata"].get("managedFields", [])
    return [(entry["manager"], entry["operation"], entry.get("subresource", "")) for entry in entries]


def container(obj: Object) -> Object:
    found: Object = obj["spec"]["template"]["spec"]["containers"][0]
    return found


async def test_apply_creates_and_manages_what_it_says(wire: Http) -> None:
    made = await apply(wire, deployment(replicas=2))
    assert made.code == 201
    (entry,) = made.body["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], entry["apiVersion"]) == ("ci", "Apply", "apps/v1")
    assert entry["fieldsV1"] == {
        "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}, "f:name": {}}}},
            },
        }
    }
    assert container(made.body)["imagePullPolicy"] == "IfNotPresent", "defaulted, and nobody's"
    again = await apply(wire, deployment(replicas=2))
    assert (again.code, again.body) == (200, made.body), "nothing changed: no new version"


async def test_what_is_no_longer_applied_goes_back_to_its_default(wire: Http) -> None:
    await apply(wire, deployment(replicas=3, paused=True))
    later = await apply(wire, deployment())
    assert later.body["spec"]["replicas"] == 1
    assert "paused" not in later.body["spec"]
    assert later.body["metadata"]["generation"] == 2


async def test_conflicts_are_refused_and_forced(wire: Http) -> None:
    await apply(wire, deployment(replicas=3))
    await wire.send(
        "PATCH", f"{WEB}/scale?fieldManager=hpa", {"spec": {"replicas": 5}}, content_type="application/merge-patch+json"
    )
    refused = await apply(wire, deployment(replicas=3))
    assert (refused.code, refused.body["reason"]) == (409, "Conflict")
    who = 'conflict with "hpa" with subresource "scale" using apps/v1'
    assert refused.body["message"] == f"Apply failed with 1 conflict: {who}: .spec.replicas"
    assert refused.body["details"] == {
        "causes": [{"reason": "FieldManagerConflict", "message": who, "field": ".spec.replicas"}]
    }
    assert (await apply(wire, deployment())).body["spec"]["replicas"] == 5, "given up, it is the other's alone"
    forced = await apply(wire, deployment(replicas=3), "fieldManager=ci&force=true")
    assert (forced.body["spec"]["replicas"], managers(forced.body)) == (3, [("ci", "Apply", "")])


async def test_two_appliers_share_a_list_by_its_keys(wire: Http) -> None:
    await apply(wire, deployment())
    side = deployment()
    side["spec"] = {"template": {"spec": {"containers": [{"name": "side", "image": "registry.example/side:v1"}]}}}
    both = await apply(wire, side, "fieldManager=mesh")
    names = [each["name"] for each in both.body["spec"]["template"]["spec"]["containers"]]
    assert names == ["app", "side"]
    side["spec"] = {"paused": True}
    alone = await apply(wire, side, "fieldManager=mesh")
    assert [each["name"] for each in alone.body["spec"]["template"]["spec"]["containers"]] == ["app"]


async def test_a_dry_run_applies_nothing(wire: Http) -> None:
    tried = await apply(wire, deployment(), "fieldManager=ci&dryRun=All")
    assert (tried.code, managers(tried.body)) == (201, [("ci", "Apply", "")])
    assert (await wire.send("GET", WEB)).code == 404
    await apply(wire, deployment())
    tried = await apply(wire, deployment(replicas=7), "fieldManager=ci&dryRun=All")
    assert tried.body["spec"]["replicas"] == 7
    assert (await wire.send("GET", WEB)).body["spec"]["replicas"] == 1


async def test_status_is_applied_through_its_own_path(wire: Http) -> None:
    await apply(wire, {**deployment(), "status": {"replicas": 9}})
    made = (await wire.send("GET", WEB)).body
    assert "replicas" not in made["status"]
    state = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 9}}
    done = await apply(wire, {**state, "status": {"replicas": 1}}, "fieldManager=probe", f"{WEB}/status")
    assert (done.body["spec"]["replicas"], done.body["status"]["replicas"]) == (1, 1)
    assert managers(done.body) == [("ci", "Apply", ""), ("probe", "Apply", "status")]
    missing = await apply(wire, {**state, "metadata": {"name": "x"}}, path=f"{DEPLOYMENTS}/x/status")
    assert missing.code == 404, "a part makes no whole"


async def test_yaml_is_what_the_type_says(wire: Http) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: '1'\n"
    made = await apply(wire, text, path="/api/v1/namespaces/demo/configmaps/c")
    assert (made.code, made.body["data"]) == (201, {"a": "1"})


def _with(**fields: Any) -> Object:
    return {**deployment(), **fields}


SUBJECT = "failed to create typed patch object (/web; apps/v1, Kind=Deployment): "
PATCH_OPTIONS = 'PatchOptions.meta.k8s.io "" is invalid: '
REFUSED: list[tuple[str, Any, int, str | None]] = [
    ("", deployment(), 422, PATCH_OPTIONS + "fieldManager: Required value: is required for apply patch"),
    (
        "fieldManager=" + "x" * 129,
        deployment(),
        422,
        PATCH_OPTIONS + "fieldManager: Too long: must have at most 128 bytes",
    ),
    (
        "fieldManager=a%07",
        deployment(),
        422,
        PATCH_OPTIONS + 'fieldManager: Invalid value: "a\\a": invalid character U+0007 (at position 1)',
    ),
    ("fieldManager=ci", _with(kind="Pod"), 400, "invalid object type: apps/v1, Kind=Pod"),
    ("fieldManager=ci", {"metadata": {"name": "web"}}, 400, "invalid object type: /, Kind="),
    ("fieldManager=ci", _with(apiVersion="v1"), 400, "invalid object type: /v1, Kind=Deployment"),
    (
        "fieldManager=ci",
        _with(metadata={"name": "web", "managedFields": []}),
        400,
        "metadata.managedFields must be nil",
    ),
    ("fieldManager=ci", deployment(replica=1), 400, SUBJECT + ".spec.replica: field not declared in schema"),
    (
        "fieldManager=ci",
        deployment(replicas="1"),
        400,
        SUBJECT + ".spec.replicas: expected numeric (int or float), got string",
    ),
    ("fieldManager=ci", _with(metadata=[]), 400, None),
    (
        "fieldManager=ci",
        _with(metadata={"name": "other"}),
        400,
        "the name of the object (other) does not match the name on the URL (web)",
    ),
    (
        "fieldManager=ci",
        _with(metadata={}),
        400,
        "the name of the object (web based on URL) was undeterminable: name must be provided",
    ),
    (
        "fieldManager=ci",
        _with(metadata={"name": "web", "uid": "u"}),
        409,
        (
            'Operation cannot be fulfilled on deployments.apps "web": uid mismatch: '
            "the provided object specified uid u, and no existing object was found"
        ),
    ),
    ("fieldManager=ci", b"{", 400, None),
    ("fieldManager=ci", b"", 400, None),
    ("fieldManager=ci", [], 400, None),
    ("fieldManager=ci", b"a: &x [*x]", 400, None),
    ("fieldManager=ci", deployment(selector={}), 422, None),
    (
        "fieldManager=ci&fieldValidation=Strict",
        b"apiVersion: apps/v1\nkind: Deployment\nkind: Deployment\nmetadata:\n  name: web\n  name: web\n",
        400,
        (
            "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
            '  line 3: key "kind" already set in map\n  line 6: key "name" already set in map'
        ),
    ),
]


@pytest.mark.parametrize(("query", "config", "code", "message"), REFUSED)
async def test_what_cannot_be_applied(wire: Http, query: str, config: Any, code: int, message: str | None) -> None:
    answer = await apply(wire, config, query)
    assert answer.code == code, answer.body
    assert message is None or answer.body["message"] == message
    assert (await wire.send("GET", WEB)).code == 404


async def test_doubled_keys_are_warned_of(wire: Http) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: '1'\n  a: '2'\n"
    made = await apply(wire, text, path="/api/v1/namespaces/demo/configmaps/c")
    assert made.code == 201
    assert len(made.warnings) == 1
    assert 'key \\"a\\" already set in map' in made.warnings[0]


async def test_json_with_characters_that_yaml_lacks_is_applied(wire: Http) -> None:
    text = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"\x7f"}}'
    made = await apply(wire, text, path="/api/v1/namespaces/demo/configmaps/c")
    assert (made.code, made.body["data"]) == (201, {"a": "\x7f"})


async def test_where_apply_is_not_supported(wire: Http) -> None:
    await apply(wire, deployment())
    answer = await wire.send("PATCH", WEB, b"x", content_type="application/apply-patch+cbor")
    assert answer.code == 415
    assert answer.body["message"].endswith("application/strategic-merge-patch+json, application/apply-patch+yaml")


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [("POST", DEPLOYMENTS, "CreateOptions"), ("PUT", WEB, "UpdateOptions"), ("PATCH", WEB, "PatchOptions")],
)
async def test_managers_of_other_writes_are_checked_too(wire: Http, method: str, path: str, kind: str) -> None:
    media = "application/merge-patch+json" if method == "PATCH" else "application/json"
    answer = await wire.send(method, f"{path}?fieldManager={'x' * 129}", deployment(), content_type=media)
    assert (answer.code, answer.body["message"]) == (
        422,
        f'{kind}.meta.k8s.io "" is invalid: fieldManager: Too long: must have at most 128 bytes',
    )


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", DEPLOYMENTS, "CreateOptions"),
        ("PUT", WEB, "UpdateOptions"),
        ("PATCH", WEB, "PatchOptions"),
        ("DELETE", WEB, "DeleteOptions"),
    ],
)
async def test_options_that_there_are_not(wire: Http, method: str, path: str, kind: str) -> None:
    media = "application/merge-patch+json" if method == "PATCH" else "application/json"
    body = {} if method == "DELETE" else deployment()
    answer = await wire.send(method, f"{path}?dryRun=Some", body, content_type=media)
    why = 'dryRun: Unsupported value: ["Some"]: supported values: "All"'
    assert (answer.code, answer.body["message"]) == (422, f'{kind}.meta.k8s.io "" is invalid: {why}')
    if method == "DELETE":
        return
    answer = await wire.send(method, f"{path}?fieldValidation=Some", body, content_type=media)
    why = 'fieldValidation: Unsupported value: "Some": supported values: "", "Ignore", "Strict", "Warn"'
    assert (answer.code, answer.body["message"]) == (422, f'{kind}.meta.k8s.io "" is invalid: {why}')


async def test_force_is_for_apply_alone(wire: Http) -> None:
    answer = await wire.send("PATCH", f"{WEB}?force=true", {}, content_type="application/merge-patch+json")
    assert (answer.code, answer.body["message"]) == (
        422,
        PATCH_OPTIONS + "force: Forbidden: may not be specified for non-apply patch",
    )


async def test_who_may_not_create_may_not_apply_what_is_not_there(wire: Http) -> None:
    answer = await wire.send("PATCH", f"{WEB}?fieldManager=ci", deployment(), content_type=APPLY, token=None)
    assert answer.code == 403


async def test_a_namespace_that_is_not_there(wire: Http) -> None:
    path = "/apis/apps/v1/namespaces/none/deployments/web"
    answer = await apply(wire, deployment(), path=path)
    assert (answer.code, answer.body["message"]) == (404, 'namespaces "none" not found')


# kubectl


async def test_kubectl_applies_server_side(kubectl: Kubectl, api: Api) -> None:
    serverside = ("apply", "--server-side", "-f", "-")
    assert await kubectl(*serverside, given=deployment(replicas=2)) == "deployment.apps/web serverside-applied\n"
    shown = json.loads(await kubectl("get", "deployment", "web", "-o", "json", "--show-managed-fields"))
    assert managers(shown) == [("kubectl", "Apply", "")]
    assert "managedFields" not in json.loads(await kubectl("get", "deployment", "web", "-o", "json"))["metadata"]
    await kubectl("scale", "deployment/web", "--replicas=4")
    refused = await kubectl(*serverside, given=deployment(replicas=2), code=1)
    assert (
        'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas'
        in refused
    )
    assert "--force-conflicts" in refused
    assert await kubectl(*serverside, "--dry-run=server", "--force-conflicts", given=deployment(replicas=2)) != ""
    assert (await api.get(resources.DEPLOYMENTS, "demo", "web"))["spec"]["replicas"] == 4
    await kubectl(*serverside, "--force-conflicts", given=deployment(replicas=2))
    assert (await api.get(resources.DEPLOYMENTS, "demo", "web"))["spec"]["replicas"] == 2
    strict = await kubectl(*serverside, given=deployment(replica=2), code=1)
    assert "field not declared in schema" in strict


async def test_kubectl_goes_from_client_side_to_server_side(kubectl: Kubectl, api: Api) -> None:
    await kubectl("apply", "-f", "-", given=deployment(replicas=2))
    assert await kubectl("apply", "--server-side", "-f", "-", given=deployment(replicas=3)) == (
        "deployment.apps/web serverside-applied\n"
    )
    made = await api.get(resources.DEPLOYMENTS, "demo", "web")
    assert made["spec"]["replicas"] == 3
    assert sorted(managers(made)) == [("kubectl", "Apply", ""), ("kubectl-last-applied", "Apply", "")]
    config = deployment()
    config["spec"]["paused"] = True
    await kubectl("apply", "--server-side", "-f", "-", given=config)
    made = await api.get(resources.DEPLOYMENTS, "demo", "web")
    assert made["spec"]["paused"] is True
    assert made["spec"]["replicas"] == 1, "what was applied client-side went over to kubectl, and with it goes"


async def test_kubectl_applies_pods_and_config_maps(kubectl: Kubectl) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1", "b": "2"}}
    for given in (pod(), config):
        await kubectl("apply", "--server-side", "-f", "-", given=given)
    await kubectl("apply", "--server-side", "-f", "-", given={**config, "data": {"a": "1"}})
    assert await kubectl("get", "configmap", "c", "-o", "jsonpath={.data}") == '{"a":"1"}'
    assert (await kubectl("get", "pod", "web", "-o", "name")) == "pod/web\n"


def scale(replicas: int) -> Object:
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "web"},
        "spec": {"replicas": replicas},
    }


async def test_a_scale_is_applied_to_what_it_scales(wire: Http) -> None:
    await apply(wire, deployment())
    path = f"{DEPLOYMENTS}/web/scale?fieldManager=scaler"
    scaled = await wire.send("PATCH", path, scale(3), content_type=APPLY)
    assert (scaled.code, scaled.body["kind"], scaled.body["spec"]) == (200, "Scale", {"replicas": 3})
    made = (await wire.send("GET", f"{DEPLOYMENTS}/web")).body
    assert made["spec"]["replicas"] == 3
    entry = next(each for each in made["metadata"]["managedFields"] if each["manager"] == "scaler")
    assert (entry["operation"], entry["subresource"], entry["apiVersion"]) == ("Apply", "scale", "apps/v1")
    assert entry["fieldsV1"] == {"f:spec": {"f:replicas": {}}}


async def test_scales_conflict_like_other_configurations(wire: Http) -> None:
    await apply(wire, deployment(replicas=1))
    path = f"{DEPLOYMENTS}/web/scale?fieldManager=scaler"
    refused = await wire.send("PATCH", path, scale(3), content_type=APPLY)
    assert (refused.code, refused.body["reason"]) == (409, "Conflict")
    assert ".spec.replicas" in refused.body["message"]
    forced = await wire.send("PATCH", f"{path}&force=true", scale(3), content_type=APPLY)
    assert forced.body["spec"]["replicas"] == 3


async def test_a_scale_of_nothing_makes_nothing(wire: Http) -> None:
    path = f"{DEPLOYMENTS}/web/scale?fieldManager=scaler"
    assert (await wire.send("PATCH", path, scale(3), content_type=APPLY)).code == 404
    assert (await wire.send("GET", f"{DEPLOYMENTS}/web")).code == 404
    wrong = await wire.send("PATCH", path, deployment(), content_type=APPLY)
    assert (wrong.code, wrong.body["message"]) == (400, "invalid object type: apps/v1, Kind=Deployment")
