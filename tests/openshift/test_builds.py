"""Builds out of build configs."""

from typing import Any

from pullscope.openshift import builds
from pullscope.openshift.builds import Request

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
    "status": {"lastVersion": 1},
}


def test_a_build_is_named_by_its_number_and_owned_by_its_config() -> None:
    number = builds.next_number(CONFIG)
    made = builds.of_config(CONFIG, number, Request())
    metadata, spec = made["metadata"], made["spec"]
    assert metadata["name"] == "app-2"
    assert metadata["labels"] == {
        "build": "app",
        "buildconfig": "app",
        "openshift.io/build-config.name": "app",
        "openshift.io/build.start-policy": "Serial",
    }
    assert metadata["annotations"] == {"openshift.io/build-config.name": "app", "openshift.io/build.number": "2"}
    assert metadata["ownerReferences"][0]["uid"] == "u1"
    assert "triggers" not in spec
    assert spec["serviceAccount"] == "builder"
    assert spec["triggeredBy"] == [{"message": "Manually triggered"}]
    assert made["status"]["phase"] == "New"


def test_what_start_build_found_out_is_kept() -> None:
    query = {"revision.commit": "5b12", "revision.authorName": "N", "revision.authorEmail": "e@x", "name": "app"}
    made = builds.of_config(CONFIG, 1, Request(revision=builds.revision_of(query), as_file="ROOT.war"))
    assert made["spec"]["source"] == {"type": "Binary", "binary": {"asFile": "ROOT.war"}}
    author = {"name": "N", "email": "e@x"}
    assert made["spec"]["revision"] == {"type": "Git", "git": {"commit": "5b12", "author": author}}
    assert "revision" not in builds.of_config(CONFIG, 1, Request())["spec"]


def test_long_names_are_cut() -> None:
    assert len(builds.build_name("x" * 300, 12)) == 253
    assert builds.pod_name("app-1") == "app-1-build"
    assert len(builds.pod_name("x" * 100)) == 63


def test_each_phase_leaves_a_condition() -> None:
    made = builds.of_config(CONFIG, 1, Request())
    builds.enter(made, builds.NEW, "t0")
    builds.enter(made, builds.RUNNING, "t1")
    builds.enter(made, builds.FAILED, "t2", reason="AssembleFailed", message="why")
    status = made["status"]
    assert (status["phase"], status["reason"], status["message"]) == ("Failed", "AssembleFailed", "why")
    assert [(each["type"], each["status"], each["lastTransitionTime"]) for each in status["conditions"]] == [
        ("New", "False", "t1"),
        ("Running", "False", "t2"),
        ("Failed", "True", "t2"),
    ]
