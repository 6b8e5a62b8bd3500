"""The Dockerfiles that builds come to."""

from typing import Any

import pytest

from pullscope.builder import generating
from pullscope.images.dockerfile import lines, steps
from pullscope.images.dockerfile.lines import DockerfileError, Source

BUILD: dict[str, Any] = {
    "metadata": {"name": "app-1", "namespace": "demo"},
    "spec": {
        "output": {"imageLabels": [{"name": "team", "value": 'a "b"'}]},
        "revision": {"git": {"commit": "5b12", "author": {"name": "N", "email": "e@x"}, "message": "first"}},
        "strategy": {
            "sourceStrategy": {"env": [{"name": "A", "value": "b c"}]},
            "dockerStrategy": {
                "env": [{"name": "A", "value": "b c"}],
                "from": {"kind": "DockerImage", "name": "r/x:1"},
            },
        },
    },
}
LABELS = {
    "io.openshift.build.name": "app-1",
    "io.openshift.build.namespace": "demo",
    "io.openshift.build.commit.id": "5b12",
    "io.openshift.build.commit.author": "N <e@x>",
    "io.openshift.build.commit.message": "first",
    "team": 'a "b"',
}
ENV = {"OPENSHIFT_BUILD_NAME": "app-1", "OPENSHIFT_BUILD_NAMESPACE": "demo", "A": "b c"}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "/deployments"),
        ({"io.openshift.s2i.destination": "/tmp"}, "/tmp"),
        ({"io.openshift.s2i.destination": "/x", "com.redhat.deployments-dir": "/opt/eap"}, "/opt/eap"),
        ({"com.redhat.deployments-dir": ""}, "/deployments"),
    ],
)
def test_files_go_where_the_builder_image_wants_them(labels: dict[str, str], expected: str) -> None:
    assert generating.destination(labels) == expected


def test_a_source_build() -> None:
    made = generating.of_source(BUILD, "r/eap:7", {"com.redhat.deployments-dir": "/opt/a b$c/"}, files=True)
    assert steps.base(made, {}) == "r/eap:7"
    outcome = steps.outcome(made, {}, {"PATH": "/bin"})
    assert outcome.env == {"PATH": "/bin", **ENV}
    builder = {"io.openshift.build.image": "r/eap:7", "io.openshift.s2i.build.image": "r/eap:7"}
    assert outcome.labels == LABELS | builder
    assert [(copy.sources, copy.target) for copy in outcome.copies] == [((".",), "/opt/a b$c/")]
    assert not steps.outcome(generating.of_source(BUILD, "i", {}, files=False), {}, {}).copies


def docker(text: str) -> tuple[Source, str]:
    return generating.of_docker(BUILD, lines.read(text))


def test_a_docker_build() -> None:
    made, replaced = docker("ARG V=1\nFROM --platform=linux/amd64 old:$V AS first\nCOPY a /b\n")
    assert replaced == "r/x:1"
    assert [(each.line, each.word) for each in made.instructions] == [
        (1, "ARG"),
        (2, "FROM"),
        (2, "ENV"),
        (3, "COPY"),
        (4, "ENV"),
        (4, "LABEL"),
    ]
    assert made.instructions[1].rest == "--platform=linux/amd64 r/x:1 AS first"
    plain, _ = docker("FROM old\nCMD x")
    outcome = steps.outcome(plain, {}, {})
    assert (outcome.env, outcome.labels) == (ENV, LABELS)
    with pytest.raises(DockerfileError, match="Dockerfile:1: file with no instructions"):
        docker("# nothing")
    with pytest.raises(DockerfileError, match="Dockerfile:2: no build stage in current context"):
        docker("ARG a\nCOPY a b")


def test_the_escape_of_the_dockerfile_is_used() -> None:
    made, _ = docker("# escape=`\nFROM old\n")
    assert steps.outcome(made, {}, {}).labels == LABELS
