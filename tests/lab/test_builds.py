"""Builds in a whole lab: from the upload to the running pod, and the ways in which they end otherwise."""

import asyncio
import contextlib
import json
import tarfile
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from tests.builder.archives import tar
from tests.lab.builds import BUILDS, DOCKER, NAMESPACE, SOURCE, STREAMS, Developer, Upload, developing

from pullscope.base.clock import SystemClock
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import LogOptions, Object

MEGABYTE = 1 << 20
TRIGGERS = "image.openshift.io/triggers"


def war(name: str) -> bytes:
    return tar({name: probe.archive(name)})


def deployment() -> Object:
    trigger = {
        "from": {"kind": "ImageStreamTag", "name": "app:latest"},
        "fieldPath": 'spec.template.spec.containers[?(@.name=="app")].image',
    }
    template = {
        "metadata": {"labels": {"app": "app"}},
        "spec": {"containers": [{"name": "app", "image": " "}], "terminationGracePeriodSeconds": 0},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "app", "annotations": {TRIGGERS: json.dumps([trigger])}},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "app"}}, "template": template},
    }


async def running_pod(developer: Developer, image: str) -> Object:
    """The deployment's pod, when it runs the image with that digest."""

    def rolled_out(found: Object) -> bool:
        [container] = found["spec"]["template"]["spec"]["containers"]
        state = found["status"]
        return bool(
            container["image"].endswith(image)
            and state.get("observedGeneration") == found["metadata"]["generation"]
            and state.get("updatedReplicas") == state.get("availableReplicas") == state.get("replicas") == 1
        )

    await developer.until(resources.DEPLOYMENTS, "app", rolled_out)
    pods = await developer.lab.api.list(resources.PODS, NAMESPACE, labels="app=app")
    [pod] = [each for each in pods.items if each["spec"]["containers"][0]["image"].endswith(image)]
    return pod


async def says(developer: Developer, pod: Object, text: bytes) -> None:
    """Return when the pod has said that."""
    options = LogOptions(container="app", follow=True)
    async with contextlib.aclosing(
        cast(AsyncGenerator[bytes, None], developer.lab.nodes[0].logs(pod, options))
    ) as lines:
        async for line in lines:
            if text in line:
                return


