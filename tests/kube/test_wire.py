"""Protobuf bodies: what real clients sent, the forms that they did not send, and hostile bytes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.resources import all_kinds
from pullscope.apiserver.schemas import protobuf
from pullscope.kube import wire
from pullscope.kube.status import ApiError

TABLES = protobuf.tables()
DATA = Path(__file__).with_name("data") / "protobuf-vectors.jsonl"
VECTORS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{vector['method']} {vector['from'][:40]}" for vector in VECTORS])
def test_bodies_that_clients_sent(vector: dict[str, Any]) -> None:
    assert wire.decode_protobuf(bytes.fromhex(vector["hex"]), TABLES) == vector["decoded"]


# A little encoder, for forms that no recording has.


def varint(number: int) -> bytes:
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def tag(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def body(api_version: str, kind: str, raw: bytes, *more: bytes) -> bytes:
    return wire.PREFIX + tag(1, tag(1, api_version) + tag(2, kind)) + tag(2, raw) + b"".join(more)


def decode(api_version: str, kind: str, *fields: bytes) -> dict[str, Any]:
    decoded = wire.decode_protobuf(body(api_version, kind, b"".join(fields)), TABLES)
    assert (decoded.pop("apiVersion"), decoded.pop("kind")) == (api_version, kind)
    return decoded


def test_pointers_keep_their_zeros_and_values_lose_them() -> None:
    deployment = decode("apps/v1", "Deployment", tag(2, tag(1, 0) + tag(5, 0) + tag(7, 0)))
    assert deployment == {"spec": {"replicas": 0}}, "replicas is a pointer, minReadySeconds and paused are not"


def test_kubernetes_own_kinds_are_all_known() -> None:
    """kubectl sends what it creates itself as protobuf; OpenShift's kinds, and those of resource definitions, it never does."""
    served = [(kind.resource.api_version, kind.resource.kind) for kind in all_kinds.ALL]
    unknown = [names for names in served if TABLES.message(*names) is None]
    assert all(".openshift.io/" in api_version for api_version, _ in unknown), unknown


def test_endpoints_of_a_slice() -> None:
    conditions = tag(2, tag(1, 0) + tag(2, 1))
    made = decode(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        tag(4, "IPv4"),
        tag(2, tag(1, "10.0.0.1") + conditions),
        tag(3, tag(1, "")),
    )
    endpoint = {"addresses": ["10.0.0.1"], "conditions": {"ready": False, "serving": True}}
    assert made == {"addressType": "IPv4", "endpoints": [endpoint], "ports": [{"name": ""}]}


def test_negative_numbers() -> None:
    pod = decode("v1", "Pod", tag(2, tag(25, -10)))
    assert pod["spec"]["priority"] == -10


def test_empty_texts_in_maps_are_values() -> None:
    empty = decode("v1", "ConfigMap", tag(2, tag(1, "a") + tag(2, "")), tag(2, tag(1, "b")))
    assert empty == {"data": {"a": "", "b": ""}}


def test_bytes_become_base64() -> None:
    assert decode("v1", "Secret", tag(2, tag(1, "k") + tag(2, b"\x00\xff"))) == {"data": {"k": "AP8="}}


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (b"", {}),
        (tag(1, 1_767_355_200) + tag(2, 999_999_999), {"creationTimestamp": "2026-01-02T12:00:00Z"}),
        (tag(1, -1), {"creationTimestamp": "1969-12-31T23:59:59Z"}),
    ],
)
def test_times(time: bytes, expected: dict[str, Any]) -> None:
    assert decode("v1", "Namespace", tag(1, tag(8, time))) == {"metadata": expected}


def test_micro_times_have_six_digits() -> None:
    lease = decode("coordination.k8s.io/v1", "Lease", tag(2, tag(4, tag(1, 1_767_355_200) + tag(2, 5_000))))
    assert lease == {"spec": {"renewTime": "2026-01-02T12:00:00.000005Z"}}


def test_quantities() -> None:
    resources = tag(1, tag(1, "cpu") + tag(2, tag(1, "500m"))) + tag(1, tag(1, "memory") + tag(2, b""))
    pod = decode("v1", "Pod", tag(2, tag(2, tag(1, "c") + tag(8, resources))))
    assert pod["spec"]["containers"] == [{"name": "c", "resources": {"limits": {"cpu": "500m", "memory": "0"}}}]


@pytest.mark.parametrize(
    ("port", "expected"),
    [(tag(1, 0) + tag(2, 0), 0), (tag(1, 0) + tag(2, 80), 80), (tag(1, 1) + tag(3, "http"), "http")],
)
def test_numbers_or_texts(port: bytes, expected: int | str) -> None:
    service = decode("v1", "Service", tag(2, tag(1, tag(3, 80) + tag(4, port))))
    assert service == {"spec": {"ports": [{"port": 80, "targetPort": expected}]}}


