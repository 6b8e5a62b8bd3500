"""Builds out of build configs and of other builds."""

from typing import Any

import pytest

from pullscope.openshift import builds
from pullscope.openshift.builds import OptionsError, Request

CONFIG: dict[str, Any] = {
    "metadata": {"name": "app", "namespace": "demo", "uid": "u1", "labels": {"build": "app"}},
    "spec": {
        "nodeSelector": None,
        "output": {"to": {"kind": "ImageStreamTag", "name": "app:latest"}},
        "postCommit": {},
        "resources": {},
        "source": {"type": "Binary", "binary": {}},
        "strategy": {"type": "Source", "sourceStrategy": {"from": {"kind": "ImageStreamTag", "name": "eap:7"}}},
        "triggers": [{"type": "Generic", "generic": {"secret": "s"}}],
        "runPolicy": "Serial",
    },
    "status": {"lastVersion": 2},
}
IMAGE = "registry.example/eap@sha256:0"


def test_a_build_is_named_by_its_number_and_owned_by_its_config() -> None:
    made = builds.of_config(CONFIG, Request(binary={}), IMAGE)
    metadata, spec = made["metadata"], made["spec"]
    assert metadata["name"] == "app-2"
    assert metadata["labels"] == {
        "build": "app",
        "buildconfig": "app",
        "openshift.io/build-config.name": "app",
        "openshift.io/build.start-policy": "Serial",
    }
    assert metadata["annotations"] == {"openshift.io/build-config.name": "app", "openshift.io/build.number": "2"}
    owner = {"apiVersion": "build.openshift.io/v1", "kind": "BuildConfig", "name": "app", "uid": "u1"}
    assert metadata["ownerReferences"] == [{**owner, "controller": True}]
    assert "triggers" not in spec
    assert spec["serviceAccount"] == "builder"
    assert spec["triggeredBy"] is None
    assert spec["strategy"]["sourceStrategy"]["from"] == {"kind": "DockerImage", "name": IMAGE}
    assert made["status"]["phase"] == "New"
    assert (builds.number(made), builds.config_of(made), builds.policy(made)) == (2, "app", "Serial")


def test_without_an_upload_a_binary_config_has_no_source() -> None:
    assert builds.of_config(CONFIG, Request(), IMAGE)["spec"]["source"] == {"type": "None"}


def test_what_start_build_found_out_is_kept() -> None:
    query = {"revision.commit": "5b12", "revision.authorName": "N", "revision.authorEmail": "e@x", "name": "app"}
    request = Request({"asFile": "ROOT.war"}, builds.revision_of(query))
    made = builds.of_config(CONFIG, request, IMAGE)
    assert made["spec"]["source"] == {"type": "Binary", "binary": {"asFile": "ROOT.war"}}
    author = {"name": "N", "email": "e@x"}
    assert made["spec"]["revision"] == {"type": "Git", "git": {"commit": "5b12", "author": author}}
    assert builds.revision_of({"revision.message": "no commit"}) is None


def test_a_dockerfile_that_is_uploaded_takes_the_place_of_the_configs() -> None:
    config = {**CONFIG, "spec": {**CONFIG["spec"], "source": {"type": "Dockerfile", "dockerfile": "FROM x"}}}
    with_file = builds.of_config(config, Request({"asFile": "Dockerfile"}), IMAGE)["spec"]["source"]
    assert with_file == {"type": "Binary", "binary": {"asFile": "Dockerfile"}}
    archive = builds.of_config(config, Request({}), IMAGE)["spec"]["source"]
    assert archive == {"type": "Binary", "dockerfile": "FROM x", "binary": {}}


def test_options_are_those_of_the_strategy() -> None:
    asked: dict[str, Any] = {"env": [{"name": "A", "value": "2"}], "sourceStrategyOptions": {"incremental": False}}
    chosen = builds.of_config(CONFIG, Request({}, asked=asked), IMAGE)["spec"]["strategy"]["sourceStrategy"]
    assert chosen["env"] == [{"name": "A", "value": "2"}]
    assert chosen["incremental"] is False
    refused = "^Cannot specify Docker build specific options on demo/app, not a Docker build.$"
    with pytest.raises(OptionsError, match=refused):
        builds.of_config(CONFIG, Request({}, asked={"dockerStrategyOptions": {"noCache": True}}), IMAGE)


def test_a_clone_is_another_build_of_its_config_without_the_upload() -> None:
    build = builds.of_config(CONFIG, Request({"asFile": "a.war"}), IMAGE)
    config = {**CONFIG, "status": {"lastVersion": 3}}
    made = builds.cloned(build, config, Request(), "0123456789")
    assert made["metadata"]["name"] == "app-3"
    assert made["metadata"]["annotations"]["openshift.io/build.clone-of"] == "app-2"
    assert made["spec"]["source"] == {"type": "None"}
    alone = builds.cloned(build, None, Request(), "0123456789")
    assert alone["metadata"]["name"] == "app-2-0123456789"
    assert builds.cloned(alone, None, Request(), "1111111111")["metadata"]["name"] == "app-2-1111111111"


def test_long_names_are_cut() -> None:
    assert len(builds.name("x" * 300, "12")) == 253
    assert builds.name("x" * 300, "12") != builds.name("x" * 301, "12")
    assert builds.pod_name("app-1") == "app-1-build"
    assert len(builds.label_value("x" * 100)) == 63


def test_each_phase_leaves_a_condition() -> None:
    made = builds.of_config(CONFIG, Request(), IMAGE)
    for phase, now, why in (
        ("New", "t0", {}),
        ("Running", "t1", {}),
        ("Failed", "t2", {"reason": "R", "message": "why"}),
    ):
        made["status"] |= {"phase": phase, **why}
        builds.manage_conditions(made, now)
    made["status"]["message"] = "another"
    builds.manage_conditions(made, "t3")
    builds.manage_conditions(made, "t4")
    shown = ("type", "status", "lastTransitionTime", "lastUpdateTime", "message")
    assert [tuple(each.get(key) for key in shown) for each in made["status"]["conditions"]] == [
        ("New", "False", "t1", "t1", None),
        ("Running", "False", "t2", "t2", None),
        ("Failed", "True", "t2", "t3", "another"),
    ]
