"""A lab as a real background process: up, used with kubectl, stopped, killed, up again."""

import json
import os
import signal
import socket
from typing import Any

import pytest
import yaml
from tests.lab.conftest import Shell

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: kept}
data: {answer: "42"}
"""


def status_of(shell: Shell) -> dict[str, Any]:
    done = shell.pullscope("status", "-o", "json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def up(shell: Shell, *arguments: str) -> str:
    done = shell.pullscope("up", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def contexts(shell: Shell) -> list[str]:
    return [each["name"] for each in yaml.safe_load(shell.kubeconfig.read_text(encoding="utf-8"))["contexts"]]


def test_the_life_of_a_lab(shell: Shell, kubectl: str) -> None:
    shell.prefer_free_ports()
    assert up(shell).startswith("Started the cluster.\n")
    running = status_of(shell)
    assert running["schema"] == "pullscope.status/v1"
    assert (running["name"], running["state"]) == ("default", "running")
    assert running["nodes"] == [{"name": "crc", "ready": True, "images": 0, "runtime": "embedded"}]
    assert shell.run(kubectl, "get", "nodes", "-o", "name").stdout == "node/crc\n"

    assert up(shell).startswith("The cluster is already running.\n")
    assert status_of(shell)["pid"] == running["pid"]
    elsewhere = shell.pullscope("up", "--port", "1")
    assert elsewhere.returncode == 2
    assert elsewhere.stderr.startswith("error: the lab default is already running, with its API server at https://")

    assert shell.pullscope("stop").stdout == "Stopped the instance\n"
    assert contexts(shell) == []
    assert status_of(shell)["state"] == "stopped"
    assert shell.pullscope("stop").stdout == "Instance is already stopped\n"

    up(shell)
    again = status_of(shell)
    assert (again["server"], again["registry"]) == (running["server"], running["registry"])
    assert shell.pullscope("delete", "--force").stdout == "Deleted the instance\n"
    assert not (shell.home / "data" / "labs" / "default").exists()
    assert shell.pullscope("status").stderr.startswith("error: there is no lab default\nhint: `pullscope up` makes it")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_what_is_in_a_lab_outlives_its_process(shell: Shell, kubectl: str) -> None:
    shell.prefer_free_ports()
    up(shell)
    (shell.home / "kept.yaml").write_text(MANIFEST, encoding="utf-8")
    assert shell.run(kubectl, "apply", "-f", "kept.yaml").stdout == "configmap/kept created\n"
    before = status_of(shell)
    os.kill(before["pid"], signal.SIGKILL)
    until_stopped(shell)
    up(shell)
    after = status_of(shell)
    assert after["pid"] != before["pid"]
    assert after["server"] == before["server"]
    kept = shell.run(kubectl, "get", "configmap", "kept", "-o", "jsonpath={.data.answer}")
    assert (kept.stdout, kept.stderr) == ("42", "")
    os.kill(after["pid"], signal.SIGTERM)
    until_stopped(shell)
    assert not (shell.home / "data" / "labs" / "default" / "run.json").exists()


def until_stopped(shell: Shell) -> None:
    while status_of(shell)["state"] != "stopped":
        pass


def test_taken_ports_move_on_and_are_remembered(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        done = shell.pullscope("up", "--port", str(number))
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: port {number} for the API server is taken\nhint: choose another one")
        assert status_of(shell)["state"] == "stopped"
        ports = {"api": number, "registry": number}
        (shell.home / "data" / "labs" / "default" / "ports.json").write_text(json.dumps(ports), encoding="utf-8")
        up(shell)
        moved = status_of(shell)
    assert {moved["server"], moved["registry"]} & {f"https://127.0.0.1:{number}", f"127.0.0.1:{number}"} == set()


def test_labs_live_side_by_side(shell: Shell, kubectl: str) -> None:
    up(shell, "--name", "first")
    told = up(shell, "--name", "second")
    assert "kubectl config use-context pullscope-second" in told
    assert contexts(shell) == ["pullscope-first", "pullscope-second"]
    nodes = shell.run(kubectl, "--context", "pullscope-second", "get", "nodes", "-o", "name")
    assert nodes.stdout == "node/crc\n"
    assert shell.pullscope("delete", "--force", "--name", "first").returncode == 0
    assert contexts(shell) == ["pullscope-second"]


def test_a_kubeconfig_that_is_none_stops_up_before_anything_is_done(shell: Shell) -> None:
    shell.kubeconfig.parent.mkdir()
    shell.kubeconfig.write_text("- not\n- one\n", encoding="utf-8")
    done = shell.pullscope("up")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {shell.kubeconfig} is not a kubeconfig: it is not a mapping\nhint: mend")
    assert shell.kubeconfig.read_text(encoding="utf-8") == "- not\n- one\n"
    assert not (shell.home / "data" / "labs").exists()


def test_a_lab_that_cannot_start_says_why(shell: Shell) -> None:
    root = shell.home / "data" / "labs" / "default"
    root.mkdir(parents=True)
    (root / "state.sqlite").write_bytes(b"this is no database" * 100)
    done = shell.pullscope("up")
    assert done.returncode != 0
    assert "state.sqlite" in done.stderr
    assert "Traceback" not in done.stderr
    assert status_of(shell)["state"] == "stopped"


def test_a_lab_that_does_not_answer_is_shown_and_ended(shell: Shell) -> None:
    assert shell.pullscope("logs").stderr == "error: the lab default has no log\nhint: `pullscope up` starts it\n"
    up(shell)
    record = shell.home / "data" / "labs" / "default" / "run.json"
    run = json.loads(record.read_bytes())
    record.write_text(json.dumps({**run, "control_token": "forged"}), encoding="utf-8")
    assert status_of(shell)["state"] == "error"
    assert shell.pullscope("stop").stdout == "Forcibly stopped the instance\n"
    assert status_of(shell)["state"] == "stopped"
    assert shell.pullscope("logs", "--path").stdout.endswith("lab.log\n")
    assert "ERROR" not in shell.pullscope("logs").stdout


def test_deleting_asks_or_is_forced(shell: Shell) -> None:
    done = shell.pullscope("delete")
    assert (done.returncode, done.stderr) == (2, "error: non-interactive deletion requires --force\n")
    done = shell.pullscope("delete", "--force")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "error: there is no lab default")
