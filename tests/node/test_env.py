"""Environments: expansion, references, what is missing."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube.api import Object
from pullscope.node import env
from pullscope.node.env import ConfigError, Environment
from pullscope.node.fieldrefs import Where

POD: Object = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "u", "labels": {"app": "x", "b": 'q"'}},
    "spec": {"serviceAccountName": "default"},
}
WHERE = Where("crc", "127.0.0.1", "10.217.0.2", {"memory": "1Gi", "cpu": "4"})


class Source:
    """One ConfigMap `c` and one Secret `s`."""

    async def config_map(self, name: str) -> Object | None:
        return {"data": {"key": "text", "other": "2"}} if name == "c" else None

    async def secret(self, name: str) -> Object | None:
        return {"data": {"key": base64.b64encode(b"hidden").decode()}} if name == "s" else None


async def made(*entries: dict[str, Any], **container: Any) -> dict[str, str]:
    spec = {"name": "a", "env": list(entries), **container}
    return await Environment(POD, spec, Source(), WHERE).make()


def ref(kind: str, **fields: Any) -> dict[str, Any]:
    return {"name": "X", "valueFrom": {kind: fields}}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$(A)", "1"),
        ("-$(A)-$(B)", "-1-2"),
        ("$(C)", "$(C)"),
        ("$$(A)", "$(A)"),
        ("$A ${A}", "$A ${A}"),
        ("$$$(A)", "$1"),
        ("$(A", "$(A"),
        ("$()", "$()"),
    ],
)
def test_expansion(text: str, expanded: str) -> None:
    assert env.expand(text, {"A": "1", "B": "2"}) == expanded


@given(st.text(alphabet="ab$()"))
def test_expansion_with_nothing_known_only_unescapes(text: str) -> None:
    assert env.expand(text, {}).replace("$", "") == text.replace("$", "")


async def test_values_see_those_before_them() -> None:
    assert await made({"name": "A", "value": "1"}, {"name": "B", "value": "$(A)$(C)"}, {"name": "C"}) == {
        "A": "1",
        "B": "1$(C)",
        "C": "",
    }


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        (ref("fieldRef", fieldPath="metadata.name"), "p"),
        (ref("fieldRef", fieldPath="metadata.labels['app']"), "x"),
        (ref("fieldRef", fieldPath="metadata.labels['none']"), ""),
        (ref("fieldRef", fieldPath="status.podIP"), "10.217.0.2"),
        (ref("fieldRef", fieldPath="spec.nodeName"), "crc"),
        (ref("configMapKeyRef", name="c", key="key"), "text"),
        (ref("secretKeyRef", name="s", key="key"), "hidden"),
        (ref("resourceFieldRef", resource="limits.memory"), str(2**30)),
        (ref("resourceFieldRef", resource="limits.memory", divisor="1Mi"), "1024"),
        (ref("resourceFieldRef", resource="requests.cpu"), "1"),
    ],
)
async def test_references(entry: dict[str, Any], value: str) -> None:
    resources = {"requests": {"cpu": "500m"}}
    assert await made(entry, resources=resources) == {"X": value}


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (ref("configMapKeyRef", name="no", key="k"), 'configmap "no" not found'),
        (ref("configMapKeyRef", name="c", key="no"), "couldn't find key no in ConfigMap ns/c"),
        (ref("secretKeyRef", name="no", key="k"), 'secret "no" not found'),
        (ref("secretKeyRef", name="s", key="no"), "couldn't find key no in Secret ns/s"),
        (ref("fieldRef", fieldPath="spec.nope"), "unsupported fieldPath: spec.nope"),
        (ref("resourceFieldRef", resource="limits.gpu"), "unsupported container resource : limits.gpu"),
        (ref("fileKeyRef", path="x"), "env X: valueFrom fileKeyRef is not supported by this node"),
    ],
)
async def test_what_cannot_be_made(entry: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigError) as refused:
        await made(entry)
    assert str(refused.value) == error


@pytest.mark.parametrize(
    "entry",
    [
        ref("configMapKeyRef", name="no", key="k", optional=True),
        ref("configMapKeyRef", name="c", key="no", optional=True),
        ref("secretKeyRef", name="no", key="k", optional=True),
    ],
)
async def test_what_is_optional_is_left_out(entry: dict[str, Any]) -> None:
    assert await made(entry) == {}


async def test_whole_objects_come_first_and_lose() -> None:
    whole = [
        {"prefix": "C_", "configMapRef": {"name": "c"}},
        {"secretRef": {"name": "s"}},
        {"configMapRef": {"name": "no", "optional": True}},
    ]
    values = await made({"name": "C_other", "value": "own"}, envFrom=whole)
    assert values == {"C_key": "text", "C_other": "own", "key": "hidden"}
    with pytest.raises(ConfigError, match='secret "no" not found'):
        await made(envFrom=[{"secretRef": {"name": "no"}}])
