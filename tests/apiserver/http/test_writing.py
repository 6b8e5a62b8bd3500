"""POST, PUT, PATCH and DELETE over the socket: bodies, their checks, and the recorded answers."""

import io
from typing import Any

import pytest
from tests.apiserver.support import DEPLOYMENTS, PODS, Answer, Http, deployment, pod

from pullscope.apiserver.decoding import BODY_MAX
from pullscope.kube import resources
from pullscope.kube.api import Api

STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
CONFIG_MAPS = "/api/v1/namespaces/demo/configmaps"


async def test_create(wire: Http) -> None:
    answer = await wire.send(
        "POST", f"{DEPLOYMENTS}?fieldManager=kubectl-client-side-apply&fieldValidation=Strict", deployment()
    )
    assert (answer.code, answer.body["kind"], answer.body["metadata"]["generation"]) == (201, "Deployment", 1)
    again = await wire.send("POST", DEPLOYMENTS, deployment())
    assert (again.code, again.body["message"]) == (409, 'deployments.apps "web" already exists')
    assert again.body["details"] == {"name": "web", "group": "apps", "kind": "deployments"}


async def test_a_body_needs_no_kind_and_no_content_type(wire: Http) -> None:
    bare = {"metadata": {"name": "c"}, "data": {"a": "b"}}
    answer = await wire.send("POST", "/api/v1/namespaces/demo/configmaps", bare, content_type=None)
    assert (answer.code, answer.body["kind"], answer.body["apiVersion"]) == (201, "ConfigMap", "v1")


async def test_yaml(wire: Http) -> None:
    body = b"kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: c\n  annotations: {when: '2020-01-01'}\ndata: {a: 'yes'}\n"
    answer = await wire.send("POST", "/api/v1/namespaces/demo/configmaps", body, content_type="application/yaml")
    assert (answer.code, answer.body["data"]) == (201, {"a": "yes"})


async def test_protobuf(wire: Http) -> None:
    """What `kubectl create namespace demo2` sends."""
    body = b'k8s\x00\n\x0f\n\x02v1\x12\tNamespace\x12\x19\n\x13\n\x05demo2\x12\x00\x1a\x00"\x00*\x002\x008\x00\x12\x00\x1a\x00\x1a\x00"\x00'
    answer = await wire.send("POST", "/api/v1/namespaces", body, content_type="application/vnd.kubernetes.protobuf")
    assert (answer.code, answer.body["metadata"]["name"]) == (201, "demo2")
    assert answer.body["status"] == {"phase": "Active"}