def test_embedded_messages_stand_in_the_object() -> None:
    volume = tag(1, "host") + tag(2, tag(1, tag(1, "/") + tag(2, "")))
    pod = decode("v1", "Pod", tag(2, tag(1, volume)))
    assert pod == {"spec": {"volumes": [{"name": "host", "hostPath": {"path": "/", "type": ""}}]}}


def test_fields_of_newer_clients_are_skipped() -> None:
    assert decode("v1", "Pod", tag(99, 5), tag(98, "new"), tag(1, tag(1, "p"))) == {"metadata": {"name": "p"}}


def test_number_lists_may_be_packed() -> None:
    packed = decode("v1", "Pod", tag(2, tag(14, tag(4, varint(1) + varint(300)))))
    loose = decode("v1", "Pod", tag(2, tag(14, tag(4, 1) + tag(4, 300))))
    assert packed == loose == {"spec": {"securityContext": {"supplementalGroups": [1, 300]}}}


GOOD = body("v1", "Pod", tag(1, tag(1, "p")))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"),
        (b'{"kind": "Pod"}', "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"),
        (wire.PREFIX, 'no kind "" is registered for version ""'),
        (GOOD[:-1], "unexpected EOF"),
        (body("v1", "Nonsense", b""), 'no kind "Nonsense" is registered for version "v1"'),
        (body("nope/v1", "Pod", b""), 'no kind "Pod" is registered for version "nope/v1"'),
        (body("v1", "Pod", b"", tag(3, "gzip")), "content encodings are not supported"),
        (body("v1", "Pod", b"\x0f"), "proto: illegal wireType 7"),
        (body("v1", "Pod", b"\x00\x00"), "proto: illegal tag 0"),
        (body("v1", "Pod", b"\x0a" + b"\xff" * 10), "proto: integer overflow"),
        (body("v1", "Pod", b"\x08"), "unexpected EOF"),
        (body("v1", "Pod", b"\x0d\x01"), "unexpected EOF"),
        (body("v1", "Pod", tag(1, 5)), "proto: wrong wireType = 0"),
        (body("v1", "Pod", tag(1, tag(7, "x"))), "proto: wrong wireType = 2"),
        (body("v1", "Pod", tag(1, tag(1, b"\xff"))), "string field contains invalid UTF-8: invalid start byte"),
        (body("v1", "Pod", tag(1, tag(8, tag(1, 1 << 62)))), "Time.MarshalJSON: year outside of range [0,9999]"),
        (wire.PREFIX + tag(1, 5), "proto: wrong wireType = 0"),
    ],
)
def test_bodies_that_cannot_be_read(data: bytes, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        wire.decode_protobuf(data, TABLES)
    assert (refused.value.code, refused.value.reason) == (400, "BadRequest")
    assert refused.value.message == f"the object provided is unrecognized: {message}"


@pytest.mark.parametrize("raw", [b"{", b"NaN", b'"\\ud800"', b"[" * 5000])
def test_json_inside_is_checked(raw: bytes) -> None:
    fields = tag(1, tag(17, tag(7, tag(1, raw))))
    with pytest.raises(ApiError, match="invalid JSON in the message"):
        wire.decode_protobuf(body("v1", "Pod", fields), TABLES)


def test_every_type_of_the_tables_is_known_and_none_contains_itself() -> None:
    known = {*TABLES.messages, *wire._SCALARS, *wire._SPECIAL}
    types = {entry.type for fields in TABLES.messages.values() for entry in fields.values()}
    assert {name for name in types - known if not name.endswith(".ExtraValue")} == set()

    def depth(name: str) -> int:
        inner = [entry.type for entry in TABLES.messages.get(name, {}).values()]
        return 1 + max((depth(each) for each in inner), default=0)

    assert max(depth(name) for name in TABLES.messages) < 20


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _read_or_refused(wire.PREFIX + data)
    _read_or_refused(body("v1", "Pod", data))


@given(st.sampled_from(VECTORS), st.integers(0, 2000), st.integers(0, 255))
def test_damaged_bodies_are_read_or_refused(vector: dict[str, Any], where: int, byte: int) -> None:
    data = bytearray.fromhex(vector["hex"])
    data[where % len(data)] = byte
    _read_or_refused(bytes(data))
    _read_or_refused(bytes(data[: where % len(data)]))


def _read_or_refused(data: bytes) -> None:
    try:
        decoded = wire.decode_protobuf(data, TABLES)
    except ApiError as error:
        decoded = error.status()
        assert decoded["code"] == 400
    assert json.dumps(decoded)
