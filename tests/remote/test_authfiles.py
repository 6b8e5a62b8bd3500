"""Credentials that podman, skopeo and docker left."""

import json
import os
import sys
from pathlib import Path

import pytest

from pullscope.base.errors import UsageError
from pullscope.pull.keyring import Credential
from pullscope.remote import authfiles

unix = pytest.mark.skipif(sys.platform == "win32", reason="the helper of the test is a shell script")


def write(path: Path, **content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def auths(user: str, *registries: str) -> dict[str, object]:
    return {registry: {"username": user, "password": "p"} for registry in registries}


def test_podmans_file_comes_before_dockers(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", auths=auths("docker", "r.test", "other.test"))
    write(tmp_path / "run" / "containers" / "auth.json", auths=auths("podman", "r.test"))
    environment = {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    assert authfiles.of_user("r.test", environment, tmp_path) == Credential("podman", "p")
    assert authfiles.of_user("other.test", environment, tmp_path) == Credential("docker", "p")
    assert authfiles.of_user("none.test", environment, tmp_path) is None


def test_a_file_that_the_environment_names_is_the_only_one(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", auths=auths("docker", "r.test"))
    write(tmp_path / "mine.json", auths={})
    assert authfiles.of_user("r.test", {"REGISTRY_AUTH_FILE": str(tmp_path / "mine.json")}, tmp_path) is None


def test_docker_hub_has_a_name_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", auths=auths("u", "https://index.docker.io/v1/"))
    assert authfiles.of_user("docker.io", {}, tmp_path) == Credential("u", "p")


@unix
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('echo \'{"Username": "u", "Secret": "s"}\'', Credential("u", "s")),
        ("echo 'credentials not found'; exit 1", None),
        ('echo \'{"Username": "<token>", "Secret": "s"}\'', None),
    ],
)
def test_helpers_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, expected: Credential | None
) -> None:
    helper = tmp_path / "bin" / "docker-credential-test"
    helper.parent.mkdir()
    helper.write_text(f'#!/bin/sh\nread registry\n[ "$registry" = r.test ] && [ "$1" = get ] || exit 2\n{answer}\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(helper.parent), prepend=os.pathsep)
    write(tmp_path / ".docker" / "config.json", credHelpers={"r.test": "test"})
    assert authfiles.of_user("r.test", {}, tmp_path) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "has no credentials"),
        ("[]", "has no credentials"),
        ('{"auths": 7}', "has no credentials"),
        ('{"auths": {"r.test": {"auth": "?"}}}', "has no credentials"),
        ('{"credsStore": "missing-helper"}', "docker-credential-missing-helper is not installed"),
        ('{"credsStore": "../../evil"}', "is no name of a credential helper"),
    ],
)
def test_files_that_cannot_be_used_are_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(content)
    with pytest.raises(UsageError, match=message):
        authfiles.of_user("r.test", {}, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        authfiles.read(tmp_path / "pull-secret.json")


def test_of_two_files_the_first_counts() -> None:
    found = authfiles.merged([{"auths": auths("one", "r.test")}, {"auths": auths("two", "r.test", "s.test")}])
    assert [found[key][0].username for key in ("r.test", "s.test")] == ["one", "two"]
