"""`pullscope plan`: its exit codes, and the same plan against a cluster, with what its node and its registry really have."""

import json
from pathlib import Path
from typing import Any

import pytest

from pullscope.cli import program
from pullscope.testing.lab import Lab

CONTAINERS = """\
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  containers:
  - {{name: cached, image: '{registry}/plan/cached:1.0.0'}}
  - {{name: asked, image: '{registry}/plan/cached:1.0.0', imagePullPolicy: Always}}
  - {{name: missing, image: '{registry}/plan/nothing:1.0.0'}}
  - {{name: refused, image: '{registry}/plan/nothing:1.0.0', imagePullPolicy: often}}
"""


@pytest.fixture
def manifest(tmp_path: Path, pullscope_lab: Lab) -> Path:
    path = tmp_path / "pod.yaml"
    path.write_text(CONTAINERS.format(registry=pullscope_lab.registry))
    return path


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = program.run(["plan", *arguments, "-o", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_cluster_says_what_its_node_has_and_its_registry_means(
    pullscope_lab: Lab, manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = pullscope_lab.push("node.war", "plan/cached:1.0.0")
    pullscope_lab.node.pull(old)
    new = pullscope_lab.push("registry.war", "plan/cached:1.0.0")
    code, plan = planned(capsys, "-f", str(manifest), "--kubeconfig", str(pullscope_lab.kubeconfig))
    told = {each["container"]: each["forecast"] for each in plan["containers"]}
    assert code == 1
    assert plan["server"].startswith(pullscope_lab.server)
    assert [(each["digest"], each["source"]) for each in told["cached"]] == [(old.digest, "node")]
    assert [(each["digest"], each["source"]) for each in told["asked"]] == [(new.digest, "registry")]
    assert [(each["digest"], each["source"]) for each in told["missing"]] == [(None, None)]
    assert told["refused"] == []


def test_the_exit_code_says_whether_anything_is_risky(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, plan = planned(capsys, "-f", str(manifest))
    assert (code, plan["summary"]) == (1, {"containers": 4, "risky": 1, "noted": 2, "safe": 1})
    safe = tmp_path / "safe.yaml"
    safe.write_text(manifest.read_text().replace("often", "IfNotPresent"))
    assert planned(capsys, "-f", str(safe))[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "Missing option '--file'"),
        (("-f", "nowhere.yaml"), 2, "there is no file nowhere.yaml"),
        (("-f", "{manifest}", "--kubernetes-version", "old"), 2, "'old' is no release of Kubernetes"),
        (("-f", "{manifest}", "--against", "x", "--runtime-flavour", "crio"), 2, "nodes say what they are"),
        (("-f", "{manifest}", "--kubeconfig", "{silent}", "--against", "nobody"), 3, "nobody"),
        (("-f", "{manifest}", "--kubeconfig", "{silent}"), 3, "127.0.0.1:1"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: tuple[str, ...], code: int, told: str, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = tmp_path / "silent.yaml"
    cluster = {"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}
    context = {"name": "x", "context": {"cluster": "c", "user": "u"}}
    users = [{"name": "u", "user": {}}]
    silent.write_text(
        json.dumps({"clusters": [cluster], "contexts": [context], "users": users, "current-context": "x"})
    )
    assert program.run(["plan", *(each.format(manifest=manifest, silent=silent) for each in arguments)]) == code
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
