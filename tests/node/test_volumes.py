"""Volumes: their files, their refreshing, and paths that must not lead out."""

import base64
import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube.api import Object
from pullscope.node import volumes
from pullscope.node.fieldrefs import Where
from pullscope.node.projection import File, Projector, VolumeError
from pullscope.node.volumes import Twins

POD: Object = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "u", "labels": {"b": 'q"', "a": "1"}},
    "spec": {"containers": [{"name": "app", "resources": {"limits": {"memory": "64Mi"}}}]},
}


class Source:
    """ConfigMap `c` and Secret `s`, whose content a test may change."""

    def __init__(self) -> None:
        self.data = {"one": "1", "two": "2"}

    async def config_map(self, name: str) -> Object | None:
        binary = {"bin": base64.b64encode(b"\xff\x00").decode()}
        return {"data": self.data, "binaryData": binary} if name == "c" else None

    async def secret(self, name: str) -> Object | None:
        return {"data": {"pass": base64.b64encode(b"word").decode()}} if name == "s" else None


class Token:
    async def token(self, pod: Object, audience: str | None, expiration_seconds: int) -> str:
        return f"{pod['metadata']['name']} {audience} {expiration_seconds}"


def projector(source: Source | None = None) -> Projector:
    return Projector(POD, source or Source(), Where("crc", "h"), Token())


def tree(path: Path) -> dict[str, bytes]:
    return {found.relative_to(path).as_posix(): found.read_bytes() for found in path.rglob("*") if found.is_file()}


async def mount(path: Path, volume: Object, projector: Projector) -> None:
    content = await volumes.content(volume, projector)
    assert content is not None
    volumes.write(path, content, Twins(path.parent / "twins"))


async def mounted(path: Path, **volume: Any) -> dict[str, bytes]:
    await mount(path, {"name": "v", **volume}, projector())
    return tree(path)


async def test_a_config_map(tmp_path: Path) -> None:
    found = await mounted(tmp_path / "v", configMap={"name": "c"})
    assert found == {"one": b"1", "two": b"2", "bin": b"\xff\x00"}


async def test_chosen_keys_at_chosen_paths(tmp_path: Path) -> None:
    items = [{"key": "one", "path": "deep/er"}, {"key": "two", "path": "two"}]
    found = await mounted(tmp_path / "v", configMap={"name": "c", "items": items, "defaultMode": 0o600})
    assert found == {"deep/er": b"1", "two": b"2"}


async def test_a_secret(tmp_path: Path) -> None:
    assert await mounted(tmp_path / "v", secret={"secretName": "s"}) == {"pass": b"word"}


