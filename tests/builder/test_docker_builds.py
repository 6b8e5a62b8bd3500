"""The programs that do docker builds."""

import tarfile
from typing import Any

import pytest
from tests.builder.archives import tar
from tests.builder.pod import Make, Pod

from pullscope.content.memory import MemoryStore
from pullscope.images import build as images
from pullscope.images import layers
from pullscope.images.layers import Entry
from pullscope.oci import reference
from pullscope.oci.platform import WASI
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient


def docker(pod: Pod, **strategy: Any) -> Pod:
    pod.build["spec"]["strategy"] = {"dockerStrategy": strategy}
    return pod


async def test_a_docker_build(make: Make) -> None:
    pod = docker(make(source={"binary": {}, "contextDir": "sub"}), buildArgs=[{"name": "WAR", "value": "app.war"}])
    text = f"FROM {pod.registry}/pullscope/probe:base\nARG WAR\nWORKDIR /deployments\nCOPY $WAR .\nUSER 7\n"
    await pod.take(tar({"sub/Dockerfile": text.encode(), "sub/app.war": b"1"}))
    assert await pod.run("manage-dockerfile", "docker-build") == 0
    manifest, config = await pod.made()
    assert len(manifest.layers) == 3
    assert (config["config"]["User"], config["config"]["WorkingDir"]) == ("7", "/deployments")
    assert config["config"]["Labels"]["io.openshift.build.namespace"] == "demo"
    assert "STEP 4/7: COPY $WAR .\n" in pod.log


async def test_a_dockerfile_in_the_config(make: Make) -> None:
    pod = docker(make(source={"dockerfile": "FROM scratch\nLABEL a=b\n"}))
    assert await pod.run("manage-dockerfile", "docker-build") == 0
    manifest, config = await pod.made()
    assert (manifest.layers, config["os"], config["architecture"]) == ((), "linux", "amd64")


async def test_the_configs_image_replaces_the_dockerfiles(make: Make) -> None:
    pod = make()
    image = f"{pod.registry}/pullscope/probe:base"
    docker(pod, **{"from": {"kind": "DockerImage", "name": image}})
    await pod.take(tar({"Dockerfile": b"FROM registry.example/none\nCOPY a /b\n", "a": b""}))
    assert await pod.run("manage-dockerfile", "docker-build") == 0
    assert f"Replaced Dockerfile FROM image {image}\n" in pod.log


async def test_the_base_is_looked_into_when_that_decides(make: Make) -> None:
    pod = docker(make())
    await _push_base(pod, ["opt/server/deployments/x"], ["deployments/y"], ["etc/conf"])
    text = f"FROM {pod.registry}/demo/base:1\nCOPY app.war /deployments\nCOPY app.war /etc/conf\n"
    await pod.take(tar({"Dockerfile": text.encode(), "app.war": b"1"}))
    assert await pod.run("manage-dockerfile", "docker-build") == 0
    manifest, _ = await pod.made()
    client = RegistryClient(pod.session, pod.registry)
    store = MemoryStore()
    found = []
    for layer in manifest.layers[3:]:
        await client.get_blob("demo/app", layer.digest, store.writer())
        with store.open(layer.digest) as reader:
            found += _names(reader)
    assert found == ["deployments/app.war", "etc/conf"]
    stored = {path.name for path in (pod.directory / "storage" / "blobs" / "sha256").iterdir()}
    assert [layer.digest.hex in stored for layer in manifest.layers[:3]] == [False, True, True]


def _names(reader: Any) -> list[str]:
    with tarfile.open(fileobj=reader) as archive:
        return [member.name for member in archive if member.isfile()]


async def _push_base(pod: Pod, *files: list[str]) -> None:
    store = MemoryStore()
    made = [layers.write(store, [Entry(name, b"") for name in names]) for names in files]
    root = images.image(store, WASI, {}, made)
    name = reference.parse(f"{pod.registry}/demo/base:1")
    await transfer.push(RegistryClient(pod.session, pod.registry), name, store, root)


@pytest.mark.parametrize(
    ("files", "reason", "said"),
    [
        ({}, "ManageDockerfileFailed", "error: open /tmp/build/inputs/Dockerfile: no such file or directory"),
        ({"Dockerfile": b""}, "DockerBuildFailed", "error: build error: Dockerfile:1: file with no instructions"),
        (
            {"Dockerfile": b"FROM BASE\nENV A=1\nRUN make\nUSER 1\n"},
            "DockerBuildFailed",
            "archive ...\nerror: build error: Dockerfile:3: RUN is not supported",
        ),
        (
            {"Dockerfile": b"FROM BASE\nCOPY nothing /\n"},
            "DockerBuildFailed",
            "STEP 2/4: COPY nothing /\nerror: build error: Dockerfile:2: checking on sources",
        ),
        (
            {"Dockerfile": b"FROM BASE AS one\nFROM BASE\n"},
            "DockerBuildFailed",
            "error: build error: Dockerfile:2: several stages are not supported",
        ),
        (
            {"Dockerfile": b"FROM REGISTRY/nothing:1\n"},
            "PullBuilderImageFailed",
            "error: failed to pull image: while pulling",
        ),
        ({"Dockerfile": b"FROM BASE\n", "l": "-> nothing"}, "DockerBuildFailed", "the link l leads to no file"),
    ],
)
async def test_why_docker_builds_fail(make: Make, files: dict[str, bytes | str], reason: str, said: str) -> None:
    pod = docker(make())
    base = f"{pod.registry}/pullscope/probe:base".encode()
    text = files.get("Dockerfile")
    if isinstance(text, bytes):
        text = text.replace(b"BASE", base).replace(b"REGISTRY", pod.registry.encode())
        files = {**files, "Dockerfile": text}
    await pod.take(tar(files))
    assert await pod.run("manage-dockerfile", "docker-build") == 1
    assert said in pod.log
    assert (pod.status["phase"], pod.status["reason"]) == ("Failed", reason)
