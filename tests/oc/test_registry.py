"""`oc registry login`, and what podman and skopeo do with it, and without, in both faces of the lab's registry."""

import asyncio
import base64
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from tests.oc.conftest import Oc

from pullscope.cli import program
from pullscope.remote import authfiles
from pullscope.testing.lab import Lab


async def tool(program: str, *arguments: str) -> tuple[int, str]:
    """The exit code of a real tool, and what it said."""
    found = shutil.which(program)
    if found is None or sys.platform != "linux":
        pytest.skip(f"{program} is not installed (Debian: apt-get install {program})")
    pipe, both = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    started = await asyncio.create_subprocess_exec(found, *arguments, stdout=pipe, stderr=both)
    said, _ = await started.communicate()
    assert started.returncode is not None
    return started.returncode, said.decode()


async def done(program: str, *arguments: str) -> str:
    code, said = await tool(program, *arguments)
    assert code == 0, said
    return said


def tokens(oc: Oc) -> dict[str, str]:
    """The tokens in a kubeconfig, by the users' names."""
    users = yaml.safe_load(oc.kubeconfig.read_bytes())["users"]
    return {user["name"].partition("/")[0]: user["user"]["token"] for user in users}


async def logged_in(oc: Oc, authfile: Path) -> str:
    """Where the internal registry is, after `oc registry login`."""
    await oc.done("create", "imagestream", "app")
    screen = await oc("registry", "login", f"--to={authfile}")
    assert screen.stderr == "info: Using registry public hostname HOST\n"
    assert screen.stdout == f"Saved credentials for HOST into {authfile}\n"
    [host] = json.loads(authfile.read_bytes())["auths"]
    return str(host)


INSECURE = ("--src-tls-verify=false", "--dest-tls-verify=false")


