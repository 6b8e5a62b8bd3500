"""The programs of a build's pod that take its source."""

import json

import pytest
from tests.builder.archives import tar
from tests.builder.pod import WAR, Make, nothing

from pullscope.builder.words import programs
from pullscope.kube.api import Object
from pullscope.openshift import builder
from pullscope.runtime.rootfs import Root, Volume
from pullscope.runtime.toolbox.context import Context


async def test_an_archive_is_unpacked(alone: Make) -> None:
    pod = alone()
    assert (await pod.take(tar(WAR))).code == 0
    assert pod.log == "Receiving source from STDIN as archive ...\n"
    assert (pod.inputs / "ROOT.war").read_bytes() == b"archive"
    assert [path.name for path in (pod.directory / "work").iterdir()] == ["inputs"]


async def test_a_single_file_is_kept_under_its_name(alone: Make) -> None:
    pod = alone(source={"binary": {"asFile": "ROOT.war"}})
    assert (await pod.take(tar(WAR))).code == 0
    assert pod.log == "Receiving source from STDIN as file ROOT.war\n"
    assert (pod.inputs / "ROOT.war").read_bytes() == tar(WAR)


@pytest.mark.parametrize("name", ["../../escaped", "/etc/passwd", "no/such/directory"])
async def test_a_file_cannot_be_kept_elsewhere(alone: Make, name: str) -> None:
    """The API refuses such names; but anybody may start such a container."""
    pod = alone(source={"binary": {"asFile": name}})
    assert (await pod.take(b"1")).code == 1
    assert f"error: open /tmp/build/inputs/{name}: " in pod.log
    assert not (pod.directory / "escaped").exists()


@pytest.mark.parametrize("source", [{"binary": {}}, {"binary": {"asFile": "ROOT.war"}}])
async def test_half_an_upload_is_none(alone: Make, source: Object) -> None:
    pod = alone(source=source)
    assert (await pod.take(tar(WAR)[:40], broken=True)).code == 1
    assert "error: the upload broke off after 40 bytes\n" in pod.log
    assert (pod.status["phase"], pod.status["reason"]) == ("Failed", "FetchSourceFailed")
    assert not pod.inputs.exists()


async def test_what_is_refused_is_the_reason(alone: Make) -> None:
    pod = alone()
    pod.api.conflicts = 3
    assert (await pod.take(tar({"../x": b"1"}))).code == 1
    why = "unable to extract binary build input, must be a zip, tar, or gzipped tar, or specified as a file"
    assert f"error: {why}: the name leads out of the root: '../x'\n" in pod.log
    assert pod.status == {
        "phase": "Failed",
        "reason": "FetchSourceFailed",
        "message": "Failed to fetch the input source.",
    }
    assert pod.api.tokens == ["of the pod"]


@pytest.mark.parametrize("directory", ["nothing", "ROOT.war", "../..", "out"])
async def test_the_context_directory_is_one_of_the_upload(alone: Make, directory: str) -> None:
    pod = alone(source={"binary": {}, "contextDir": directory})
    assert (await pod.take(tar({**WAR, "a/out": "-> ..", "out": "-> a/out/.."}))).code == 1
    assert f"error: provided context directory does not exist: {directory}\n" in pod.log
    assert pod.status["reason"] == "InvalidContextDirectory"


async def test_what_the_pod_is_not_told_it_does_not_do(alone: Make) -> None:
    pod = alone()
    for text in ("", "[]", "{}", '{"metadata": {"name": "a", "namespace": "b"}, "spec": 1}'):
        context = Context(pod.root, {builder.BUILD: text}, "/", pod.clock, lambda _, __: None, nothing)
        assert await programs(pod.powers)["openshift-git-clone"](context, ()) == 1
    assert pod.api.tokens == []


async def test_a_read_only_pod_is_refused(alone: Make) -> None:
    pod = alone()
    root = Root(pod.directory / "tree", (Volume(builder.WORK, pod.directory / "work", readonly=True),))
    said: list[bytes] = []
    context = Context(
        root, {builder.BUILD: json.dumps(pod.build)}, "/", pod.clock, lambda _, data: said.append(data), nothing
    )
    assert await programs(pod.powers)["openshift-git-clone"](context, ()) == 1
    assert b"error: open /tmp/build: read-only file system\n" in said


async def test_who_may_not_say_why_it_failed_still_fails(alone: Make) -> None:
    pod = alone()
    (pod.directory / "account" / "token").write_text("of somebody else")
    assert (await pod.take(b"<html>")).code == 1
    assert "error: An error occurred updating the build status: Unauthorized\n" in pod.log
    (pod.directory / "account" / "token").unlink()
    assert (await pod.take(b"<html>")).code == 1