async def test_the_downward_api(tmp_path: Path) -> None:
    items: list[dict[str, Any]] = [
        {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
        {"path": "memory", "resourceFieldRef": {"containerName": "app", "resource": "limits.memory"}},
    ]
    found = await mounted(tmp_path / "v", downwardAPI={"items": items})
    assert found == {"labels": b'a="1"\nb="q\\""', "memory": b"67108864"}


async def test_what_every_pod_gets(tmp_path: Path) -> None:
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "c", "items": [{"key": "one", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        {"secret": {"name": "s"}},
    ]
    found = await mounted(tmp_path / "v", projected={"sources": sources})
    assert found == {"token": b"p None 3607", "ca.crt": b"1", "namespace": b"ns", "pass": b"word"}


async def test_an_empty_dir_keeps_what_was_written(tmp_path: Path) -> None:
    await mounted(tmp_path / "v", emptyDir={})
    (tmp_path / "v" / "mine").write_text("x")
    assert await mounted(tmp_path / "v", emptyDir={}) == {"mine": b"x"}


async def test_files_follow_their_source(tmp_path: Path) -> None:
    source = Source()
    volume = {"name": "v", "configMap": {"name": "c"}}
    await mount(tmp_path / "v", volume, projector(source))
    before = (tmp_path / "v" / "two").stat().st_ino
    source.data = {"one": "new", "two": "2"}
    del source.data["one"]
    source.data["three"] = "3"
    await mount(tmp_path / "v", volume, projector(source))
    assert tree(tmp_path / "v") == {"two": b"2", "three": b"3", "bin": b"\xff\x00"}
    assert (tmp_path / "v" / "two").stat().st_ino == before  # what did not change was not written


async def test_a_mark_stands_for_the_files() -> None:
    source = Source()
    volume = {"name": "v", "configMap": {"name": "c"}}
    before = await volumes.content(volume, projector(source))
    again = await volumes.content(volume, projector(source))
    source.data = {"one": "1", "two": "changed"}
    after = await volumes.content(volume, projector(source))
    assert before is not None
    assert again is not None
    assert after is not None
    assert before.mark == again.mark != after.mark


def test_files_of_the_same_content_are_one_file(tmp_path: Path) -> None:
    twins = Twins(tmp_path / "twins")
    same, other = File(b"certificate"), File(b"certificate", 0o600)
    for number in range(4):
        twins.put(tmp_path / f"same{number}", same)
        twins.put(tmp_path / f"other{number}", other)
    found = {path.name: path.stat() for path in tmp_path.glob("*[0-9]")}
    assert all((tmp_path / name).read_bytes() == b"certificate" for name in found)
    assert len({found[f"same{number}"].st_ino for number in (1, 2, 3)}) == 1
    assert found["same1"].st_ino != found["other1"].st_ino


def test_what_a_twin_becomes_is_its_own_affair(tmp_path: Path) -> None:
    twins = Twins(tmp_path / "twins")
    contents = [volumes.Content({"f": File(text)}) for text in (b"old", b"new", b"old")]
    for name in ("a", "b", "c"):
        volumes.write(tmp_path / name, contents[0], twins)
    volumes.write(tmp_path / "c", contents[1], twins)
    assert [(tmp_path / name / "f").read_bytes() for name in ("a", "b", "c")] == [b"old", b"old", b"new"]
    volumes.write(tmp_path / "c", contents[2], twins)
    assert tree(tmp_path / "c") == {"f": b"old"}


def test_twins_that_cannot_be_are_files_of_their_own(tmp_path: Path) -> None:
    twins = Twins(tmp_path / "twins")
    for number in range(3):
        twins.put(tmp_path / str(number), File(b"x"))
    shutil.rmtree(tmp_path / "twins")
    twins.put(tmp_path / "3", File(b"x"))
    assert {path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == {b"x"}


@pytest.mark.parametrize(
    ("volume", "error"),
    [
        ({"configMap": {"name": "no"}}, 'configmap "no" not found'),
        ({"secret": {"secretName": "no"}}, 'secret "no" not found'),
        (
            {"configMap": {"name": "c", "items": [{"key": "no", "path": "x"}]}},
            "configmap references non-existent config key: no",
        ),
        (
            {"secret": {"secretName": "s", "items": [{"key": "no", "path": "x"}]}},
            "references non-existent secret key: no",
        ),
        ({"nfs": {"path": "/"}}, "volume type nfs is not supported by this node"),
        ({"image": {"reference": "x"}}, "volume type image is not supported by this node"),
        (
            {"projected": {"sources": [{"clusterTrustBundle": {}}]}},
            "projected volume source clusterTrustBundle is not supported by this node",
        ),
        ({"downwardAPI": {"items": [{"path": "x", "fieldRef": {"fieldPath": "no"}}]}}, "unsupported fieldPath: no"),
        (
            {"downwardAPI": {"items": [{"path": "x", "resourceFieldRef": {"resource": "limits.cpu"}}]}},
            "container None not found",
        ),
    ],
)
async def test_what_cannot_be_made(tmp_path: Path, volume: dict[str, Any], error: str) -> None:
    with pytest.raises(VolumeError) as refused:
        await mounted(tmp_path / "v", **volume)
    assert str(refused.value) == error


async def test_what_is_optional_is_left_out(tmp_path: Path) -> None:
    items = [{"key": "no", "path": "x"}]
    assert await mounted(tmp_path / "v", configMap={"name": "c", "items": items, "optional": True}) == {}
    assert await mounted(tmp_path / "w", secret={"secretName": "no", "optional": True}) == {}


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "", "a\\..\\x", "C:x", "a\0b"])
async def test_hostile_paths(tmp_path: Path, path: str) -> None:
    with pytest.raises(VolumeError, match="invalid path"):
        await mounted(tmp_path / "v", configMap={"name": "c", "items": [{"key": "one", "path": path}]})
    assert list(tmp_path.iterdir()) == []


@given(path=st.text(alphabet="a./\\:", min_size=1, max_size=8))
async def test_no_path_leads_out(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    root = tmp_path_factory.mktemp("root")
    volume = {"name": "v", "configMap": {"name": "c", "items": [{"key": "one", "path": path}]}}
    with contextlib.suppress(VolumeError, OSError):
        await mount(root / "deep" / "v", volume, projector())
    assert {found for found in root.rglob("*") if found.is_file()} == {
        found for found in (root / "deep" / "v").rglob("*") if found.is_file()
    }


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    volumes.remove(tmp_path, "nobody")