@pytest.mark.parametrize(
    ("body", "content_type", "code", "reason", "message"),
    [
        (b"{", "application/json", 400, "BadRequest", "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: "),
        (b"", "application/json", 400, "BadRequest", "json parse error: unexpected end of JSON input (<empty>)"),
        (b"[]", "application/json", 400, "BadRequest", "json: cannot unmarshal array into Go value"),
        (b'"x"', "application/json", 400, "BadRequest", "json: cannot unmarshal string into Go value"),
        (b"null", "application/json", 400, "BadRequest", "json: cannot unmarshal null into Go value"),
        (b"\xff\xfe", "application/json", 400, "BadRequest", "(fffe)"),
        (b"a: [", "application/yaml", 400, "BadRequest", "yaml: "),
        (b"a: &a [1]\nb: *a\n", "application/yaml", 400, "BadRequest", "yaml: aliases are not supported"),
        (b"k8s\x00\xff", "application/vnd.kubernetes.protobuf", 400, "BadRequest", "the object provided is unrecognized"),
        (b"{}", "text/plain", 415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"),
        (b'{"kind":"Deployment","apiVersion":"apps/v1"}', "application/json", 400, "BadRequest", 'Deployment in version "v1" cannot be handled as a Pod: converting (v1.Deployment) to (core.Pod): unknown conversion'),
        (b'{"kind":"Pod","apiVersion":"v2"}', "application/json", 400, "BadRequest", "the API version in the data (v2) does not match the expected API version (v1)"),
        (b'{"metadata":{"name":"x","namespace":"other"}}', "application/json", 400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request"),
        (b'{"metadata":{"name":"x","resourceVersion":"1"}}', "application/json", 400, "BadRequest", "resourceVersion should not be set on objects to be created"),
        (b"{}", "application/json", 422, "Invalid", 'Pod "" is invalid: [metadata.name: Required value: name or generateName is required, spec.containers: Required value]'),
    ],
)  # fmt: skip
async def test_bodies_that_are_refused(
    wire: Http, body: bytes, content_type: str, code: int, reason: str, message: str
) -> None:
    answer = await wire.send("POST", PODS, body, content_type=content_type)
    assert (answer.code, answer.body["reason"]) == (code, reason)
    assert message in answer.body["message"]


async def test_bodies_that_are_too_large(wire: Http) -> None:
    async with wire.request("POST", PODS, data=io.BytesIO(b" " * (BODY_MAX + 1))) as response:
        answer = Answer(response.status, await response.json(), response.headers)
    assert (answer.code, answer.body["message"]) == (413, "Request entity too large: limit is 3145728")

    async def endless() -> Any:
        for _ in range(64):
            yield b" " * 65536

    async with wire.request("POST", PODS, data=endless()) as response:
        assert response.status == 413


async def test_dry_run_keeps_nothing(wire: Http) -> None:
    answer = await wire.send("POST", f"{PODS}?dryRun=All", pod())
    assert (answer.code, answer.body["spec"]["containers"][0]["imagePullPolicy"]) == (201, "IfNotPresent")
    assert (await wire.send("GET", f"{PODS}/web")).code == 404
    await wire.send("POST", PODS, pod())
    answer = await wire.send(
        "PATCH", f"{PODS}/web?dryRun=All", {"metadata": {"labels": {"a": "b"}}}, content_type=MERGE
    )
    assert answer.body["metadata"]["labels"] == {"a": "b"}
    await wire.send("DELETE", f"{PODS}/web", {"dryRun": ["All"]})
    assert "labels" not in (await wire.send("GET", f"{PODS}/web")).body["metadata"]
    assert (await wire.send("POST", f"{PODS}?dryRun=Some", pod("x"))).code == 422


async def test_replace(wire: Http) -> None:
    made = (await wire.send("POST", DEPLOYMENTS, deployment())).body
    made["spec"]["replicas"] = 3
    made["status"] = {"replicas": 99}
    answer = await wire.send("PUT", f"{DEPLOYMENTS}/web", made)
    assert (answer.code, answer.body["spec"]["replicas"], answer.body["status"]) == (200, 3, {})
    assert (await wire.send("PUT", f"{DEPLOYMENTS}/web", made)).code == 409
    assert (await wire.send("PUT", f"{DEPLOYMENTS}/other", made)).body["message"] == (
        "the name of the object (web) does not match the name on the URL (other)"
    )
    assert (await wire.send("PUT", f"{DEPLOYMENTS}/gone", deployment("gone"))).code == 404


@pytest.mark.parametrize(
    ("content_type", "patch"),
    [
        (MERGE, {"metadata": {"labels": {"a": "b"}}}),
        (STRATEGIC, {"metadata": {"labels": {"a": "b"}}}),
        (JSON_PATCH, [{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]),
    ],
)
async def test_patches(wire: Http, content_type: str, patch: Any) -> None:
    await wire.send("POST", PODS, pod())
    answer = await wire.send("PATCH", f"{PODS}/web?fieldManager=kubectl-patch", patch, content_type=content_type)
    assert (answer.code, answer.body["metadata"]["labels"]) == (200, {"a": "b"})


async def test_set_image_as_kubectl_sends_it(wire: Http) -> None:
    two = [{"name": "app", "image": "a:v1"}, {"name": "side", "image": "s:v1"}]
    made = deployment()
    made["spec"]["template"]["spec"]["containers"] = two
    await wire.send("POST", DEPLOYMENTS, made)
    order = [{"name": "app"}, {"name": "side"}]
    patch = {"$setElementOrder/containers": order, "containers": [{"image": "a:v2", "name": "app"}]}
    body = {"spec": {"template": {"spec": patch}}}
    answer = await wire.send("PATCH", f"{DEPLOYMENTS}/web?fieldManager=kubectl-set", body, content_type=STRATEGIC)
    images = [each["image"] for each in answer.body["spec"]["template"]["spec"]["containers"]]
    assert (answer.code, images, answer.body["metadata"]["generation"]) == (200, ["a:v2", "s:v1"], 2)


@pytest.mark.parametrize(
    ("content_type", "patch", "code"),
    [
        ("application/json", b"{}", 415),
        (MERGE, b"{", 400),
        (MERGE, b"[]", 400),
        (JSON_PATCH, b"{}", 400),
        (JSON_PATCH, b'[{"op":"remove","path":"/nosuch"}]', 422),
        (MERGE, b'{"kind":"Deployment"}', 400),
        (MERGE, b'{"metadata":{"name":"other"}}', 400),
        (MERGE, b'{"spec":{"dnsPolicy":"Default"}}', 422),
        (MERGE, b'{"spec":' * 900 + b"{}" + b"}" * 900, 400),
    ],
)
async def test_patches_that_are_refused(wire: Http, content_type: str, patch: bytes, code: int) -> None:
    await wire.send("POST", PODS, pod())
    answer = await wire.send("PATCH", f"{PODS}/web", patch, content_type=content_type)
    assert (answer.code, answer.body["kind"]) == (code, "Status"), answer.body
    assert answer.body["message"]


async def test_a_pull_policy_at_the_wrong_level_is_dropped_without_a_word_for_oc(wire: Http) -> None:
    wrong = deployment()
    wrong["spec"]["template"]["spec"]["imagePullPolicy"] = "Always"
    wrong["spec"]["template"]["spec"]["containers"][0].pop("imagePullPolicy", None)
    strict = await wire.send("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", wrong)
    assert 'strict decoding error: unknown field "spec.template.spec.imagePullPolicy"' in strict.body["message"]
    made = await wire.send("POST", f"{DEPLOYMENTS}?fieldValidation=Ignore", wrong)
    assert (made.code, made.warnings) == (201, [])
    spec = made.body["spec"]["template"]["spec"]
    assert "imagePullPolicy" not in spec
    assert spec["containers"][0]["imagePullPolicy"] == "IfNotPresent"


async def test_unknown_fields_are_warned_of_refused_or_dropped(wire: Http) -> None:
    odd = {**pod(), "odd": 1}
    odd["spec"]["containers"][0]["imagePulPolicy"] = "Always"
    strict = await wire.send("POST", f"{PODS}?fieldValidation=Strict", odd)
    unknown = ['unknown field "odd"', 'unknown field "spec.containers[0].imagePulPolicy"']
    assert (strict.code, strict.body["message"]) == (
        400,
        f'Pod in version "v1" cannot be handled as a Pod: strict decoding error: {unknown[1]}, {unknown[0]}',
    )
    warned = await wire.send("POST", f"{PODS}?dryRun=All", odd)
    quoted = [text.replace('"', '\\"') for text in unknown]
    assert (warned.code, sorted(warned.warnings)) == (201, sorted(f'299 - "{text}"' for text in quoted))
    ignored = await wire.send("POST", f"{PODS}?fieldValidation=Ignore", odd)
    assert (ignored.code, ignored.warnings, "odd" in ignored.body) == (201, [], False)
    doubled = b'{"metadata":{"name":"c"},"data":{"a":"b"},"data":{"a":"c"}}'
    answer = await wire.send("POST", "/api/v1/namespaces/demo/configmaps?fieldValidation=Strict", doubled)
    assert 'strict decoding error: duplicate field "data"' in answer.body["message"]
    many = {**pod("many"), **{f"odd{index}": 1 for index in range(1000)}}
    flood = await wire.send("POST", PODS, many)
    assert flood.code == 201
    assert len(flood.warnings) == 50
    assert (await wire.send("POST", f"{PODS}?fieldValidation=Maybe", pod("x"))).code == 422


async def test_types_are_checked_in_the_words_of_go(wire: Http) -> None:
    answer = await wire.send("POST", DEPLOYMENTS, deployment(replicas="3"))
    assert (answer.code, answer.body["message"]) == (
        400,
        (
            'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct '
            "field DeploymentSpec.spec.replicas of type int32"
        ),
    )


async def test_scale_as_kubectl_does_it(wire: Http) -> None:
    made = (await wire.send("POST", DEPLOYMENTS, deployment())).body
    patched = await wire.send("PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": 2}}, content_type=MERGE)
    metadata = {key: made["metadata"][key] for key in ("name", "namespace", "uid", "creationTimestamp")}
    assert patched.body == {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {**metadata, "resourceVersion": patched.body["metadata"]["resourceVersion"]},
        "spec": {"replicas": 2},
        "status": {"replicas": 0, "selector": "app=web"},
    }
    read = (await wire.send("GET", f"{DEPLOYMENTS}/web/scale")).body
    read["spec"]["replicas"] = 0
    assert (await wire.send("PUT", f"{DEPLOYMENTS}/web/scale", read, content_type=None)).code == 200
    assert (await wire.send("GET", f"{DEPLOYMENTS}/web")).body["spec"]["replicas"] == 0
    answer = await wire.send("PATCH", f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": -1}}, content_type=MERGE)
    assert answer.body["message"] == (
        'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    )


async def test_delete(wire: Http) -> None:
    made = (await wire.send("POST", DEPLOYMENTS, deployment())).body
    answer = await wire.send("DELETE", f"{DEPLOYMENTS}/web", {"propagationPolicy": "Background"})
    details = {"name": "web", "group": "apps", "kind": "deployments", "uid": made["metadata"]["uid"]}
    assert (answer.code, answer.body) == (
        200,
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details},
    )
    await wire.send("POST", PODS, pod(nodeName="crc"))
    marked = await wire.send("DELETE", f"{PODS}/web?gracePeriodSeconds=7")
    assert (marked.body["kind"], marked.body["metadata"]["deletionGracePeriodSeconds"]) == ("Pod", 7)
    bad = await wire.send("DELETE", f"{PODS}/web", {"propagationPolicy": "Sideways"})
    assert (bad.code, bad.body["reason"]) == (422, "Invalid")


async def test_delete_a_collection(wire: Http, api: Api) -> None:
    for name in ("a", "b"):
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": name, "labels": {"n": name}}})
    answer = await wire.send("DELETE", "/api/v1/namespaces/demo/configmaps?labelSelector=n%3Da")
    assert (answer.body["kind"], [each["metadata"]["name"] for each in answer.body["items"]]) == (
        "ConfigMapList",
        ["a"],
    )
    left = await api.list(resources.CONFIG_MAPS, "demo")
    assert [each["metadata"]["name"] for each in left.items] == ["b"]


async def test_an_unsupported_policy_as_recorded(wire: Http) -> None:
    wrong = deployment()
    wrong["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Sometimes"
    answer = await wire.send("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", wrong)
    words = 'Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"'
    field = "spec.template.spec.containers[0].imagePullPolicy"
    assert (answer.code, answer.body) == (
        422,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": f'Deployment.apps "web" is invalid: {field}: {words}',
            "reason": "Invalid",
            "details": {
                "name": "web",
                "group": "apps",
                "kind": "Deployment",
                "causes": [{"reason": "FieldValueNotSupported", "message": words, "field": field}],
            },
            "code": 422,
        },
    )


async def test_a_deletion_that_is_only_tried_is_answered_like_one(wire: Http, api: Api) -> None:
    await wire.send("POST", CONFIG_MAPS, {"metadata": {"name": "c"}})
    await wire.send("POST", PODS, pod())
    tried = await wire.send("DELETE", f"{CONFIG_MAPS}/c?dryRun=All")
    pods = await wire.send("DELETE", f"{PODS}/web?dryRun=All")
    assert pods.body["metadata"]["deletionGracePeriodSeconds"] == 0
    for path in (f"{CONFIG_MAPS}/c", f"{PODS}/web"):
        assert "deletionTimestamp" not in (await wire.send("GET", path)).body["metadata"]
    assert tried.body == (await wire.send("DELETE", f"{CONFIG_MAPS}/c")).body


async def test_a_negative_grace_period_is_one_second(wire: Http, api: Api) -> None:
    await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    answer = await wire.send("DELETE", f"{PODS}/web?gracePeriodSeconds=-5")
    assert answer.body["metadata"]["deletionGracePeriodSeconds"] == 1


async def test_what_cannot_be_shown_is_not_done(wire: Http, api: Api) -> None:
    table = "application/json;as=Table;v=v1;g=meta.k8s.io"
    await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}})
    for method, path in (("DELETE", f"{CONFIG_MAPS}/c"), ("DELETE", CONFIG_MAPS), ("PUT", f"{CONFIG_MAPS}/c")):
        assert (await wire.send(method, path, {"metadata": {"name": "c"}}, accept="text/html")).code == 406
        refused = await wire.send(method, f"{path}?includeObject=x", {"metadata": {"name": "c"}}, accept=table)
        assert (refused.code, refused.body["message"]) == (400, 'unrecognized includeObject value: "x"')
    made = {"metadata": {"name": "d"}}
    assert (await wire.send("POST", CONFIG_MAPS, made, accept="text/html")).code == 406
    assert [each["metadata"]["name"] for each in (await api.list(resources.CONFIG_MAPS)).items] == ["c"]


async def test_a_patch_that_takes_all_metadata_away(wire: Http) -> None:
    """Admission looks at what comes of it."""
    classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
    await wire.send("POST", classes, {"metadata": {"name": "high"}, "value": 5})
    for path in (f"{classes}/high", f"{classes}/high?dryRun=All"):
        kept = await wire.send("PATCH", path, {"metadata": None}, content_type=MERGE)
        assert (kept.code, kept.body["metadata"]["name"]) == (200, "high")
