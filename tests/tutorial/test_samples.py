"""The sample files: what they hold, and that nobody's file is overwritten."""

import zipfile
from pathlib import Path

import pytest
import yaml

from pullscope.cli import program
from pullscope.tutorial import samples
from pullscope.tutorial.steps import IMAGE


def test_the_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new"
    assert program.run(["tutorial", "--files", str(folder)]) == 0
    written = [str(folder / path) for path in samples.files()]
    assert capsys.readouterr().out.splitlines() == written
    assert zipfile.is_zipfile(folder / "deployment/node.war")
    manifest = yaml.safe_load((folder / "deployment.yml").read_text(encoding="utf-8"))
    [container] = manifest["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["imagePullPolicy"]) == (IMAGE, "IfNotPresent")
    assert manifest["spec"]["selector"]["matchLabels"] == manifest["spec"]["template"]["metadata"]["labels"]


def test_the_same_files_may_be_there(tmp_path: Path) -> None:
    assert samples.write(tmp_path) == samples.write(tmp_path)


def test_other_files_are_named_and_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deployment.yml").write_text("mine")
    assert program.run(["tutorial", "--files", str(tmp_path)]) == 2
    assert f"error: deployment.yml is there and differs in {tmp_path}: nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["deployment.yml"]


def test_the_changes_are_those_of_the_commands(tmp_path: Path) -> None:
    samples.change(tmp_path, "samples")
    samples.change(tmp_path, "registry.war")
    assert [path.name for path in (tmp_path / "deployment").iterdir()] == ["registry.war"]
    before = (tmp_path / "deployment.yml").read_bytes()
    samples.change(tmp_path, "Always")
    assert b"imagePullPolicy: Always\n" in (tmp_path / "deployment.yml").read_bytes()
    samples.change(tmp_path, "IfNotPresent")
    assert (tmp_path / "deployment.yml").read_bytes() == before
