"""What the build controllers decide, without a cluster."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pullscope.controllers.builds import configs, plan, pods, policies, starting
from pullscope.controllers.builds.plan import Action, Cancel, Nothing, Start, Supersede, Write
from pullscope.controllers.builds.starting import Blocked, Ready
from pullscope.kube.api import Object
from pullscope.openshift import buildreasons, builds

NOW = datetime(2026, 7, 17, 10, 0, 30, tzinfo=UTC)
START = "2026-07-17T10:00:00Z"
IMAGE = "registry.local/eap@sha256:" + "0" * 64


def build(phase: str = "New", number: int = 1, policy: str = "Serial", **status: Any) -> Object:
    return {
        "metadata": {
            "name": f"app-{number}",
            "namespace": "demo",
            "uid": f"uid-{number}",
            "creationTimestamp": START,
            "labels": {"openshift.io/build-config.name": "app", "openshift.io/build.start-policy": policy},
            "annotations": {"openshift.io/build-config.name": "app", "openshift.io/build.number": str(number)},
        },
        "spec": {
            "serviceAccount": "builder",
            "source": {"type": "Binary", "binary": {}},
            "strategy": {"type": "Source", "sourceStrategy": {"from": {"kind": "DockerImage", "name": IMAGE}}},
            "output": {"to": {"kind": "ImageStreamTag", "name": "app:latest"}},
            "resources": {},
        },
        "status": {"phase": phase, **status},
    }


def pod(phase: str = "Running", owner: str = "uid-1", **status: Any) -> Object:
    owners = [{"kind": "Build", "name": "app-1", "uid": owner, "controller": True}]
    state = {"phase": phase, "startTime": START, **status}
    return {"metadata": {"name": "app-1-build", "uid": "pod", "ownerReferences": owners}, "status": state}


def ended(code: int = 0, message: str = "", reason: str = "Completed", name: str = "sti-build") -> Object:
    return {"name": name, "state": {"terminated": {"exitCode": code, "reason": reason, "message": message}}}


def planned(of: Object, of_pod: Object | None = None, *others: Object) -> Action:
    return plan.plan(of, of_pod, [of, *others], NOW)


def written(action: Action) -> tuple[Object, str]:
    assert isinstance(action, Write)
    return action.status, action.entered


# ------------------------------------------------------------------------------------------------- policies


@pytest.mark.parametrize(
    ("policy", "others", "expected"),
    [
        ("Serial", [], True),
        ("Serial", [build("Complete", 1), build("Failed", 2)], True),
        ("Serial", [build("Running", 1)], False),
        ("Serial", [build("Pending", 1)], False),
        ("Serial", [build("New", 1)], False),
        ("Serial", [build("New", 9)], True),
        ("SerialLatestOnly", [build("Running", 1)], False),
        ("Parallel", [build("Running", 1, "Parallel"), build("New", 2, "Parallel")], True),
        ("Parallel", [build("Running", 1, "Serial")], False),
    ],
)
def test_whose_turn_it_is(policy: str, others: list[Object], expected: bool) -> None:
    assert policies.may_run(build("New", 3, policy), others) is expected
    assert planned(build("New", 3, policy), None, *others) == (Start() if expected else Nothing())


def test_only_the_latest_waits() -> None:
    newest, older = build("New", 3, "SerialLatestOnly"), build("New", 2, "SerialLatestOnly")
    assert planned(newest, None, older, build("Running", 1)) == Supersede((older,))
    assert planned(build("New", 3), None, build("New", 2)) == Nothing()
    assert planned(newest, None, build("New", 2, "SerialLatestOnly", cancelled=True)) == Nothing()


def test_history_keeps_the_newest_of_each_end() -> None:
    config = {"spec": {"successfulBuildsHistoryLimit": 1, "failedBuildsHistoryLimit": 2}}
    over = [
        build(phase, number) for number, phase in enumerate(("Complete", "Complete", "Failed", "Error", "Cancelled"), 1)
    ]
    gone = policies.outdated(config, [*over, build("Running", 6)])
    assert [each["metadata"]["name"] for each in gone] == ["app-1", "app-3"]
    assert policies.outdated({"spec": {}}, over) == []


# ------------------------------------------------------------------------------------------------- phases


def test_a_build_is_what_its_pod_is() -> None:
    status, entered = written(planned(build("Pending"), pod("Running")))
    assert (status["phase"], status["startTimestamp"], entered) == ("Running", START, "Running")
    assert planned(build("Running"), pod("Running")) == Nothing()
    assert planned(build("Pending"), pod("Pending")) == Nothing()
    status, entered = written(planned(build("Running"), pod("Succeeded", containerStatuses=[ended()])))
    assert (status["phase"], status["completionTimestamp"]) == ("Complete", "2026-07-17T10:00:30Z")
    assert (status["duration"], entered) == (30_000_000_000, "Complete")
    assert written(planned(build("Running"), pod("Succeeded")))[0]["reason"] == "NoBuildContainerStatus"


def test_a_build_runs_while_its_source_is_taken() -> None:
    taking = {"name": "git-clone", "state": {"running": {}}}
    assert written(planned(build("Pending"), pod("Pending", initContainerStatuses=[taking])))[1] == "Running"
    waiting = {"name": "git-clone", "state": {"waiting": {"reason": "PodInitializing"}}}
    assert planned(build("Pending"), pod("Pending", initContainerStatuses=[waiting])) == Nothing()


def test_why_a_build_failed() -> None:
    status = written(planned(build("Running"), pod("Failed", containerStatuses=[ended(1, "a\nerror: b\n")])))[0]
    assert (status["phase"], status["reason"], status["logSnippet"]) == ("Failed", "GenericBuildFailed", "a\nerror: b")
    killed = pod("Failed", containerStatuses=[ended(137, reason="OOMKilled")])
    assert written(planned(build("Running"), killed))[0]["reason"] == "OutOfMemoryKilled"
    deleted = pod("Failed")
    deleted["metadata"]["deletionTimestamp"] = START
    assert written(planned(build("Running"), deleted))[0]["phase"] == "Error"
    assert written(planned(build("Running")))[0]["reason"] == "BuildPodDeleted"


def test_what_the_builder_said_stays() -> None:
    said = build("Failed", reason="PushImageToRegistryFailed", message="m", startTimestamp=START)
    lines = "\n".join(["1", "2", "3", "4", "x" * 200, "5"])
    status, entered = written(planned(said, pod("Failed", containerStatuses=[ended(1, lines)])))
    assert (status["reason"], entered) == ("PushImageToRegistryFailed", "Failed")
    assert status["logSnippet"].split("\n") == ["2", "3", "4", "x" * 58 + "..." + "x" * 59, "5"]
    assert planned({**said, "status": status}, pod("Failed")) == Nothing()
    assert planned(build("Cancelled")) == planned(build("Error")) == Nothing()


def test_cancelled_builds_end_wherever_they_are() -> None:
    for phase in ("New", "Pending", "Running"):
        assert planned(build(phase, cancelled=True), pod()) == Cancel()
    assert planned(build("Complete", cancelled=True, completionTimestamp=START, startTimestamp=START)) == Nothing()
    leaving = build("Running", cancelled=True)
    leaving["metadata"]["deletionTimestamp"] = START
    assert planned(leaving, pod()) == Nothing()


def test_a_pod_of_that_name_is_waited_for_when_it_goes_by_itself() -> None:
    assert planned(build("New"), pod(owner="another build")) == Nothing(again=90.0)
    foreign = pod()
    del foreign["metadata"]["ownerReferences"]
    assert written(planned(build("New"), foreign))[0]["reason"] == "BuildPodExists"
    assert isinstance(plan.plan(build("New"), pod(owner="x"), [], NOW + timedelta(minutes=3)), Write)


def test_a_pod_that_was_made_is_found_again() -> None:
    assert written(planned(build("New"), pod("Pending"))) == ({"phase": "Pending"}, "Pending")


# ------------------------------------------------------------------------------------------------- starting


STREAM = {
    "metadata": {"name": "app", "namespace": "demo"},
    "spec": {},
    "status": {"dockerImageRepository": "r.local/demo/app"},
}


def secret(name: str, *registries: str, kind: str = "kubernetes.io/dockerconfigjson") -> Object:
    config = b'{"auths": {%s}}' % ", ".join(f'"{each}": {{"auth": "dTpw"}}' for each in registries).encode()
    metadata = {"name": name, "namespace": "demo", "uid": name}
    return {"metadata": metadata, "type": kind, "data": {".dockerconfigjson": _encoded(config)}}


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def prepared(of: Object, streams: list[Object], secrets: list[Object] | None) -> Ready | Blocked:
    found = {(each["metadata"]["namespace"], each["metadata"]["name"]): each for each in streams}
    return starting.prepare(of, lambda namespace, name: found.get((namespace, name)), secrets)


def test_what_a_pod_is_made_of() -> None:
    secrets = [
        secret("opaque", kind="Opaque"),
        secret("other", "elsewhere.local"),
        secret("own", "r.local", "registry.local"),
    ]
    made = prepared(build("New", reason="InvalidOutputReference", message="m"), [STREAM], secrets)
    assert isinstance(made, Ready)
    spec, status = made.build["spec"], made.build["status"]
    assert spec["output"] == {
        "to": {"kind": "DockerImage", "name": "r.local/demo/app:latest"},
        "pushSecret": {"name": "own"},
    }
    assert spec["strategy"]["sourceStrategy"]["pullSecret"] == {"name": "own"}
    assert status == {"phase": "New", "outputDockerImageReference": "r.local/demo/app:latest"}


def test_secrets_that_the_build_names_are_taken() -> None:
    given = build()
    given["spec"]["output"] = {"to": {"kind": "DockerImage", "name": "r.local/a:b"}, "pushSecret": {"name": "mine"}}
    made = prepared(given, [], [secret("other", "elsewhere.local")])
    assert isinstance(made, Ready)
    assert made.build["spec"]["output"]["pushSecret"] == {"name": "mine"}
    assert made.build["spec"]["strategy"]["sourceStrategy"]["pullSecret"] == {"name": "other"}


def test_what_is_missing_is_named() -> None:
    assert prepared(build(), [], [secret("a")]) == Blocked(buildreasons.OUTPUT, fails=True)
    inline = build()
    inline["spec"]["source"] = {"type": "Dockerfile", "dockerfile": "FROM scratch"}
    assert prepared(inline, [], [secret("a")]) == Blocked(buildreasons.OUTPUT)
    assert prepared(build(), [STREAM], None) == Blocked(buildreasons.ACCOUNT)
    unresolved = build()
    unresolved["spec"]["strategy"]["sourceStrategy"]["from"] = {"kind": "ImageStreamTag", "name": "nothing:1"}
    assert prepared(unresolved, [STREAM], [secret("a")]) == Blocked(buildreasons.IMAGE)


def test_the_pod_of_a_build() -> None:
    ready = prepared(build(), [STREAM], [secret("own", "r.local")])
    assert isinstance(ready, Ready)
    made = pods.pod(ready.build, "registry.local/builder@sha256:1")
    metadata, spec = made["metadata"], made["spec"]
    assert metadata["name"] == "app-1-build"
    assert metadata["labels"] == metadata["annotations"] == {"openshift.io/build.name": "app-1"}
    owner = {
        "apiVersion": "build.openshift.io/v1",
        "kind": "Build",
        "name": "app-1",
        "uid": "uid-1",
        "controller": True,
    }
    assert metadata["ownerReferences"] == [owner]
    taking, managing = spec["initContainers"]
    assert (taking["name"], taking["args"], taking["stdin"]) == ("git-clone", ["openshift-git-clone"], True)
    assert (managing["name"], managing.get("stdin")) == ("manage-dockerfile", None)
    [building] = spec["containers"]
    assert (building["name"], building["image"]) == ("sti-build", "registry.local/builder@sha256:1")
    assert [each["name"] for each in building["volumeMounts"][2:]] == ["own-push", "own-pull"]
    assert (spec["serviceAccountName"], spec["restartPolicy"]) == ("builder", "Never")
    assert spec["activeDeadlineSeconds"] == 604800


def test_what_looks_like_a_variable_reaches_the_pod_as_it_is() -> None:
    odd = build()
    odd["spec"]["strategy"]["sourceStrategy"]["env"] = [{"name": "A", "value": "$(HOME)"}]
    [env] = [each for each in pods.pod(odd, "i")["spec"]["containers"][0]["env"] if each["name"] == "BUILD"]
    assert '"$$(HOME)"' in env["value"]


def test_without_an_upload_nothing_is_taken() -> None:
    inline = build()
    inline["spec"]["source"] = {"type": "Dockerfile", "dockerfile": "FROM scratch"}
    inline["spec"]["strategy"] = {"type": "Docker", "dockerStrategy": {}}
    spec = pods.pod(inline, "i")["spec"]
    assert [each["name"] for each in spec["initContainers"]] == ["manage-dockerfile"]
    assert spec["containers"][0]["name"] == "docker-build"


# ------------------------------------------------------------------------------------------------- configs


TAGGED = {
    "metadata": {"name": "eap", "namespace": "demo"},
    "spec": {},
    "status": {"tags": [{"tag": "7", "items": [{"dockerImageReference": IMAGE, "image": "sha256:" + "0" * 64}]}]},
}


def config(*triggers: Object, **status: Any) -> Object:
    tag = {"kind": "ImageStreamTag", "name": "eap:7"}
    spec = {"strategy": {"sourceStrategy": {"from": tag}}, "triggers": list(triggers)}
    return {"metadata": {"name": "app", "namespace": "demo"}, "spec": spec, "status": {"lastVersion": 0, **status}}


def requested(of: Object) -> Object | None:
    found = {("demo", "eap"): TAGGED}
    return configs.request(of, lambda namespace, name: found.get((namespace, name)))


IMAGE_CHANGE = {"type": "ImageChange", "imageChange": {}}


def test_a_new_config_starts_its_first_build() -> None:
    made = requested(config({"type": "ConfigChange"}))
    assert made is not None
    assert made["triggeredBy"] == [{"message": "Build configuration change"}]
    assert (made["metadata"], made["lastVersion"]) == ({"name": "app", "namespace": "demo"}, 0)
    assert requested(config({"type": "ConfigChange"}, lastVersion=1)) is None
    assert requested(config()) is None


def test_another_image_starts_a_build() -> None:
    made = requested(config({"type": "ConfigChange"}, IMAGE_CHANGE))
    assert made is not None
    assert made["triggeredBy"][0]["message"] == "Image change"
    assert made["triggeredBy"][0]["imageChangeBuild"]["imageID"] == IMAGE
    assert made["triggeredByImage"] == {"kind": "DockerImage", "name": IMAGE}
    seen = [{"from": {"name": "eap:7"}, "lastTriggeredImageID": IMAGE}]
    assert requested(config(IMAGE_CHANGE, lastVersion=1, imageChangeTriggers=seen)) is None
    paused = {"type": "ImageChange", "imageChange": {"paused": True}}
    other = {"type": "ImageChange", "imageChange": {"from": {"kind": "ImageStreamTag", "name": "nothing:1"}}}
    assert requested(config(paused, other)) is None


def test_every_phase_is_told_of_once() -> None:
    told = {phase: buildreasons.entered(phase, "demo", "app-1") for phase in ("", builds.NEW, builds.PENDING)}
    assert set(told.values()) == {None}
    note = buildreasons.entered("Running", "demo", "app-1")
    assert note is not None
    assert (note.reason, note.message) == ("BuildStarted", "Build demo/app-1 is now running")
