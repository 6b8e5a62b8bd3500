"""Pods, what is above them, and the containers that come of it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import pytest
from tests.why.collect.api import Api, controller, listed, owned

from pullscope.kube.status import ApiError
from pullscope.why.collect import containers, workloads
from pullscope.why.collect.containers import Seen
from pullscope.why.collect.ledger import Ledger
from pullscope.why.collect.shapes import Pod
from pullscope.why.collect.workloads import Workloads
from pullscope.why.facts import Container, Template, Workload

APPS = "/apis/apps/v1/namespaces/demo"
BATCH = "/apis/batch/v1/namespaces/demo"
OLD, NEW = "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"
APP = {"name": "app", "image": "app:v2", "imagePullPolicy": "IfNotPresent"}


def pod(name: str, **fields: Any) -> Seen:
    metadata = {"name": name, "namespace": "demo", "uid": f"uid-{name}", **fields.pop("metadata", {})}
    raw = orjson.dumps({"metadata": metadata, "spec": {"containers": [APP], **fields.pop("spec", {})}, **fields})
    return containers.seen(msgspec.json.decode(raw, type=Pod))


def replica_set(name: str, revision: int, created: str, **fields: Any) -> dict[str, Any]:
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    return controller(name, annotations=annotations, creationTimestamp=created, **fields)


async def read(answers: dict[str, Any], *pods: Seen) -> tuple[Workloads, Ledger]:
    ledger = Ledger()
    return await workloads.read(Api(answers), "demo", [each.metadata for each in pods], ledger), ledger


def facts(seen: Seen, known: Workloads) -> list[Container]:
    return list(containers.of(seen, known, {}))


async def test_a_pod_of_a_deployment() -> None:
    """The old ReplicaSet's pod still runs; the new one's creation is when the template changed."""
    old, new = (
        pod("a", metadata={"ownerReferences": owned("ReplicaSet", "rs-1")}),
        pod("b", metadata={"ownerReferences": owned("ReplicaSet", "rs-2")}),
    )
    above = owned("Deployment", "app")
    known, ledger = await read(
        {
            f"{APPS}/replicasets": listed(
                replica_set("rs-1", 1, OLD, ownerReferences=above), replica_set("rs-2", 2, NEW, ownerReferences=above)
            ),
            f"{APPS}/deployments": listed(controller("app", containers=[APP])),
        },
        old,
        new,
    )
    (container,), (other,) = facts(old, known), facts(new, known)
    assert container.workload == Workload("Deployment", "app")
    changed = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert container.template == Template("app:v2", "IfNotPresent", "unknown", changed)
    assert (container.revision_current, other.revision_current) == (False, True)
    assert ledger.unseen == ()


async def test_after_a_rollback_nothing_tells_when_the_template_changed() -> None:
    back = pod("a", metadata={"ownerReferences": owned("ReplicaSet", "rs-1")})
    above = owned("Deployment", "app")
    sets = listed(
        replica_set("rs-1", 3, OLD, ownerReferences=above), replica_set("rs-2", 2, NEW, ownerReferences=above)
    )
    deployments = listed(controller("app", containers=[APP]))
    known, _ = await read({f"{APPS}/replicasets": sets, f"{APPS}/deployments": deployments}, back)
    (container,) = facts(back, known)
    assert container.revision_current
    assert container.template == Template("app:v2", "IfNotPresent")


async def test_a_pod_of_a_cron_job() -> None:
    job = pod("a", metadata={"ownerReferences": owned("Job", "job-1")})
    cron = controller("sync")
    cron["spec"] = {"jobTemplate": {"spec": {"template": {"spec": {"containers": [APP]}}}}}
    known, _ = await read(
        {
            f"{BATCH}/jobs": listed(controller("job-1", ownerReferences=owned("CronJob", "sync"))),
            f"{BATCH}/cronjobs": listed(cron),
        },
        job,
    )
    (container,) = facts(job, known)
    assert container.workload == Workload("CronJob", "sync")
    assert container.template == Template("app:v2", "IfNotPresent")


@pytest.mark.parametrize(("label", "current"), [("2", True), ("1", False)])
async def test_a_pod_of_a_daemon_set(label: str, current: bool) -> None:
    labels = {"pod-template-generation": label}
    seen = pod("a", metadata={"ownerReferences": owned("DaemonSet", "ds"), "labels": labels})
    annotations = {"deprecated.daemonset.template.generation": "2"}
    known, _ = await read({f"{APPS}/daemonsets": listed(controller("ds", annotations=annotations))}, seen)
    assert known.is_current(seen.metadata) is current


@pytest.mark.parametrize(("label", "current"), [("sts-b", True), ("sts-a", False)])
async def test_a_pod_of_a_stateful_set(label: str, current: bool) -> None:
    labels = {"controller-revision-hash": label}
    seen = pod("a", metadata={"ownerReferences": owned("StatefulSet", "sts"), "labels": labels})
    known, _ = await read(
        {f"{APPS}/statefulsets": listed({**controller("sts"), "status": {"updateRevision": "sts-b"}})}, seen
    )
    assert known.is_current(seen.metadata) is current


async def test_what_may_not_be_read_ends_the_chain() -> None:
    seen = pod("a", metadata={"ownerReferences": owned("ReplicaSet", "rs-1")})
    forbidden = ApiError(403, "Forbidden", "deployments.apps is forbidden")
    sets = listed(replica_set("rs-1", 1, OLD, ownerReferences=owned("Deployment", "app")))
    known, ledger = await read({f"{APPS}/replicasets": sets, f"{APPS}/deployments": forbidden}, seen)
    (container,) = facts(seen, known)
    assert (container.workload, container.template) == (Workload("Deployment", "app"), None)
    assert [(each.what, each.reason) for each in ledger.unseen] == [
        ("workloads deployments.apps", "deployments.apps is forbidden")
    ]


async def test_owners_that_go_round_in_circles() -> None:
    seen = pod("a", metadata={"ownerReferences": owned("ReplicaSet", "x")})
    circle = listed(
        replica_set("x", 1, OLD, ownerReferences=owned("ReplicaSet", "y")),
        replica_set("y", 1, OLD, ownerReferences=owned("ReplicaSet", "x")),
    )
    known, _ = await read({f"{APPS}/replicasets": circle}, seen)
    assert facts(seen, known)[0].workload == Workload("ReplicaSet", "y")


async def test_a_kind_of_somebodys_own() -> None:
    seen = pod("a", metadata={"ownerReferences": owned("Rollout", "app")})
    known, ledger = await read({}, seen)
    assert facts(seen, known)[0].workload == Workload("Rollout", "app")
    assert ledger.unseen == ()


async def test_a_pod_of_nobodys_is_its_own_workload() -> None:
    applied = {
        "kubectl.kubernetes.io/last-applied-configuration": '{"spec":{"containers":[{"name":"app","image":"app:v1"}]}}'
    }
    seen = pod("a", metadata={"annotations": applied})
    (container,) = facts(seen, Workloads())
    assert container.workload == Workload("Pod", "a")
    assert container.template == Template("app:v2", "IfNotPresent", "defaulted", applied="app:v1")


@pytest.mark.parametrize(
    ("annotation", "fault"),
    [
        ('[{"from":{"kind":"ImageStreamTag","name":"app:v2"},"fieldPath":"spec.template.spec.containers[9].image"}]',
         "spec.template.spec.containers[9].image"),
        ('[{"from":{"kind":"ImageStream","name":"app"},"fieldPath":"x"}]',
         '{"from":{"kind":"ImageStream","name":"app"},"fieldPath":"x"}'),
        ("not JSON " + "x" * 300, ("not JSON " + "x" * 300)[:200]),
        ("null", ""),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_image_triggers(annotation: str, fault: str) -> None:
    above = controller("ds", containers=[APP], annotations={"image.openshift.io/triggers": annotation})
    seen = pod("a", metadata={"ownerReferences": owned("DaemonSet", "ds")})
    known, _ = await read({f"{APPS}/daemonsets": listed(above)}, seen)
    (container,) = facts(seen, known)
    assert (container.trigger, container.trigger_fault) == ("", fault)


async def test_the_triggers_of_a_cron_job_name_its_containers_by_a_longer_path() -> None:
    path = "spec.jobTemplate.spec.template.spec.containers[0].image"
    entry = {"from": {"kind": "ImageStreamTag", "name": "app:v2"}, "fieldPath": path}
    cron = controller("cron", annotations={"image.openshift.io/triggers": orjson.dumps([entry]).decode()})
    cron["spec"] = {"jobTemplate": {"spec": {"template": {"spec": {"containers": [APP]}}}}}
    job = controller("job", ownerReferences=owned("CronJob", "cron"))
    seen = pod("a", metadata={"ownerReferences": owned("Job", "job")})
    known, _ = await read({f"{BATCH}/jobs": listed(job), f"{BATCH}/cronjobs": listed(cron)}, seen)
    (container,) = facts(seen, known)
    assert (container.trigger, container.trigger_fault) == ("demo/app:v2", "")


async def test_paused_rollouts_are_a_fact_of_the_template() -> None:
    above = controller("app", containers=[APP])
    above["spec"]["paused"] = True
    seen = pod("a", metadata={"ownerReferences": owned("ReplicaSet", "rs-1")})
    sets = listed(replica_set("rs-1", 1, OLD, ownerReferences=owned("Deployment", "app")))
    known, _ = await read({f"{APPS}/replicasets": sets, f"{APPS}/deployments": listed(above)}, seen)
    (container,) = facts(seen, known)
    assert container.template is not None
    assert container.template.paused


async def test_image_triggers_are_found_by_the_container_that_they_set() -> None:
    triggers = [
        {"from": {"kind": "ImageStreamTag", "name": "app:v2"}, "fieldPath": 'spec.template.spec.containers[?(@.name=="app")].image'},
        {"from": {"kind": "ImageStreamTag", "name": "x:1"}, "fieldPath": "spec.template.spec.containers[7].image"},
    ]  # fmt: skip
    above = controller(
        "ds", containers=[APP], annotations={"image.openshift.io/triggers": orjson.dumps(triggers).decode()}
    )
    seen = pod("a", metadata={"ownerReferences": owned("DaemonSet", "ds")})
    known, _ = await read({f"{APPS}/daemonsets": listed(above)}, seen)
    (container,) = facts(seen, known)
    assert (container.trigger, container.trigger_paused) == ("demo/app:v2", False)


def test_all_that_has_an_image_in_a_pod() -> None:
    spec = {
        "nodeName": "n1",
        "serviceAccountName": "robot",
        "imagePullSecrets": [{"name": "mine"}, {}],
        "initContainers": [{"name": "first", "image": "init:1", "imagePullPolicy": "Always"}],
        "ephemeralContainers": [{"name": "debug", "image": "busybox"}],
        "volumes": [{"name": "data"}, {"name": "models", "image": {"reference": "m:1", "pullPolicy": "Never"}}],
    }
    status = {
        "containerStatuses": [{"name": "app", "imageID": "r/app@sha256:" + "a" * 64, "restartCount": 2,
                               "state": {"running": {"startedAt": NEW}}}],
        "initContainerStatuses": [{"name": "first", "state": {"terminated": {"reason": "Completed", "message": "hunter2", "startedAt": OLD}}}],
        "ephemeralContainerStatuses": None,
    }  # fmt: skip
    found = facts(pod("a", spec=spec, status=status), Workloads())
    assert [(each.kind, each.name, each.image, each.policy, each.state) for each in found] == [
        ("container", "app", "app:v2", "IfNotPresent", "running"),
        ("init container", "first", "init:1", "Always", "terminated"),
        ("ephemeral container", "debug", "busybox", "Always", "unknown"),
        ("image volume", "models", "m:1", "Never", "unknown"),
    ]
    app = found[0]
    assert (app.node, app.service_account, app.pull_secrets, app.restarts) == ("n1", "robot", ("mine",), 2)
    assert app.started == datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_container_that_waits_ran_last_when_its_last_state_began() -> None:
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    status = {"name": "app", "state": waiting, "lastState": {"terminated": {"startedAt": OLD}}}
    (found,) = facts(pod("a", status={"containerStatuses": [status]}), Workloads())
    assert (found.state, found.reason, found.message) == ("waiting", "CrashLoopBackOff", "")
    assert found.started == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_program_s_last_words_are_not_kept() -> None:
    ended = {"terminated": {"reason": "Error", "message": "the password is hunter2", "startedAt": OLD}}
    (found,) = facts(pod("a", status={"containerStatuses": [{"name": "app", "state": ended}]}), Workloads())
    assert (found.state, found.reason, found.message) == ("terminated", "Error", "")


@pytest.mark.parametrize("status", [None, {}, {"containerStatuses": None}, {"containerStatuses": [{"name": "app"}]}])
def test_pods_without_status(status: Any) -> None:
    (found,) = facts(pod("a", status=status), Workloads())
    assert (found.state, found.image_id, found.started) == ("unknown", "", None)


@pytest.mark.parametrize(
    ("fields", "runs"),
    [
        ({}, True),
        ({"status": {"phase": "Pending"}}, True),
        ({"status": {"phase": "Succeeded"}}, False),
        ({"status": {"phase": "Failed"}}, False),
        ({"metadata": {"deletionTimestamp": NEW}}, False),
    ],
)
def test_which_pods_run_something(fields: dict[str, Any], runs: bool) -> None:
    assert containers.runs(pod("a", **fields).pod) is runs
