"""Image triggers, as `oc new-app` and `oc set triggers` write them."""

import json
from typing import Any

import pytest

from pullscope.openshift import names, triggers
from pullscope.openshift.streams import TagName
from pullscope.openshift.triggers import Trigger

BY_NAME = 'spec.template.spec.containers[?(@.name=="app")].image'
REFERENCE = "registry/ns/app@sha256:" + "a" * 64


def deployment(annotation: object, image: str = " ") -> dict[str, Any]:
    text = annotation if isinstance(annotation, str) else json.dumps(annotation)
    pod = {"containers": [{"name": "side", "image": "side"}, {"name": "app", "image": image}]}
    return {
        "metadata": {"namespace": "ns", "annotations": {names.TRIGGERS: text}},
        "spec": {"template": {"spec": pod}},
    }


def trigger(path: str = BY_NAME, **more: object) -> dict[str, Any]:
    return {"from": {"kind": "ImageStreamTag", "name": "app:latest"}, "fieldPath": path, **more}


@pytest.mark.parametrize(
    "path",
    [
        BY_NAME,
        "spec.template.spec.containers[?(@.name=='app')].image",
        r"spec.template.spec.containers[?(@.name==\"app\")].image",
        "spec.template.spec.containers[1].image",
    ],
)
def test_the_container_is_found_by_name_or_index(path: str) -> None:
    obj = deployment([trigger(path)])
    assert triggers.apply(obj, lambda _: REFERENCE)
    assert [container["image"] for container in obj["spec"]["template"]["spec"]["containers"]] == ["side", REFERENCE]
    assert not triggers.apply(obj, lambda _: REFERENCE)


def test_the_namespace_is_the_workloads_own_when_it_is_not_said() -> None:
    other = trigger() | {"from": {"kind": "ImageStreamTag", "name": "app:v1", "namespace": "other"}}
    assert triggers.of(deployment([trigger(), other])) == [
        Trigger(TagName("ns", "app", "latest"), BY_NAME),
        Trigger(TagName("other", "app", "v1"), BY_NAME),
    ]


@pytest.mark.parametrize("paused", [True, "true"])
def test_a_paused_trigger_changes_nothing(paused: object) -> None:
    obj = deployment([trigger(paused=paused)])
    assert not triggers.apply(obj, lambda _: REFERENCE)


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ([trigger()], []),
        ("null", []),
        ("", []),
        ("{", ["{"]),
        ({"a": 1}, ['{"a": 1}']),
        ([trigger(BY_NAME.replace("app", "web"))], [BY_NAME.replace("app", "web")]),
        ([trigger(), trigger("spec.containers[0].image")], ["spec.containers[0].image"]),
        ([{"from": {"kind": "ImageStreamTag", "name": "app"}, "fieldPath": "x"}],
         ['{"from":{"kind":"ImageStreamTag","name":"app"},"fieldPath":"x"}']),
        ([3], ["3"]),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_told(annotation: object, found: list[str]) -> None:
    assert triggers.faults(deployment(annotation)) == found


def test_a_tag_without_an_image_changes_nothing() -> None:
    assert not triggers.apply(deployment([trigger()]), lambda _: None)


@pytest.mark.parametrize(
    "annotation",
    [
        "null",
        "",
        "{",
        "7",
        '"text"',
        '["text"]',
        "[{}]",
        '[{"from": 1}]',
        [trigger("spec.image")],
        [trigger("spec.template.spec.containers[9].image")],
    ],
)
def test_whatever_the_annotation_holds_nothing_breaks(annotation: object) -> None:
    assert not triggers.apply(deployment(annotation), lambda _: REFERENCE)
