"""Which server, which trust, which identity: and one clear line for each way in which a kubeconfig can be broken."""

import asyncio
import base64
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pullscope.base.errors import UnreachableError
from pullscope.clusters import kubeconfig as kubeconfigs

Write = Callable[..., Path]
_ONE = "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"


async def test_a_token_becomes_a_bearer_header(kubeconfig: Write) -> None:
    access = await kubeconfigs.load(kubeconfig("https://example.test:6443/", None), None)
    assert access.server == "https://example.test:6443"
    assert access.authorization == "Bearer secret"


async def test_a_password_becomes_a_basic_header(kubeconfig: Write) -> None:
    path = kubeconfig("https://example.test", None, {"username": "u", "password": "p"})
    assert (await kubeconfigs.load(path, None)).authorization == "Basic dTpw"


_TOKEN = (
    'print(\'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "t"}}\')'
)


async def test_the_loader_of_providers_is_not_needed_for_others(kubeconfig: Write) -> None:
    """It costs half a second and 40 MB."""
    user = {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": ["-c", _TOKEN]}
    }
    path = kubeconfig("https://example.test", None, user)
    code = (
        "import asyncio, sys, pathlib; from pullscope.clusters import cluster, kubeconfig; "
        f"asyncio.run(kubeconfig.load(pathlib.Path({str(path)!r}), None)); "
        "sys.exit('kubernetes_asyncio' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0


async def test_cluster_settings_are_kept(kubeconfig: Write, certificate: tuple[Path, Path]) -> None:
    path = kubeconfig(
        "https://10.0.0.1",
        certificate[0],
        {"client-certificate": str(certificate[0]), "client-key": str(certificate[1])},
        **{"tls-server-name": "api.example.test", "proxy-url": "http://proxy:3128"},
    )
    access = await kubeconfigs.load(path, None)
    assert (access.ca, access.certificate) == (certificate[0].read_bytes(), certificate[0].read_bytes())
    assert access.key == certificate[1].read_bytes()
    assert (access.server_name, access.proxy, access.verify) == ("api.example.test", "http://proxy:3128", True)
    assert "PRIVATE KEY" not in repr(access)


async def test_inline_data_is_preferred_to_a_file(kubeconfig: Write) -> None:
    data = {"certificate-authority": "/no/such/file", "certificate-authority-data": base64.b64encode(b"pem").decode()}
    access = await kubeconfigs.load(kubeconfig("https://example.test", None, **data), None)
    assert access.ca == b"pem"


async def test_paths_are_relative_to_their_file_and_token_files_preferred(kubeconfig: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("renewed\n", encoding="utf-8")
    path = kubeconfig("https://example.test", None, {"token": "old", "tokenFile": "token"})
    assert (await kubeconfigs.load(path, None)).authorization == "Bearer renewed"


async def test_of_a_list_of_files_the_first_entry_wins(
    kubeconfig: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kubeconfig("https://first.test", None).rename(tmp_path / "first")
    second = kubeconfig("https://second.test", None)
    second.write_text(second.read_text(encoding="utf-8").replace("current-context: here", "current-context: other"))
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(tmp_path / "absent"), str(first), str(second)]))
    assert (await kubeconfigs.load(None, None)).server == "https://first.test"


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
        ("", "names no current context"),
        ("- a list", "is not a kubeconfig"),
        ("{not yaml", "is not a kubeconfig"),
        ("contexts: 3", "is not a kubeconfig"),
        ("contexts: []\nclusters: []\nusers: []", "names no current context"),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]\nclusters: []",
            'cannot be used: the context names "gone", which is not among its clusters',
        ),
        (
            (
                "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: /no/such/ca}}]\n"
                "users: [{name: u, user: {token: t}}]"
            ),
            "cannot be used: certificate-authority /no/such/ca: No such file",
        ),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: }]",
            'cannot be used: "" is not the URL of a server',
        ),
        (
            f"{_ONE}clusters: [{{name: c, cluster: {{server: 'https://x'}}}}]",
            'cannot be used: the context names "u", which is not among its users',
        ),
        (
            (
                f"{_ONE}users: [{{name: u, user: {{}}}}]\n"
                "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority-data: '?'}}]"
            ),
            "cannot be used: certificate-authority-data is not base64",
        ),
        (
            (
                f"{_ONE}users: [{{name: u, user: {{}}}}]\n"
                "clusters: [{name: c, cluster: {server: 'https://x', proxy-url: 'socks5://p'}}]"
            ),
            "only http and https proxies are supported",
        ),
    ],
    ids=[
        *("empty", "list", "broken yaml", "contexts not a list", "no current context", "no cluster", "no ca file"),
        *("no server", "no user", "data not base64", "a socks proxy"),
    ],
)
async def test_a_broken_file_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreachableError, match=message):
        await kubeconfigs.load(path, None)


def test_a_context_is_told_by_its_parts(kubeconfig: Write) -> None:
    path = kubeconfig("https://example.test", None)
    assert kubeconfigs.choose(path, None) == kubeconfigs.Context("here", "c", "u", "")
    with pytest.raises(UnreachableError, match='has no context "there"'):
        kubeconfigs.choose(path, "there")


def test_a_server_is_trusted_as_the_file_knows_it(kubeconfig: Write, certificate: tuple[Path, Path]) -> None:
    path = kubeconfig("https://example.test:6443/", certificate[0])
    known = kubeconfigs.toward(path, "https://example.test:6443")
    assert (known.ca, known.authorization) == (certificate[0].read_bytes(), None)
    assert kubeconfigs.toward(path, "") == known
    assert kubeconfigs.toward(path, "https://other.test") == kubeconfigs.Access("https://other.test")
