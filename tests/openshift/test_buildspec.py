"""The source, the strategy and the images of a build."""

from typing import Any

import pytest

from pullscope.openshift import buildspec
from pullscope.openshift.buildspec import ResolveError

STREAM: dict[str, Any] = {
    "spec": {"tags": [{"name": "local", "referencePolicy": {"type": "Local"}}]},
    "status": {
        "dockerImageRepository": "internal:5000/demo/eap",
        "tags": [
            {"tag": "7", "items": [{"dockerImageReference": "r.example/eap@sha256:a", "image": "sha256:a"}]},
            {"tag": "local", "items": [{"dockerImageReference": "r.example/eap@sha256:b", "image": "sha256:b"}]},
        ],
    },
}


def find(namespace: str, name: str) -> dict[str, Any] | None:
    return STREAM if (namespace, name) == ("demo", "eap") else None


@pytest.mark.parametrize(
    ("kind", "name", "resolved"),
    [
        ("DockerImage", "quay.io/x:1", "quay.io/x:1"),
        ("ImageStreamTag", "eap:7", "r.example/eap@sha256:a"),
        ("ImageStreamTag", "eap:local", "internal:5000/demo/eap@sha256:b"),
        ("ImageStreamImage", "eap@sha256:b", "internal:5000/demo/eap@sha256:b"),
    ],
)
def test_an_image_is_resolved_to_where_it_is_pulled(kind: str, name: str, resolved: str) -> None:
    assert buildspec.resolve({"kind": kind, "name": name}, "demo", find) == resolved


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("ImageStreamTag", "eap:8", "unable to find latest tagged image"),
        ("ImageStreamTag", "no:8", 'imagestreams.image.openshift.io "no" not found'),
        ("ImageStreamImage", "eap@sha256:c", 'unable to find corresponding tag for image "sha256:c"'),
        ("Pod", "eap", "unknown From Kind Pod"),
    ],
)
def test_what_leads_nowhere_is_refused_in_upstreams_words(kind: str, name: str, why: str) -> None:
    with pytest.raises(ResolveError) as refused:
        buildspec.resolve({"kind": kind, "name": name}, "demo", find)
    assert refused.value.message == f"Error resolving {kind} {name} in namespace demo: {why}"


def test_an_output_is_a_tag_of_the_streams_own_repository() -> None:
    target = {"kind": "ImageStreamTag", "name": "eap:v1"}
    assert buildspec.output_reference(target, "demo", find) == "internal:5000/demo/eap:v1"
    assert buildspec.output_reference(target, "other", find) is None
    assert buildspec.output_reference({"kind": "DockerImage", "name": "r/x:1"}, "demo", find) == "r/x:1"


def test_what_a_server_fills_in() -> None:
    spec: dict[str, Any] = {
        "source": {"type": "Binary"},
        "strategy": {"type": "Docker", "dockerStrategy": {"from": {"name": "ubi9:latest"}}},
        "output": {"to": {"name": "app"}},
    }
    buildspec.default(spec)
    assert spec == {
        "source": {"type": "Binary", "binary": {}},
        "strategy": {"type": "Docker", "dockerStrategy": {"from": {"kind": "ImageStreamTag", "name": "ubi9:latest"}}},
        "output": {"to": {"kind": "ImageStreamTag", "name": "app:latest"}},
        "resources": {},
        "postCommit": {},
        "nodeSelector": None,
    }
    again = {key: dict(value) if isinstance(value, dict) else value for key, value in spec.items()}
    buildspec.default(again)
    assert again == spec


def test_the_source_says_what_it_is() -> None:
    assert buildspec.source_type({"dockerfile": "FROM x", "binary": {}}) == "Binary"
    assert buildspec.source_type({}) == "None"
    assert buildspec.strategy_type({"strategy": {"customStrategy": {}}}) == "Custom"