async def test_skopeo_in_both_faces(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    authfile = tmp_path / "auth.json"
    host = await logged_in(oc, authfile)
    assert authfile.stat().st_mode & 0o777 == 0o600 or sys.platform == "win32"
    image = pullscope_lab.push("app.war", "judges/app:v1")
    plain, ours = f"docker://{pullscope_lab.registry}/judges", f"docker://{host}/{oc.project}/app"
    copy = ("copy", "--all", "--preserve-digests", *INSECURE, "--authfile", str(authfile))
    await done("skopeo", *copy, f"{plain}/app:v1", f"{ours}:v1")
    tag = json.loads(await oc.done("get", "istag", "app:v1", "-o", "json"))
    assert tag["image"]["metadata"]["annotations"]["openshift.io/image.managed"] == "true"
    await done("skopeo", *copy, f"{ours}:v1", f"{plain}/back:v1")
    for name in (f"{plain}/back:v1", f"{ours}@{image.digest}"):
        digest = ("inspect", "--tls-verify=false", "--authfile", str(authfile), "--format={{.Digest}}", name)
        assert (await done("skopeo", *digest)).strip() == image.digest
    listed = ("list-tags", "--tls-verify=false", "--authfile", str(authfile), ours)
    assert json.loads(await done("skopeo", *listed))["Tags"] == ["v1"]

    nobody = await tool("skopeo", "inspect", "--tls-verify=false", "--authfile", f"{authfile}.none", f"{ours}:v1")
    assert nobody[0] == 1
    assert "unauthorized" in nobody[1], nobody[1]


async def test_podman_logs_in_with_a_token_and_with_nothing_else(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    if os.name == "posix" and os.geteuid() != 0:
        pytest.skip("podman without user namespaces needs root")
    host, known = await logged_in(oc, tmp_path / "auth.json"), tokens(oc)
    pullscope_lab.push("app.war", "judges/app:v1")
    login = ("login", "--tls-verify=false", "--authfile", str(tmp_path / "podman.json"), "-u", "whoever", host, "-p")
    code, said = await tool("podman", *login, "wrong")
    assert code != 0
    assert "invalid username/password" in said
    assert await done("podman", *login, known["developer"]) == "Login Succeeded!\n"
    copy = ("copy", *INSECURE, "--authfile", str(tmp_path / "podman.json"))
    code, said = await tool(
        "skopeo", *copy, f"docker://{pullscope_lab.registry}/judges/app:v1", f"docker://{host}/{oc.project}/app:v1"
    )
    assert code == 1, "it is somebody else's project"
    assert "denied" in said or "authentication required" in said, said
    assert await done("podman", *login, known["kubeadmin"]) == "Login Succeeded!\n"

    name = f"{host}/{oc.project}/app:v2"
    insecure = ("--tls-verify=false", "--authfile", str(tmp_path / "podman.json"))
    with tempfile.TemporaryDirectory() as short:  # podman takes no longer path for its run root
        podman = ("--root", f"{short}/root", "--runroot", f"{short}/run", "--storage-driver=vfs")
        source = ("pull", "-q", *insecure, "--os=wasi", "--arch=wasm", f"{pullscope_lab.registry}/judges/app:v1")
        id_ = (await done("podman", *podman, *source)).strip().splitlines()[-1]
        await done("podman", *podman, "push", "-q", *insecure, id_, name)
        await done("podman", *podman, "rmi", "-f", id_)
        again = await done("podman", *podman, "pull", "-q", *insecure, "--os=wasi", "--arch=wasm", name)
    assert again.strip().splitlines()[-1] == id_


async def test_our_own_commands_use_what_was_written(
    oc: Oc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host = await logged_in(oc, tmp_path / "auth.json")
    (tmp_path / "deployment").mkdir()
    (tmp_path / "deployment" / "app.war").write_text("a shop", encoding="utf-8")
    monkeypatch.setenv("PULLSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "none.json"))
    push = ["image", "build", str(tmp_path / "deployment"), "-t", f"{host}/{oc.project}/app:v1", "--push"]
    assert await asyncio.to_thread(program.run, push) == 1
    assert "hint: log in first: `podman login`" in capsys.readouterr().err
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    assert await asyncio.to_thread(program.run, push) == 0
    assert "app:v1" in await oc.done("get", "istag")


# --------------------------------------------------------------------------------------------- the file


async def test_what_else_is_in_the_file_stays(oc: Oc, tmp_path: Path) -> None:
    authfile = tmp_path / "config.json"
    authfile.write_text('{"credsStore": "x", "auths": {"quay.io": {"auth": "YTpi"}}}', encoding="utf-8")
    flags = ("--registry=r.test:5000", "--skip-check", "--auth-basic=me:pass:word")
    await oc.done("registry", "login", "-a", str(authfile), *flags)
    entry = {"auth": base64.b64encode(b"me:pass:word").decode()}
    kept = {"credsStore": "x", "auths": {"quay.io": {"auth": "YTpi"}, "r.test:5000": entry}}
    assert json.loads(authfile.read_bytes()) == kept
    printed = await oc.done("registry", "login", "--to=-", *flags)
    assert json.loads(printed) == {"auths": {"r.test:5000": entry}}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_RUNTIME_DIR": "/run"}, "/run/containers/auth.json"),
        ({}, "/home/.config/containers/auth.json"),
        ({"REGISTRY_AUTH_PREFERENCE": "docker", "XDG_RUNTIME_DIR": "/run"}, "/home/.docker/config.json"),
        ({"REGISTRY_AUTH_FILE": "/x", "REGISTRY_AUTH_PREFERENCE": "docker"}, "/x"),
    ],
)
def test_where_the_file_is(environment: Mapping[str, str], expected: str) -> None:
    assert authfiles.of_login(environment, Path("/home")) == Path(expected)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["logout"], "`pullscope oc registry` can `login`, and nothing else"),
        (["login", "--auth-basic=me"], "--auth-basic must be in the form user:password"),
        (
            ["login", "--registry=127.0.0.1:1", "--to=x"],
            "unable to check your credentials - pass --skip-check to bypass this error: registry HOST: connection refused",
        ),
        (["login", "--skip-check", "--registry=r.test", "--to={}/none/x"], "unable to write {}/none/x: No such file"),
        (["login", "--skip-check", "--registry=r.test", "--to={}"], "unable to read {}: Is a directory"),
        (
            ["login", "--skip-check", "--registry=r.test", "--to={}/bad"],
            "unable to parse existing credentials {}/bad: ",
        ),
        (["login", "--skip-check", "--registry=r.test", "--to={}/list"], "the specified config file {}/list does not"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the words are those of POSIX systems")
async def test_what_is_refused(kubeadmin: Oc, tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "bad").write_text("{", encoding="utf-8")
    (tmp_path / "list").write_text('{"auths": []}', encoding="utf-8")
    screen = await kubeadmin("registry", *(word.format(tmp_path) for word in words))
    assert screen.exit == 1
    assert screen.stderr.startswith(f"error: {told.format(tmp_path)}")
