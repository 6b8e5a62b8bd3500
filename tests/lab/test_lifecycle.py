"""A lab as a real background process: up, used with kubectl, stopped, killed, up again. Each start costs a second."""

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest
import yaml
from tests.lab.conftest import Shell

from pullscope.clusters.kubeconfig import Access
from pullscope.lab import kubeconfig
from pullscope.lab.state import Ports, StateDirectory
from pullscope.oc import login

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

    assert contexts(shell) == ["pullscope", "pullscope-developer"]
    refused = shell.run(kubectl, "--context", "pullscope-developer", "get", "nodes").stderr
    assert refused.startswith('Error from server (Forbidden): nodes is forbidden: User "developer" cannot list')
    assert shell.pullscope("stop").stdout == "Stopped the instance\n"
    assert not shell.kubeconfig.exists()
    assert status_of(shell)["state"] == "stopped"
    assert shell.pullscope("stop").stdout == "Instance is already stopped\n"

    up(shell)
    again = status_of(shell)
    assert (again["server"], again["registry"]) == (running["server"], running["registry"])
    for name, more in (("set-cluster", f"--server={again['server']}"), ("set-context", "--cluster=by-oc-login")):
        shell.run(kubectl, "config", name, "by-oc-login", more)
    assert contexts(shell) == ["by-oc-login", "pullscope", "pullscope-developer"]
    assert shell.pullscope("delete", "--force").stdout == "Deleted the instance\n"
    assert not (shell.data / "labs" / "default").exists()
    assert not shell.kubeconfig.exists()
    assert shell.pullscope("status").stderr.startswith("error: there is no lab default\nhint: `pullscope up` makes it")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_what_is_in_a_lab_outlives_its_process(shell: Shell, kubectl: str) -> None:
    shell.prefer_free_ports()
    up(shell)
    (shell.home / "kept.yaml").write_text(MANIFEST, encoding="utf-8")
    assert shell.run(kubectl, "apply", "-f", "kept.yaml").stdout == "configmap/kept created\n"
    before = status_of(shell)
    ca = kubeconfig.access_in(shell.data / "labs" / "default" / "kubeconfig").ca
    token = asyncio.run(login.token(Access(before["server"], ca=ca), "developer", "developer"))
    os.kill(before["pid"], signal.SIGKILL)
    until_stopped(shell)
    port = before["registry"].rpartition(":")[2]
    with socket.create_server(("127.0.0.1", int(port))):
        moved = shell.pullscope("up")
    assert moved.stderr.startswith(f"warning: the registry has left {before['registry']}: images that are named so")
    assert moved.stderr.endswith(f"`pullscope up --registry-port {port}`\n")
    after = status_of(shell)
    assert after["registry"] != before["registry"]
    assert after["pid"] != before["pid"]
    assert after["server"] == before["server"]
    kept = shell.run(kubectl, "get", "configmap", "kept", "-o", "jsonpath={.data.answer}")
    assert (kept.stdout, kept.stderr) == ("42", "")
    mine = shell.run(kubectl, "get", "users.user.openshift.io", "~", "-o", "name", "--token", token)
    assert (mine.stdout, mine.stderr) == ("user.user.openshift.io/developer\n", "")
    os.kill(after["pid"], signal.SIGTERM)
    until_stopped(shell)
    assert not (shell.data / "labs" / "default" / "run.json").exists()


def until_stopped(shell: Shell) -> None:
    while status_of(shell)["state"] != "stopped":
        pass


def test_taken_ports_move_on_and_are_remembered(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        done = shell.pullscope("up", "--port", str(number))
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: port {number} for the API server is taken\nhint: choose another one")
        assert list((shell.data / "labs").iterdir()) == []
        kept = StateDirectory("default", shell.data)
        kept.create()
        kept.write_ports(Ports(number, number, number))
        up(shell)
        moved = status_of(shell)
    found = {moved["server"], moved["registry"], moved["internalRegistry"]}
    assert found & {f"https://127.0.0.1:{number}", f"127.0.0.1:{number}"} == set()


def test_a_kubeconfig_that_is_none_stops_up_before_anything_is_done(shell: Shell) -> None:
    shell.kubeconfig.parent.mkdir()
    shell.kubeconfig.write_text("- not\n- one\n", encoding="utf-8")
    done = shell.pullscope("up")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {shell.kubeconfig} is not a kubeconfig: it is not a mapping\nhint: mend")
    assert shell.kubeconfig.read_text(encoding="utf-8") == "- not\n- one\n"
    assert not (shell.data / "labs").exists()


def test_a_lab_that_cannot_start_says_why(shell: Shell) -> None:
    root = shell.data / "labs" / "default"
    root.mkdir(parents=True)
    (root / "state.sqlite").write_bytes(b"this is no database" * 100)
    done = shell.pullscope("up")
    assert done.returncode != 0
    assert "state.sqlite" in done.stderr
    assert "Traceback" not in done.stderr
    assert status_of(shell)["state"] == "stopped"


def test_two_who_start_a_lab_at_once_get_the_same_one(shell: Shell) -> None:
    shell.prefer_free_ports()
    command = [sys.executable, "-m", "pullscope", "up", "-o", "json"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, env=shell.environment, stdout=pipe, stderr=pipe) for _ in range(2)]
    ended = [each.communicate() for each in both]
    assert [error for _, error in ended] == [b"", b""]
    one, other = (json.loads(out) for out, _ in ended)
    assert one["pid"] == other["pid"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_start_that_is_killed_is_no_obstacle(shell: Shell) -> None:
    shell.prefer_free_ports()
    kept = StateDirectory("default", shell.data)
    command = [sys.executable, "-m", "pullscope.lab", "--name", "default"]
    with subprocess.Popen(
        command, env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as starting:
        while not (kept.root / "state.sqlite").exists():
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended with {starting.wait(timeout=0.01)}")
        starting.kill()
    up(shell)
    assert status_of(shell)["nodes"][0]["ready"]
    run = kept.read_run()
    assert run is not None
    kept.write_run(dataclasses.replace(run, control_token="forged"))
    assert status_of(shell)["state"] == "error"
    assert shell.pullscope("stop").stdout == "Forcibly stopped the instance\n"
    assert status_of(shell)["state"] == "stopped"
    assert shell.pullscope("logs", "--path").stdout.endswith("lab.log\n")
    assert "ERROR" not in shell.pullscope("logs").stdout
