"""`pullscope image`, against a registry and with skopeo as a judge."""

import asyncio
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.registry.serving import serving
from typer.testing import CliRunner, Result

from pullscope.base.errors import PullscopeError
from pullscope.cli import image


@pytest.fixture
def registry() -> Iterator[str]:
    """A registry beside the command, which has an event loop of its own."""
    address: list[str] = []
    ready = threading.Event()

    async def serve() -> None:
        async with serving(None) as served:
            address.append(served.address)
            ready.set()
            await stop.wait()

    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    yield address[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "app.war").write_bytes(b"archive")
    return tmp_path / "target"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(image.app, [str(argument) for argument in arguments])


def said(*arguments: str | Path) -> str:
    result = run(*arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_build_push_and_inspect(registry: str, target: Path) -> None:
    built = said("build", target, "-t", f"{registry}/team/app:v1")
    assert said("build", target, "-t", f"{registry}/team/app:v1", "--push") == built
    assert said("push", f"{registry}/team/app:v1") == built
    found = json.loads(said("inspect", f"{registry}/team/app:v1", "-o", "json"))
    assert built == f"{registry}/team/app@{found['digest']}\n"
    assert [made["platform"] for made in found["images"]] == ["linux/amd64", "linux/arm64", "wasi/wasm"]
    assert {tuple(made["command"]) for made in found["images"]} == {("/probe",)}
    text = said("inspect", f"{registry}/team/app:v1")
    assert f"digest   {found['digest']}" in text
    assert "wasi/wasm" in text


def test_a_base_from_the_registry_keeps_its_platforms_and_layers(registry: str, target: Path) -> None:
    said("build", target, "-t", f"{registry}/base:v1", "--push")
    (target / "app.war").rename(target / "more.war")
    said("build", target, "-t", f"{registry}/top:v1", "--base", f"{registry}/base:v1", "--push")
    base, top = (json.loads(said("inspect", f"{registry}/{name}:v1", "-o", "json")) for name in ("base", "top"))
    for below, above in zip(base["images"], top["images"], strict=True):
        assert above["platform"] == below["platform"]
        assert above["layers"][:-1] == below["layers"]


def test_a_dockerfile_of_the_directory_is_built(registry: str, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said("build", target, "-t", f"{registry}/base:v1", "--push")
    dockerfile = target / "Dockerfile"
    dockerfile.write_text(f"FROM {registry}/base:v1\nARG WAR\nARG TEAM\nLABEL team=$TEAM\nCOPY $WAR /deployments\n")
    monkeypatch.setenv("TEAM", "blue")
    arguments = ("--build-arg", "WAR=app.war", "--build-arg", "TEAM")
    built = said("build", target, "-t", f"{registry}/app:v1", *arguments, "--push")
    found = json.loads(said("inspect", f"{registry}/app:v1", "-o", "json"))
    assert built == f"{registry}/app@{found['digest']}\n"
    assert len(found["images"]) == 3
    assert found["images"][0]["labels"] == {"team": "blue"}
    # What is copied to a directory of the base goes into it, so this is the layer that the base has already.
    layers = [layer["digest"] for layer in found["images"][0]["layers"]]
    assert layers[-1] == layers[-2]
    dockerfile.rename(target.parent / "Other")
    assert said("build", target, "-f", target.parent / "Other", "-t", f"{registry}/app:v1", *arguments) == built


def test_an_image_of_nothing_but_files(target: Path) -> None:
    (target / "Dockerfile").write_text('FROM scratch\nCOPY app.war /\nCMD ["/app.war"]\n')
    assert said("build", target, "-t", "reg.test/app:v1") == said("build", target, "-t", "reg.test/app:v1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "{target}", "-t", "Not A Name"), "is not the name of an image: invalid reference format"),
        (("build", "{target}", "-t", "reg/a@sha256:" + "0" * 64), "under a tag, not under a digest"),
        (("build", "{target}/missing", "-t", "reg.test/a:v1"), "is not a directory"),
        (("build", "{target}", "-t", "reg.test/a:v1", "--base", "{registry}/nosuch:v1"), "manifest"),
        (("build", "{target}", "-t", "reg.test/a:v1", "--build-arg", "A=b"), "--build-arg is for a Dockerfile"),
        (("build", "{target}", "-t", "reg.test/a:v1", "-f", "{target}/none"), "none: no such file or directory"),
        (("build", "{target}", "-t", "reg.test/a:v1", "-f", "{target}/app.war"), "no build stage in current context"),
        (
            ("build", "{target}", "-t", "reg.test/a:v1", "-f", "{target}/app.war", "--base", "reg.test/b:v1"),
            "--base is for files without a Dockerfile",
        ),
        (("push", "{registry}/never/built:v1"), "there is no image .*/never/built:v1 here"),
        (("inspect", "{registry}/nosuch:v1"), "manifest"),
    ],
)
def test_errors_are_said_in_a_line(registry: str, target: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(PullscopeError, match=message):
        said(*(argument.format(target=target, registry=registry) for argument in arguments))


def test_what_was_built_is_a_layout_that_others_read(target: Path, tmp_path: Path) -> None:
    if shutil.which("skopeo") is None:
        pytest.skip("needs skopeo (Debian: apt-get install skopeo)")
    for tag in ("v1", "v2", "v1"):
        said("build", target, "-t", f"reg.test/team/app:{tag}")
    command = ["skopeo", "inspect", "--raw", f"oci:{tmp_path / 'home' / 'images'}:reg.test/team/app:v1"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert len(json.loads(done.stdout)["manifests"]) == 3


def test_a_damaged_layout_is_said(target: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "images").mkdir(parents=True)
    (tmp_path / "home" / "images" / "index.json").write_text("{")
    with pytest.raises(PullscopeError, match=r"index\.json is damaged"):
        said("build", target, "-t", "reg.test/team/app:v1")
