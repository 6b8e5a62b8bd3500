"""Exec plugins as kubectl runs them: what they are told, what they may answer, and one line for each way to fail."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pullscope.clusters import execplugins
from pullscope.clusters.entries import BrokenError, Identity

V1 = "client.authentication.k8s.io/v1"
CLUSTER = {"server": "https://example.test", "certificate-authority-data": "Q0E=", "directory": Path()}
Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The identity that a plugin with this code gives; `code` sees what it was told as `told`."""

    async def run(code: str, **config: Any) -> Identity:
        script = tmp_path / "plugin.py"
        start = "import json, os, sys; told = json.loads(os.environ['KUBERNETES_EXEC_INFO'])"
        script.write_text(f"{start}\n{code}\n", encoding="utf-8")
        made = {"apiVersion": V1, "command": sys.executable, "args": ["-SE", str(script)], "interactiveMode": "Never"}
        return await execplugins.identity(made | config, tmp_path, CLUSTER)

    return run


def credential(version: str = V1, kind: str = "ExecCredential", **status: str) -> str:
    return f"print({json.dumps({'apiVersion': version, 'kind': kind, 'status': status})!r})"


async def test_a_token(ask: Ask) -> None:
    assert await ask(credential(token="from-plugin")) == Identity("Bearer from-plugin")


async def test_a_certificate(ask: Ask) -> None:
    made = await ask(credential(clientCertificateData="CERT", clientKeyData="KEY"))
    assert made == Identity(None, b"CERT", b"KEY")


async def test_what_a_plugin_is_told(ask: Ask) -> None:
    echo = "print(json.dumps({**told, 'status': {'token': json.dumps([told['spec'], os.environ['WHO']])}}))"
    made = await ask(echo, provideClusterInfo=True, env=[{"name": "WHO", "value": "me"}])
    spec, who = json.loads((made.authorization or "").removeprefix("Bearer "))
    assert who == "me"
    assert spec == {
        "cluster": {"server": "https://example.test", "certificate-authority-data": "Q0E="},
        "interactive": False,
    }


@pytest.mark.parametrize(
    ("code", "config", "message"),
    [
        ("sys.exit(3)", {}, "failed with exit code 3"),
        ("print('login first')", {}, "the plugin's output is no ExecCredential"),
        (credential(f"{V1}beta1", token="t"), {}, "plugin returned version client.authentication.k8s.io/v1beta1"),
        (credential(kind="Status"), {}, "the plugin printed a Status"),
        (credential(), {}, "exec plugin didn't return a token or cert/key pair"),
        (credential(token="t", clientKeyData="k"), {}, "only certificate or key"),
        ("", {"command": "no-such-plugin", "installHint": "see\nexample.com"}, "no-such-plugin .*: see example.com"),
        ("", {"command": "./no-such-plugin"}, "/no-such-plugin cannot be started"),
        ("", {"command": ""}, "it names no command"),
        ("", {"apiVersion": "v1alpha1"}, 'its apiVersion is "v1alpha1", not'),
        ("", {"interactiveMode": "Always"}, "standard input is not a terminal"),
    ],
)
async def test_what_fails_is_one_line(ask: Ask, code: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(BrokenError, match=message) as caught:
        await ask(code, **config)
    assert "\n" not in str(caught.value)
