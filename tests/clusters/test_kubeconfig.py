"""Which server, which trust, which identity: and one clear line for each way in which a kubeconfig can be broken."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pullscope.base.errors import UnreachableError
from pullscope.clusters import kubeconfig as kubeconfigs

Write = Callable[..., Path]


async def test_a_token_becomes_a_bearer_header(kubeconfig: Write) -> None:
    access = await kubeconfigs.load(kubeconfig("https://example.test:6443/", None), None)
    assert access.server == "https://example.test:6443"
    assert access.authorization == "Bearer secret"


async def test_a_password_becomes_a_basic_header(kubeconfig: Write) -> None:
    path = kubeconfig("https://example.test", None, {"username": "u", "password": "p"})
    assert (await kubeconfigs.load(path, None)).authorization == "Basic dTpw"


async def test_an_exec_plugin_is_run(kubeconfig: Write, tmp_path: Path) -> None:
    version = "client.authentication.k8s.io/v1"
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": {"token": "from-plugin"}}
    plugin = tmp_path / "plugin.py"
    plugin.write_text(f"print({json.dumps(answer)!r})", encoding="utf-8")
    user = {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(plugin)]}}
    access = await kubeconfigs.load(kubeconfig("https://example.test", None, user), None)
    assert access.authorization == "Bearer from-plugin"


async def test_an_exec_plugin_that_fails_is_named(kubeconfig: Write) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
    with pytest.raises(UnreachableError, match=r"credentials of .* cannot be used: .*no-such-plugin"):
        await kubeconfigs.load(kubeconfig("https://example.test", None, user), None)


async def test_cluster_settings_are_kept(kubeconfig: Write, certificate: tuple[Path, Path]) -> None:
    path = kubeconfig(
        "https://10.0.0.1",
        certificate[0],
        {"client-certificate": str(certificate[0]), "client-key": str(certificate[1])},
        **{"tls-server-name": "api.example.test", "proxy-url": "http://proxy:3128"},
    )
    access = await kubeconfigs.load(path, None)
    assert (access.ca_file, access.cert_file, access.key_file) == tuple(
        map(str, (certificate[0], certificate[0], certificate[1]))
    )
    assert (access.server_name, access.proxy, access.verify) == ("api.example.test", "http://proxy:3128", True)


async def test_the_environment_names_a_list_of_files(
    kubeconfig: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kubeconfig("https://example.test", None)
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(tmp_path / "absent"), str(path)]))
    assert (await kubeconfigs.load(None, "here")).server == "https://example.test"


async def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"no kubeconfig at .*absent") as caught:
        await kubeconfigs.load(tmp_path / "absent", None)
    assert "pullscope up" in caught.value.hint
    assert caught.value.exit_code == 3


async def test_no_such_context_lists_the_others(kubeconfig: Write) -> None:
    with pytest.raises(UnreachableError, match='has no context "there"') as caught:
        await kubeconfigs.load(kubeconfig("https://example.test", None), "there")
    assert caught.value.hint == "contexts there: here"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a kubeconfig"),
        ("- a list", "is not a kubeconfig"),
        ("{not yaml", "is not a kubeconfig"),
        ("contexts: 3", "is not a kubeconfig"),
        ("contexts: []\nclusters: []\nusers: []", "names no current context"),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]\nclusters: []",
            'context "a" of .* cannot be used',
        ),
        (
            (
                "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: /no/such/ca}}]\n"
                "users: [{name: u, user: {token: t}}]"
            ),
            "credentials of .* cannot be used: File does not exists: /no/such/ca",
        ),
    ],
    ids=["empty", "list", "broken yaml", "contexts not a list", "no current context", "no cluster", "no ca file"],
)
async def test_a_broken_file_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreachableError, match=message):
        await kubeconfigs.load(path, None)
