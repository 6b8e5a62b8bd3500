"""Build configs and builds over the wire: what is refused, what starts a build, what its log says while there is none."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.apiserver.support import TABLE, FakeKubelet, Http, until

from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import ManualClock, SystemClock
from pullscope.clusters import reflector
from pullscope.kube import resources
from pullscope.kube.api import Api, Object

BUILDS = "/apis/build.openshift.io/v1/namespaces/demo"
IMAGE = "registry.test/eap@sha256:" + "0" * 64
SOURCE = {"sourceStrategy": {"from": {"kind": "DockerImage", "name": IMAGE}}}
DOCKER: Object = {"dockerStrategy": {}}


def config(name: str = "app", **spec: Any) -> Object:
    whole = {"source": {"binary": {}}, "strategy": SOURCE, "output": {}, **spec}
    return {"kind": "BuildConfig", "apiVersion": "build.openshift.io/v1", "metadata": {"name": name}, "spec": whole}


async def made(wire: Http, obj: Object | None = None) -> Object:
    answer = await wire.send("POST", f"{BUILDS}/buildconfigs", obj or config())
    assert answer.code == 201, answer.body
    return dict(answer.body)


async def asked(wire: Http, name: str = "app", **request: Any) -> Any:
    """The answer to `oc start-build NAME`."""
    obj = {"kind": "BuildRequest", "apiVersion": "build.openshift.io/v1", "metadata": {"name": name}, **request}
    return await wire.send("POST", f"{BUILDS}/buildconfigs/{name}/instantiate", obj)


# ------------------------------------------------------------------------------------------------- configs


async def test_a_config_gets_its_defaults(wire: Http) -> None:
    spec = (await made(wire, config(strategy={"dockerStrategy": {}})))["spec"]
    assert (spec["runPolicy"], spec["triggers"]) == ("Serial", [])
    assert (spec["successfulBuildsHistoryLimit"], spec["failedBuildsHistoryLimit"]) == (5, 5)
    assert (spec["source"]["type"], spec["strategy"]["type"]) == ("Binary", "Docker")
    answer = await wire.send(
        "PATCH",
        f"{BUILDS}/buildconfigs/app",
        {"status": {"lastVersion": 7}},
        content_type="application/merge-patch+json",
    )
    assert answer.body["status"]["lastVersion"] == 7
    answer = await wire.send(
        "PATCH",
        f"{BUILDS}/buildconfigs/app",
        {"status": {"lastVersion": 3}},
        content_type="application/merge-patch+json",
    )
    assert answer.body["status"]["lastVersion"] == 7
    table = (await wire.send("GET", f"{BUILDS}/buildconfigs", accept=TABLE)).body
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Type", "From", "Latest"]
    assert table["rows"][0]["cells"] == ["app", "Docker", "Binary", 7]


TAG = {"kind": "ImageStreamTag", "name": "eap:7"}
ONE_STRATEGY = (
    "must provide a value for exactly one of sourceStrategy, customStrategy, dockerStrategy, or jenkinsPipelineStrategy"
)


@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        ({"source": {}, "strategy": DOCKER}, "spec.source", "must provide a value for at least one source input"),
        ({"source": {"git": {"uri": "https://x"}}}, "spec.source.git", "not supported by pullscope: upload the source"),
        ({"source": {"images": [{"from": TAG}]}}, "spec.source.images", "not supported by pullscope"),
        ({"source": {"binary": {"asFile": "a/b"}}}, "spec.source.binary.asFile", "file name may not contain slashes"),
        ({"source": {"dockerfile": "x" * 60_001}}, "spec.source.dockerfile", "must be smaller than 60000 bytes"),
        ({"source": {"binary": {}, "contextDir": "../x"}}, "spec.source.contextDir", "context dir must not be a relative"),
        ({"completionDeadlineSeconds": 0}, "spec.completionDeadlineSeconds", "must be a positive integer greater than 0"),
        ({"strategy": {}}, "spec.strategy", ONE_STRATEGY),
        ({"strategy": {**SOURCE, **DOCKER}}, "spec.strategy", ONE_STRATEGY),
        ({"strategy": {"customStrategy": {"from": TAG}}}, "spec.strategy.customStrategy", "not supported by pullscope"),
        ({"strategy": {"jenkinsPipelineStrategy": {}}}, "spec.strategy.jenkinsPipelineStrategy", "not supported"),
        ({"strategy": {"sourceStrategy": {}}}, "spec.strategy.sourceStrategy.from.kind", "Required value"),
        ({"strategy": {"sourceStrategy": {"from": {"kind": "ImageStreamTag", "name": "eap"}}}}, "spec.strategy.sourceStrategy.from.name", "must be <name>:<tag>"),
        ({"strategy": {"sourceStrategy": {"from": {"kind": "ImageStreamTag", "name": "A B:7"}}}}, "spec.strategy.sourceStrategy.from.name", "invalid name syntax"),
        ({"strategy": {"sourceStrategy": {"from": {**TAG, "namespace": "A"}}}}, "spec.strategy.sourceStrategy.from.namespace", "must be a valid namespace"),
        ({"strategy": {"sourceStrategy": {"from": {"kind": "DockerImage", "name": "A"}}}}, "spec.strategy.sourceStrategy.from.name", "not a valid Docker pull specification"),
        ({"strategy": {"sourceStrategy": {"from": {"kind": "DockerImage", "name": "a", "namespace": "b"}}}}, "spec.strategy.sourceStrategy.from.namespace", "not valid when used with a 'DockerImage'"),
        ({"strategy": {"sourceStrategy": {"from": {"kind": "Pod", "name": "a"}}}}, "spec.strategy.sourceStrategy.from.kind", "must be 'ImageStreamTag', 'ImageStreamImage', or 'DockerImage'"),
        ({"strategy": {"sourceStrategy": {"from": {"kind": "ImageStreamImage"}}}}, "spec.strategy.sourceStrategy.from.name", "Required value"),
        ({"strategy": {"sourceStrategy": {"from": TAG, "incremental": True}}}, "spec.strategy.sourceStrategy.incremental", "not supported"),
        ({"strategy": {"sourceStrategy": {"from": TAG, "pullSecret": {}}}}, "spec.strategy.sourceStrategy.pullSecret.name", "Required value"),
        ({"strategy": {"dockerStrategy": {"dockerfilePath": "../Dockerfile"}}}, "spec.strategy.dockerStrategy.dockerfilePath", "dockerfilePath must be a relative path within your source location"),
        ({"strategy": {"dockerStrategy": {"imageOptimizationPolicy": "All"}}}, "spec.strategy.dockerStrategy.imageOptimizationPolicy", "must be unset"),
        ({"strategy": {"dockerStrategy": {"env": [{"name": "=", "value": "1"}]}}}, "spec.strategy.dockerStrategy.env[0].name", "environment variable name"),
        ({"strategy": {"dockerStrategy": {"buildArgs": [{"value": "1"}]}}}, "spec.strategy.dockerStrategy.buildArgs[0].name", "Required value"),
        ({"strategy": {"dockerStrategy": {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}}}, "spec.strategy.dockerStrategy.env[0].valueFrom", "not supported by pullscope"),
        ({"output": {"to": {"kind": "ImageStreamTag", "name": "app"}}}, "spec.output.to.name", "ImageStreamTag object references must be in the form <name>:<tag>"),
        ({"output": {"to": {**TAG, "namespace": "A"}}}, "spec.output.to.namespace", "namespace must be a valid subdomain"),
        ({"output": {"to": {"kind": "DockerImage", "name": ""}}}, "spec.output.to.name", "name is not a valid Docker pull specification"),
        ({"output": {"to": {"kind": "DockerImage", "name": "a", "namespace": "b"}}}, "spec.output.to.namespace", "namespace is not valid when used with a 'DockerImage'"),
        ({"output": {"to": {"kind": "ImageStreamImage", "name": "a@b"}}}, "spec.output.to.kind", "the target of build output must be"),
        ({"output": {"imageLabels": [{"name": "a"}, {"name": "a"}]}}, "spec.output.imageLabels[1].name", "duplicate name"),
        ({"output": {"imageLabels": [{"value": "a"}]}}, "spec.output.imageLabels[0].name", "Required value"),
        ({"postCommit": {"script": "make test"}}, "spec.postCommit", "not supported by pullscope: nothing is executed"),
        ({"runPolicy": "Never"}, "spec.runPolicy", "run policy must Parallel, Serial, or SerialLatestOnly"),
        ({"successfulBuildsHistoryLimit": -1}, "spec.successfulBuildsHistoryLimit", "must be greater than or equal to 0"),
        ({"triggers": [{"type": "Generic"}]}, "spec.triggers[0].generic", "Required value"),
        ({"triggers": [{"type": "Generic", "generic": {}}]}, "spec.triggers[0].generic", "must provide a value for at least one of secret or secretReference"),
        ({"triggers": [{"type": "Generic", "generic": {"secretReference": {}}}]}, "spec.triggers[0].generic.secretReference.name", "Required value"),
        ({"triggers": [{"type": "GitHub", "github": {"secret": "s", "allowEnv": True}}]}, "spec.triggers[0].github.allowEnv", "git webhooks cannot allow env vars"),
        ({"triggers": [{"type": "ImageChange", "imageChange": {"from": {"kind": "DockerImage", "name": "a"}}}]}, "spec.triggers[0].imageChange.from.kind", "only an ImageStreamTag type of reference is allowed"),
        ({"triggers": [{"type": "ImageChange", "imageChange": {"from": TAG}}] * 2}, "spec.triggers", "multiple ImageChange triggers refer to the same image stream tag"),
    ],
)  # fmt: skip
async def test_what_cannot_be_built_is_refused_by_field(wire: Http, spec: Object, field: str, message: str) -> None:
    answer = await wire.send("POST", f"{BUILDS}/buildconfigs", config(**spec))
    assert (answer.code, answer.body["reason"]) == (422, "Invalid")
    causes = {cause["field"]: cause["message"] for cause in answer.body["details"]["causes"]}
    assert message in causes[field]


# ------------------------------------------------------------------------------------------------- what starts a build


async def test_builds_are_numbered_and_never_twice(wire: Http) -> None:
    await made(wire)
    for number in (1, 2):
        build = (await asked(wire, binary={})).body
        assert (build["metadata"]["name"], build["spec"]["triggeredBy"]) == (
            f"app-{number}",
            [{"message": "Manually triggered"}],
        )
    assert (await wire.send("GET", f"{BUILDS}/buildconfigs/app")).body["status"]["lastVersion"] == 2
    table = (await wire.send("GET", f"{BUILDS}/builds", accept=TABLE)).body
    assert [column["name"] for column in table["columnDefinitions"]] == [
        "Name",
        "Type",
        "From",
        "Status",
        "Started",
        "Duration",
    ]
    assert table["rows"][0]["cells"] == ["app-1", "Source", "Binary", "New", "", ""]


async def test_builds_are_printed_in_the_order_of_their_age(wire: Http) -> None:
    await made(wire, config(source={"dockerfile": "FROM x"}, strategy=DOCKER))
    for _ in range(10):
        await asked(wire)
    table = (await wire.send("GET", f"{BUILDS}/builds", accept=TABLE)).body
    assert [row["cells"][0] for row in table["rows"]] == [f"app-{number}" for number in range(1, 11)]


async def test_a_source_that_has_to_be_uploaded_is_not_asked_for_otherwise(wire: Http) -> None:
    await made(wire)
    answer = await asked(wire)
    assert (answer.code, answer.body["details"]["causes"][0]["field"]) == (422, "spec.source")
    assert (await wire.send("GET", f"{BUILDS}/buildconfigs/app")).body["status"]["lastVersion"] == 0


@pytest.mark.parametrize(
    ("annotations", "options", "message"),
    [
        ({}, {"lastVersion": 4}, "the LastVersion(0) on build config demo/app does not match the build request LastVersion(4)"),
        ({"openshift.io/build-config.paused": "true"}, {}, "can't instantiate from BuildConfig demo/app: BuildConfig is paused"),
        ({}, {"dockerStrategyOptions": {"noCache": True}}, "Cannot specify Docker build specific options on demo/app, not a Docker build."),
    ],
)  # fmt: skip
async def test_requests_that_start_nothing(wire: Http, annotations: Object, options: Object, message: str) -> None:
    obj = config()
    obj["metadata"]["annotations"] = annotations
    await made(wire, obj)
    answer = await asked(wire, binary={}, **options)
    assert (answer.code, answer.body["message"]) == (400, message)


async def test_a_builder_image_that_is_not_there(wire: Http) -> None:
    await made(wire, config(strategy={"sourceStrategy": {"from": TAG}}))
    answer = await asked(wire, binary={})
    assert answer.code == 422
    assert answer.body["message"].startswith("Error resolving ImageStreamTag eap:7 in namespace demo: ")
    assert answer.body["details"]["causes"][0]["field"] == "from"
    assert (await asked(wire, "nothing")).code == 404


async def test_a_build_like_another(wire: Http, api: Api) -> None:
    await made(wire)
    await asked(wire, binary={})
    request = {"kind": "BuildRequest", "apiVersion": "build.openshift.io/v1", "metadata": {"name": "app-1"}}
    clone = (await wire.send("POST", f"{BUILDS}/builds/app-1/clone", request)).body
    assert clone["metadata"]["annotations"]["openshift.io/build.clone-of"] == "app-1"
    assert clone["metadata"]["name"] == "app-2"
    await api.delete(resources.BUILD_CONFIGS, "demo", "app")
    orphan = (await wire.send("POST", f"{BUILDS}/builds/app-1/clone", request)).body
    assert orphan["metadata"]["name"].startswith("app-1-")


async def test_a_build_cannot_become_another(wire: Http, api: Api) -> None:
    await made(wire)
    build = (await asked(wire, binary={})).body
    changed = {**build, "spec": {**build["spec"], "serviceAccount": "other"}}
    answer = await wire.send("PUT", f"{BUILDS}/builds/app-1", changed)
    assert (answer.code, answer.body["details"]["causes"][0]["field"]) == (422, "spec")
    over = (
        await wire.send("PUT", f"{BUILDS}/builds/app-1", {**build, "status": {**build["status"], "phase": "Failed"}})
    ).body
    assert [each["type"] for each in over["status"]["conditions"] if each["status"] == "True"] == ["Failed"]
    again = await wire.send("PUT", f"{BUILDS}/builds/app-1", {**over, "status": {**over["status"], "phase": "New"}})
    assert "phase cannot be updated from a terminal state" in again.body["message"]


async def test_what_a_builds_pod_may_say(wire: Http) -> None:
    await made(wire)
    build = (await asked(wire, binary={})).body
    said = {"phase": "Failed", "reason": "PushImageToRegistryFailed", "message": "m", "cancelled": True, "config": None}
    details = f"{BUILDS}/builds/app-1/details"
    answer = (
        await wire.send("PUT", details, {**build, "spec": {**build["spec"], "serviceAccount": "x"}, "status": said})
    ).body
    assert (answer["status"]["phase"], answer["status"]["reason"]) == ("Failed", "PushImageToRegistryFailed")
    assert "cancelled" not in answer["status"]
    assert answer["status"]["config"] == build["status"]["config"]
    assert answer["spec"]["serviceAccount"] == "builder"


# ------------------------------------------------------------------------------------------------- uploads


async def became(api: Api, name: str, **status: Any) -> Object:
    build = await api.get(resources.BUILDS, "demo", name)
    return dict(await api.update(resources.BUILDS, "demo", {**build, "status": {**build["status"], **status}}))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ({"phase": "Error"}, "build app-1 encountered an error: No logs are available."),
        ({"phase": "Cancelled"}, "build app-1 was cancelled: No logs are available."),
        ({"phase": "Failed", "reason": "R", "message": "m"}, "build app-1 failed: R: m"),
        ({"phase": "Complete"}, "cannot upload file to build app-1 with status Complete"),
        (None, "build app-1 was deleted before it started: No logs are available."),
        ({}, "unable to wait for build app-1 to run: timed out waiting for the condition"),
    ],
)
async def test_uploads_that_nobody_takes(
    wire: Http, api: Api, clock: ManualClock, status: Object | None, message: str
) -> None:
    await made(wire)
    url = f"{BUILDS}/buildconfigs/app/instantiatebinary?name=app&namespace=demo"
    upload = asyncio.ensure_future(wire.send("POST", url, b"archive", content_type=None))
    await there(api, "app-1")
    if status is None:
        await api.delete(resources.BUILDS, "demo", "app-1")
    elif status:
        await became(api, "app-1", **status)
    else:
        await advanced(clock, 301, upload.done)
    answer = await upload
    assert (answer.code, answer.body["message"]) == (400, message)
    if not status and status is not None:
        assert (await api.get(resources.BUILDS, "demo", "app-1"))["status"]["cancelled"]


async def there(api: Api, name: str) -> None:
    await reflector.until(api, resources.BUILDS, "demo", name, clock=SystemClock())


async def advanced(clock: ManualClock, seconds: float, true: Callable[[], bool]) -> None:
    """Let that much time pass as often as it takes."""

    def passed() -> bool:
        clock.advance(seconds)
        return true()

    await until(passed)


async def test_a_build_that_runs_nowhere_takes_nothing(wire: Http, api: Api, server: ApiServer) -> None:
    await made(wire)
    url = f"{BUILDS}/buildconfigs/app/instantiatebinary"
    upload = asyncio.ensure_future(wire.send("POST", url, b"archive", content_type=None))
    await there(api, "app-1")
    pod = {"metadata": {"name": "app-1-build"}, "spec": {"containers": [{"name": "sti-build", "image": "i"}]}}
    await api.create(resources.PODS, "demo", pod)
    await became(api, "app-1", phase="Running")
    assert (await upload).body["message"] == "pod app-1-build does not have a host assigned"


# ------------------------------------------------------------------------------------------------- logs


@pytest.mark.parametrize(
    ("phase", "query", "code", "said"),
    [
        ("New", "?nowait=true", 200, ""),
        ("Cancelled", "", 400, "build app-1 was cancelled. No logs are available."),
        ("Error", "", 400, "build app-1 is in an error state. No logs are available."),
        ("Running", "", 400, 'pod "app-1-build" not found'),
        ("Running", "?previous=true", 404, 'builds.build.openshift.io "app-0" not found'),
    ],
)
async def test_logs_that_are_none(wire: Http, api: Api, phase: str, query: str, code: int, said: str) -> None:
    await made(wire)
    await asked(wire, binary={})
    await became(api, "app-1", phase=phase)
    answer = await wire.send("GET", f"{BUILDS}/builds/app-1/log{query}")
    assert (answer.code, answer.body if code == 200 else answer.body["message"]) == (code, said)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ({"phase": "Error"}, 400, "build app-1 encountered an error: No logs are available."),
        ({"phase": "Cancelled"}, 400, "build app-1 was cancelled: No logs are available."),
        (None, 400, "unable to wait for build app-1 to run: build was deleted"),
        ({}, 504, "Timeout: timed out waiting for build app-1 to start after 30s"),
    ],
)
async def test_logs_that_never_come(
    wire: Http, api: Api, clock: ManualClock, status: Object | None, code: int, said: str
) -> None:
    await made(wire)
    await asked(wire, binary={})
    waiting = asyncio.ensure_future(wire.send("GET", f"{BUILDS}/builds/app-1/log?follow=true"))
    if status == {}:
        await advanced(clock, 31, waiting.done)
    else:
        await wire.send("GET", "/readyz")  # by now the request is there too
        await (api.delete(resources.BUILDS, "demo", "app-1") if status is None else became(api, "app-1", **status))
    answer = await waiting
    if (code, said) != (answer.code, answer.body["message"]):  # it came after what it was to wait for
        assert answer.body["message"].startswith(("build app-1", 'builds.build.openshift.io "app-1"'))


async def test_a_log_is_that_of_all_containers(wire: Http, api: Api, kubelet: FakeKubelet) -> None:
    await made(wire)
    await asked(wire, binary={})
    containers = {
        "initContainers": [{"name": "git-clone", "image": "i"}],
        "containers": [{"name": "sti-build", "image": "i"}],
    }
    pod = await api.create(
        resources.PODS, "demo", {"metadata": {"name": "app-1-build"}, "spec": {**containers, "nodeName": "crc"}}
    )
    over = {"terminated": {"exitCode": 0}}
    pod["status"] = {
        "phase": "Succeeded",
        "initContainerStatuses": [{"name": "git-clone", "state": over}],
        "containerStatuses": [{"name": "sti-build", "state": over}],
    }
    await api.update(resources.PODS, "demo", pod, subresource="status")
    await became(api, "app-1", phase="Complete")
    assert (await wire.send("GET", f"{BUILDS}/builds/app-1/log?follow=true")).body == "first\nsecond\nfirst\nsecond\n"
    assert [each.container for each in kubelet.asked] == ["git-clone", "sti-build"]