async def test_what_is_uploaded_runs() -> None:
    async with developing() as developer:
        await developer.config("app", SOURCE)
        build = await developer.built("app", war("node.war"))
        state = build["status"]
        assert state["phase"] == "Complete"
        internal = "image-registry.openshift-image-registry.svc:5000/demo/app"
        assert state["outputDockerImageReference"] == f"{internal}:latest"
        _, tag = await developer.ask("GET", f"{STREAMS}/imagestreamtags/app:latest")
        assert tag["image"]["dockerImageReference"] == f"{internal}@{state['output']['to']['imageDigest']}"
        assert tag["tag"] is None
        assert tag["image"]["dockerImageMetadata"]["Config"]["Labels"]["io.openshift.build.name"] == "app-1"
        await developer.make(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", deployment())
        pod = await running_pod(developer, state["output"]["to"]["imageDigest"])
        await says(developer, pod, b"node.war")

        pod = await developer.lab.api.get(resources.PODS, NAMESPACE, "app-1-build")
        assert pod["status"]["phase"] == "Succeeded"
        assert [each["name"] for each in pod["status"]["initContainerStatuses"]] == ["git-clone", "manage-dockerfile"]
        events = await developer.lab.api.list(resources.EVENTS, NAMESPACE)
        told = [each["reason"] for each in events.items if each["involvedObject"]["kind"] == "Build"]
        assert told == ["BuildStarted", "BuildCompleted"]

        dockerfile = b"FROM builder\nCOPY *.war /deployments/\n"
        await developer.config(
            "docker", {"dockerStrategy": {"from": {"kind": "ImageStreamTag", "name": "builder:latest"}}}
        )
        upload = tar({"Dockerfile": dockerfile, "registry.war": probe.archive("registry.war")})
        state = (await developer.built("docker", upload))["status"]
        assert state["phase"] == "Complete"
        pod = await running_pod(developer, state["output"]["to"]["imageDigest"])
        await says(developer, pod, b"registry.war")


async def test_builds_that_fail_say_why() -> None:
    async with developing() as developer:
        await developer.config("app", SOURCE)
        await developer.config("docker", DOCKER)
        failed = await developer.built("app", tar({"../x": b"1"}))
        assert (failed["status"]["phase"], failed["status"]["reason"]) == ("Failed", "FetchSourceFailed")
        failed = await developer.built("docker", tar({"Dockerfile": b"FROM scratch\nRUN make\n"}))
        assert failed["status"]["reason"] == "DockerBuildFailed"
        failed = await developer.until(resources.BUILDS, "docker-1", lambda build: "logSnippet" in build["status"])
        excerpt = failed["status"]["logSnippet"].split("\n")
        assert excerpt[0].startswith("error: build error: Dockerfile:2: RUN is not supported")

        await cut(developer, "app")
        cut_off = await developer.over("app-2")
        assert cut_off["status"]["reason"] == "FetchSourceFailed"
        assert "error: the upload broke off after " in await developer.log("app-2")

        stream = await developer.lab.api.get(resources.IMAGE_STREAMS, NAMESPACE, "app")
        assert not stream["status"].get("tags")
        assert (await developer.ask("DELETE", f"{STREAMS}/imagestreams/app"))[0] == 200
        code, answer = await developer.upload("app", war("node.war"))
        why = "build app-3 failed: InvalidOutputReference: Output image could not be resolved."
        assert (code, answer["message"]) == (400, why)
        assert (await developer.over("app-3"))["status"]["phase"] == "Failed"
        await developer.make(f"{STREAMS}/imagestreams", {"metadata": {"name": "app"}})
        assert (await developer.built("app", war("node.war")))["status"]["phase"] == "Complete"


async def cut(developer: Developer, config: str) -> None:
    """Upload a part and go."""

    async def pieces() -> Any:
        yield war("node.war")[:30]
        await developer.until(resources.BUILDS, "app-2", lambda build: build["status"]["phase"] == "Running")
        raise RuntimeError("gone")

    with pytest.raises((RuntimeError, aiohttp.ClientError)):
        await developer.upload(config, pieces())


async def test_builds_wait_for_each_other_and_can_be_cancelled() -> None:
    async with developing() as developer:
        await developer.config("app", SOURCE)
        first, second = Upload(), Upload()
        for each in (first, second):
            each.pieces.put_nowait(war("node.war")[:10])
        uploads = [asyncio.ensure_future(developer.upload("app", first.body()))]
        await developer.until(resources.BUILDS, "app-1", lambda build: build["status"]["phase"] == "Running")
        uploads.append(asyncio.ensure_future(developer.upload("app", second.body())))
        waiting = await developer.until(resources.BUILDS, "app-2", lambda _: True)
        assert waiting["status"]["phase"] == "New"
        assert await developer.log("app-2", "nowait=true") == ""

        following = asyncio.ensure_future(followed(developer, "app-1", begun := asyncio.Event()))
        await begun.wait()
        build = await developer.lab.api.get(resources.BUILDS, NAMESPACE, "app-1")
        build["status"]["cancelled"] = True
        assert (await developer.ask("PUT", f"{BUILDS}/builds/app-1", build))[0] == 200
        ended = await developer.over("app-1")
        assert (ended["status"]["phase"], ended["status"]["reason"]) == ("Cancelled", "CancelledBuild")
        assert await following == b"Receiving source from STDIN as archive ...\n"

        await developer.until(resources.BUILDS, "app-2", lambda build: build["status"]["phase"] == "Running")
        second.pieces.put_nowait(war("node.war")[10:])
        second.pieces.put_nowait(None)
        assert (await uploads[1])[0] == 201
        assert (await developer.over("app-2"))["status"]["phase"] == "Complete"
        first.pieces.put_nowait(b"too late")
        first.pieces.put_nowait(None)
        assert (await uploads[0])[0] == 201

        assert (await developer.ask("DELETE", f"{BUILDS}/buildconfigs/app", {"propagationPolicy": "Background"}))[
            0
        ] == 200
        await gone(developer, resources.BUILDS)
        await gone(developer, resources.PODS)


async def test_memory_does_not_grow_with_the_upload(tmp_path: Path) -> None:
    member = tarfile.TarInfo("app.war")
    member.size = 20 * MEGABYTE

    async def pieces() -> AsyncIterator[bytes]:
        yield member.tobuf()
        for _ in range(20):
            yield b"PK\x03\x04" * (MEGABYTE // 4)
        yield bytes(tarfile.BLOCKSIZE * 2)

    async with developing(tmp_path) as developer:
        await developer.config("app", SOURCE)
        await developer.built("app", war("node.war"))
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            code, _ = await developer.upload("app", pieces())
            build = await developer.over("app-2")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (code, build["status"]["phase"]) == (201, "Complete")
    assert peak - before < 10 * MEGABYTE


async def followed(developer: Developer, build: str, begun: asyncio.Event) -> bytes:
    """The whole log of a build; `begun` is told of the first line."""
    url = f"{developer.lab.server}{BUILDS}/builds/{build}/log?follow=true"
    async with developer.session.get(url) as response:
        first = await response.content.readline()
        begun.set()
        return first + await response.read()


async def gone(developer: Developer, resource: Any) -> None:
    while (await developer.lab.api.list(resource, NAMESPACE)).items:
        await SystemClock().sleep(0.02)
