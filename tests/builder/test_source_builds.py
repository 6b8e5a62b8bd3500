"""The program that does source builds: base image, files, push."""

import asyncio
import base64
import json

from tests.builder.archives import tar
from tests.builder.pod import WAR, Make, Pod, nothing

from pullscope.builder.job import Job
from pullscope.oci import reference
from pullscope.openshift import builder
from pullscope.runtime.toolbox.context import Context


async def test_a_source_build(make: Make) -> None:
    pod = make()
    await pod.take(tar({**WAR, "sub/a.txt": b"a", "notes.md": b"", ".s2iignore": b"*.md\n"}))
    assert await pod.run("manage-dockerfile", "sti-build") == 0
    manifest, config = await pod.made()
    image = pod.build["spec"]["strategy"]["sourceStrategy"]["from"]["name"]
    digest = pod.status["output"]["to"]["imageDigest"]
    told = pod.log.splitlines()
    assert told[1:4] == [
        f"Trying to pull {image}...",
        f"Generating dockerfile with builder image {image}",
        f"STEP 1/4: FROM {image}",
    ]
    assert told[6:8] == ["STEP 4/4: COPY . /deployments/", ""]
    assert told[8] == f"Pushing image {pod.registry}/demo/app:latest ..."
    assert told[9:11] == [f"Copying blob {layer.digest} skipped: already exists" for layer in manifest.layers[:2]]
    assert told[-3:] == [
        "Writing manifest to image destination",
        f"Successfully pushed {pod.registry}/demo/app@{digest}",
        "Push successful",
    ]
    assert config["os"] == "wasi"
    assert config["created"] == pod.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "OPENSHIFT_BUILD_NAME=app-1" in config["config"]["Env"]
    assert config["config"]["Entrypoint"] == ["/probe"]


async def test_layers_of_the_base_are_mounted_where_they_are_not_sent(make: Make) -> None:
    pod = make()
    await pod.take(tar(WAR))
    await pod.run("sti-build")
    stored = {path.name for path in (pod.directory / "storage" / "blobs" / "sha256").iterdir()}
    manifest, _ = await pod.made()
    assert {layer.digest.hex in stored for layer in manifest.layers[:2]} == {False}
    assert manifest.layers[2].digest.hex in stored


async def test_a_failed_push_is_the_reason(make: Make) -> None:
    pod = make(output={"to": {"kind": "DockerImage", "name": "127.0.0.1:1/demo/app:latest"}})
    await pod.take(tar(WAR))
    running = asyncio.ensure_future(pod.run("sti-build"))
    await _pass(pod, running)
    assert await running == 1
    assert pod.log.count("Warning: Push failed, retrying in 5s ...\n") == 2
    why = "After retrying 2 times, Push image still failed due to error: registry 127.0.0.1:1: connection refused"
    assert f"error: build error: Failed to push image: {why}\n" in pod.log
    assert (pod.status["reason"], pod.status["phase"]) == ("PushImageToRegistryFailed", "Failed")


async def _pass(pod: Pod, running: "asyncio.Future[int]") -> None:
    """Let time pass until the work is done."""
    while not running.done():
        await asyncio.wait([running], timeout=0.01)
        pod.clock.advance(5)


async def test_no_output_no_push(make: Make) -> None:
    pod = make(output={})
    await pod.take(tar({}))
    assert await pod.run("sti-build") == 0
    assert "STEP 3/3: ENV" in pod.log
    assert pod.log.endswith("Build complete, no image push requested\n")


async def test_secrets_are_used_for_their_registry(make: Make) -> None:
    pod = make()
    auth = base64.b64encode(b"builder:token").decode()
    name = reference.parse(f"{pod.registry}/demo/app")
    for file, config in (
        (".dockercfg", {pod.registry: {"auth": auth}}),
        (".dockerconfigjson", {"auths": {pod.registry: {"auth": auth}}}),
    ):
        (pod.directory / "push" / file).write_text(json.dumps(config))
        job = _job(pod)
        login = job.login(builder.PUSH, name)
        assert login is not None
        assert (login.username, login.password) == ("builder", "token")
        assert job.login(builder.PUSH, reference.parse("elsewhere.local/a")) is None
        (pod.directory / "push" / file).unlink()
    (pod.directory / "push" / ".dockercfg").write_text("{")
    await pod.take(tar(WAR))
    assert await pod.run("sti-build") == 1
    assert "error: '/var/run/secrets/openshift.io/push/.dockercfg': " in pod.log


def _job(pod: Pod) -> Job:
    return Job(
        pod.powers,
        Context(pod.root, {builder.BUILD: json.dumps(pod.build)}, "/", pod.clock, lambda _, __: None, nothing),
    )
