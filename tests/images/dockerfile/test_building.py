"""Images out of Dockerfiles."""

import json
from pathlib import Path
from typing import Any

import pytest

from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers, probe
from pullscope.images.context import Context
from pullscope.images.dockerfile import building, lines
from pullscope.images.dockerfile.building import Recipe
from pullscope.images.dockerfile.lines import DockerfileError
from pullscope.images.dockerfile.steps import Copy
from pullscope.oci.documents import Index, Manifest


@pytest.fixture
def context(tmp_path: Path) -> Context:
    for name in ("ROOT.war", "conf/a.xml", "conf/sub/b.xml", "x.tar.gz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return Context(tmp_path)


def targets(copy: Copy, context: Context, *directories: str) -> dict[str, int]:
    return {entry.path: entry.mode for entry in building.entries(copy, context, lambda path: path in directories)}


@pytest.mark.parametrize(
    ("sources", "target", "paths"),
    [
        (["ROOT.war"], "/app.war", ["app.war"]),
        (["ROOT.war"], "/deployments/", ["deployments/ROOT.war"]),
        (["ROOT.war"], "/there", ["there/ROOT.war"]),
        (["*.war"], "/app.war", ["app.war"]),
        (["conf"], "/etc", ["etc/a.xml", "etc/sub/b.xml"]),
        (["conf"], "/etc/", ["etc/a.xml", "etc/sub/b.xml"]),
        (["conf/*"], "/etc/", ["etc/a.xml", "etc/b.xml"]),
        (["ROOT.war", "conf/a.xml"], "/x/", ["x/ROOT.war", "x/a.xml"]),
        (["."], "/", ["ROOT.war", "conf/a.xml", "conf/sub/b.xml", "x.tar.gz"]),
    ],
)
def test_where_files_go(context: Context, sources: list[str], target: str, paths: list[str]) -> None:
    assert list(targets(Copy(2, tuple(sources), target), context, "/there")) == paths


def test_modes(context: Context) -> None:
    assert targets(Copy(2, ("ROOT.war",), "/a", 0o755), context) == {"a": 0o755}


def test_what_is_missing_is_named_with_its_line(context: Context) -> None:
    with pytest.raises(DockerfileError, match=r'Dockerfile:7: .*"/nothing": no such file or directory'):
        building.entries(Copy(7, ("nothing",), "/a"), context, lambda _: False)
    with pytest.raises(DockerfileError, match=r"Dockerfile:7: ADD would unpack x\.tar\.gz"):
        building.entries(Copy(7, ("x.tar.gz",), "/a", add=True), context, lambda _: False)
    with pytest.raises(DockerfileError, match="Dockerfile:7: syntax error in pattern"):
        building.entries(Copy(7, ("[a",), "/a"), context, lambda _: False)


def made(store: MemoryStore, context: Context, text: str) -> dict[str, Any]:
    base, recipe = probe.base(store), Recipe(lines.read(text), context)
    files = building.planned(recipe, build.first_config(store, base), lambda _: False)
    root = building.make(store, base, recipe, [layers.write(store, each) for each in files])
    index = Index.parse(content.get(store, root.digest))
    assert len(index.manifests) == 3
    manifest = Manifest.parse(content.get(store, index.manifests[0].digest))
    config: dict[str, Any] = json.loads(content.get(store, manifest.config.digest))
    assert len(config["rootfs"]["diff_ids"]) == len(manifest.layers)
    return config


def test_an_image_of_the_probe(context: Context) -> None:
    store = MemoryStore()
    text = "FROM probe\nENV A=1\nLABEL b=c\nEXPOSE 8080\nUSER 185\nCOPY ROOT.war /deployments/\nCOPY conf /etc/\n"
    config = made(store, context, text)
    run = config["config"]
    assert len(config["rootfs"]["diff_ids"]) == 4
    assert run["Env"] == ["PATH=/bin", "A=1"]
    assert run["Entrypoint"] == ["/probe"]
    assert (run["Labels"], run["ExposedPorts"], run["User"]) == ({"b": "c"}, {"8080/tcp": {}}, "185")
    assert made(store, context, text) == config


def test_commands_replace_the_base_images(context: Context) -> None:
    run = made(MemoryStore(), context, 'FROM probe\nENTRYPOINT ["/probe"]\nCMD ["-v"]')["config"]
    assert (run["Entrypoint"], run["Cmd"]) == (["/probe"], ["-v"])
