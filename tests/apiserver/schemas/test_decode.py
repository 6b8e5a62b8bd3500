"""Objects as their types read them: upstream's sentences for what is unknown, doubled or of the wrong type."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.schemas import decode, types


def decoded(kind: str, obj: dict[str, Any], api_version: str = "v1") -> decode.Decoded:
    type_ = types.of(api_version, kind)
    assert type_ is not None
    before = copy.deepcopy(obj)
    result = decode.decode(obj, type_)
    assert obj == before
    return result


def pod(**container: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "app", **container}]}}


def test_what_is_right_stays_as_it_is() -> None:
    obj = pod(image="i", command=["a"], ports=[{"containerPort": 80}], securityContext={"runAsUser": 0})
    assert decoded("Pod", obj) == decode.Decoded(obj, [])


def test_unknown_fields_are_named_in_order_and_left_out() -> None:
    obj = pod(imagePullpolicy="Always", ports=[{}, {"hostport": 1}])
    obj["spec"] |= {"zzz": {"deep": 1}}
    obj["metadata"] = {"label": {}, "name": "p"}
    obj["extra"] = None
    result = decoded("Pod", obj)
    assert result.unknown == [
        'unknown field "metadata.label"',
        'unknown field "spec.containers[0].imagePullpolicy"',
        'unknown field "spec.containers[0].ports[1].hostport"',
        'unknown field "spec.zzz"',
        'unknown field "extra"',
    ]
    assert result.obj == {**pod(ports=[{"containerPort": 0}] * 2), "metadata": {"name": "p"}}


def test_the_recorded_sentence() -> None:
    template = {"spec": {"containers": [{"name": "app", "imagePulPolicy": "Always"}]}}
    result = decoded("Deployment", {"spec": {"template": template}}, "apps/v1")
    assert result.unknown == ['unknown field "spec.template.spec.containers[0].imagePulPolicy"']


def test_case_matters() -> None:
    assert decoded("Pod", {"Spec": {}}).unknown == ['unknown field "Spec"']


def test_null_is_absence_and_in_lists_and_maps_the_empty_value() -> None:
    obj = {
        "metadata": {"creationTimestamp": None, "labels": {"a": None}},
        "spec": {"containers": [None]},
        "status": None,
    }
    assert decoded("Pod", obj).obj == {"metadata": {"labels": {"a": ""}}, "spec": {"containers": [{"name": ""}]}}


def test_plain_fields_that_go_always_writes_are_there() -> None:
    obj = {"status": {"conditions": [{}], "containerStatuses": [{"name": "app", "state": {"terminated": {}}}]}}
    assert decoded("Pod", obj).obj["status"] == {
        "conditions": [{"type": "", "status": ""}],
        "containerStatuses": [
            {
                "name": "app",
                "state": {"terminated": {"exitCode": 0}},
                "ready": False,
                "restartCount": 0,
                "image": "",
                "imageID": "",
            }
        ],
    }
    counts = {"spec": {"hard": {"pods": None}}}
    assert decoded("ResourceQuota", counts).obj == {"spec": {"hard": {"pods": "0"}}}


@pytest.mark.parametrize(
    ("given_value", "stored"),
    [("1024Mi", "1Gi"), (1, "1"), (0.5, "500m"), ("1e3", "1e3"), ("100m", "100m")],
)
def test_quantities_are_canonical(given_value: Any, stored: str) -> None:
    result = decoded("Pod", pod(resources={"limits": {"memory": given_value}}))
    assert result.obj == pod(resources={"limits": {"memory": stored}})


@pytest.mark.parametrize(
    ("given_value", "stored"),
    [
        ("2026-01-02T12:00:00Z", "2026-01-02T12:00:00Z"),
        ("2026-01-02T21:00:00.123+09:00", "2026-01-02T12:00:00Z"),
    ],
)
def test_times_are_in_utc_without_fractions(given_value: str, stored: str) -> None:
    assert (
        decoded("Pod", {"metadata": {"creationTimestamp": given_value}}).obj["metadata"]["creationTimestamp"] == stored
    )


def test_micro_times_keep_six_digits() -> None:
    event = decoded("Event", {"eventTime": "2026-01-02T12:00:00.5Z"})
    assert event.obj == {"eventTime": "2026-01-02T12:00:00.500000Z"}


def test_numbers_or_texts_and_free_json() -> None:
    service = {"spec": {"ports": [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 8081}]}}
    assert decoded("Service", service).obj == service
    managed = {"metadata": {"managedFields": [{"fieldsV1": {"f:spec": {"anything": None}}}]}}
    assert decoded("Pod", managed) == decode.Decoded(managed, [])


_STRUCT = "json: cannot unmarshal {} into Go struct field {} of type {}"


@pytest.mark.parametrize(
    ("kind", "obj", "message"),
    [
        ("Pod", {"spec": "x"}, _STRUCT.format("string", "Pod.spec", "v1.PodSpec")),
        ("Pod", {"spec": {"containers": {}}}, _STRUCT.format("object", "PodSpec.spec.containers", "[]v1.Container")),
        ("Pod", {"spec": {"containers": ["x"]}}, _STRUCT.format("string", "PodSpec.spec.containers", "v1.Container")),
        ("Pod", pod(image=5), _STRUCT.format("number", "Container.spec.containers.image", "string")),
        ("Pod", pod(command=[True]), _STRUCT.format("bool", "Container.spec.containers.command", "string")),
        ("Pod", pod(stdin="yes"), _STRUCT.format("string", "Container.spec.containers.stdin", "bool")),
        (
            "Pod",
            pod(env=[{"name": "A", "value": 1}]),
            _STRUCT.format("number", "EnvVar.spec.containers.env.value", "string"),
        ),
        (
            "Pod",
            pod(ports=[{"containerPort": "80"}]),
            _STRUCT.format("string", "ContainerPort.spec.containers.ports.containerPort", "int32"),
        ),
        (
            "Pod",
            pod(ports=[{"containerPort": 3_000_000_000}]),
            _STRUCT.format("number 3000000000", "ContainerPort.spec.containers.ports.containerPort", "int32"),
        ),
        ("Pod", {"spec": {"priority": 1.5}}, _STRUCT.format("number 1.5", "PodSpec.spec.priority", "int32")),
        ("Pod", {"spec": {"priority": True}}, _STRUCT.format("bool", "PodSpec.spec.priority", "int32")),
        ("Pod", {"metadata": {"labels": {"a": 1}}}, _STRUCT.format("number", "ObjectMeta.metadata.labels", "string")),
        (
            "Pod",
            {"metadata": {"labels": []}},
            _STRUCT.format("array", "ObjectMeta.metadata.labels", "map[string]string"),
        ),
        ("Secret", {"data": {"a": 1}}, _STRUCT.format("number", "Secret.data", "[]uint8")),
        ("Secret", {"data": {"a": "YQ"}}, "illegal base64 data at input byte 0"),
        ("Secret", {"data": {"a": "YQ="}}, "illegal base64 data at input byte 3"),
        ("Secret", {"data": {"a": "YQ==YQ=="}}, "illegal base64 data at input byte 4"),
        ("Secret", {"data": {"a": "Y==="}}, "illegal base64 data at input byte 1"),
        ("Secret", {"data": {"a": "YWFh*A=="}}, "illegal base64 data at input byte 4"),
        (
            "Pod",
            pod(resources={"limits": {"cpu": "one"}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            "Pod",
            pod(resources={"limits": {"cpu": True}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            "Pod",
            {"metadata": {"creationTimestamp": "yesterday"}},
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        (
            "Pod",
            {"metadata": {"creationTimestamp": 5}},
            "json: cannot unmarshal number into Go value of type string",
        ),
        (
            "Service",
            {"spec": {"ports": [{"targetPort": 1.5}]}},
            "json: cannot unmarshal number 1.5 into Go value of type int32",
        ),
        (
            "Service",
            {"spec": {"ports": [{"targetPort": []}]}},
            "json: cannot unmarshal array into Go value of type int32",
        ),
    ],
)
def test_values_of_wrong_types(kind: str, obj: dict[str, Any], message: str) -> None:
    with pytest.raises(decode.UndecodableError) as refused:
        decoded(kind, obj)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('{"a": 1, "b": {"c": 2}}', []),
        ('{"a": 1, "a": 2, "a": 3}', ['duplicate field "a"']),
        ('{"spec": {"x": [{"y": 1}, {"y": 1, "y": 2}]}}', ['duplicate field "spec.x[1].y"']),
        ('{"a": {"b": 1, "b": 1}, "c": 1, "c": 1}', ['duplicate field "a.b"', 'duplicate field "c"']),
        ("[]", []),
    ],
)
def test_duplicate_fields(body: str, found: list[str]) -> None:
    assert decode.duplicates(body.encode()) == found


def test_nesting_has_an_end() -> None:
    with pytest.raises(decode.UndecodableError, match="exceeded max depth"):
        decode.duplicates(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


_names = st.sampled_from(["metadata", "spec", "containers", "name", "labels", "resources", "limits", "cpu", "env", "x"])
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 1 << 40)
    | st.floats(allow_nan=False)
    | st.sampled_from(["a", "1Gi", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_names, _json, max_size=4))
def test_anything_is_decoded_or_refused_and_once_is_enough(obj: dict[str, Any]) -> None:
    try:
        result = decoded("Pod", obj)
    except decode.UndecodableError:
        return
    assert decoded("Pod", result.obj) == decode.Decoded(result.obj, [])
    assert json.dumps(result.obj)
