"""Causes of an image that runs although its tag means another: what is named first, how surely, and what mends it."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.why.making import (
    AFTER,
    BEFORE,
    NEW,
    OLD,
    OTHER,
    PRESENT,
    PULLED,
    REPOSITORY,
    TAGGED,
    always,
    event,
    facts,
    first,
    found,
    ids,
    node,
    nodes,
    running,
)

from pullscope.pull.mirrors import Mirror
from pullscope.why import judge
from pullscope.why.facts import Container, KubeletSettings, Template, Workload

PATCH = "kubectl patch deployment/app -n demo -p "
ALWAYS = PATCH + """'{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}}}'"""
INIT = '{"spec":{"template":{"spec":{"initContainers":[{"name":"app","imagePullPolicy":"Always"}]}}}}'
CRON_ALWAYS = f"""kubectl patch cronjob/app -n demo -p '{{"spec":{{"jobTemplate":{INIT}}}}}'"""
PIN = f"kubectl set image deployment/app app={REPOSITORY}@{NEW} -n demo"
RESTART = "kubectl rollout restart deployment/app -n demo"
LATEST = f"{REPOSITORY}:latest"
DEFAULTED = Template(TAGGED, "IfNotPresent", "defaulted")
MIRRORED = "mirror.example:5000/app:v1"


BOUND = running(events=(event(PRESENT),), pull_secrets=("mine",))
LATER = running(digest=NEW, uid="uid-2", pod="app-2", pull_secrets=("other",), events=(event(PULLED),), started=AFTER)


@dataclass(frozen=True)
class Row:
    """Containers and further facts; the causes of the first container with their certainty, and the first one's commands."""

    id: str
    containers: tuple[Container, ...]
    causes: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)


ROWS = (
    Row(
        "the event says that the node's copy was used",
        (running(events=(event(PRESENT),)),),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
    ),
    Row(
        "as an older kubelet says it",
        (running(events=(replace(event(PRESENT), message=PRESENT.message.removesuffix(" and can be accessed by the pod")),)),),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
    ),
    Row(
        "no event is left, and the image is older than the start",
        (running(),),
        (("node-cache", "likely"),),
        (ALWAYS, PIN),
        {"registry": {TAGGED: found(created=BEFORE)}},
    ),
    Row(
        "no event is left, and the image is newer than the start",
        (running(),),
        (("not-restarted", "certain"),),
        (ALWAYS, PIN),
        {"registry": {TAGGED: found(created=AFTER)}},
    ),
    Row(
        "nothing tells which came first",
        (running(),),
        (("node-cache", "possible"), ("not-restarted", "possible")),
        (ALWAYS, PIN),
    ),
    Row(
        "an image that tells the time of no clock",
        (running(),),
        (("node-cache", "possible"), ("not-restarted", "possible")),
        (ALWAYS, PIN),
        {"registry": {TAGGED: found(created=BEFORE.replace(year=1980))}},
    ),
    Row(
        "Never uses the node's copy too",
        (running(policy="Never", events=(event(PRESENT),)),),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
    ),
    Row(
        "pulled, and the tag moved afterwards",
        (running(events=(event(PULLED),)),),
        (("not-restarted", "certain"),),
        (ALWAYS, PIN),
    ),
    Row(
        "Always, and not started since",
        (always(events=(event(PULLED),)),),
        (("not-restarted", "certain"),),
        (RESTART,),
    ),
    Row(
        "Always, and the image is newer than the start",
        (always(),),
        (("not-restarted", "certain"),),
        (RESTART,),
        {"registry": {TAGGED: found(created=AFTER)}},
    ),
    Row(
        "of two starts, the last one counts",
        (running(events=(event(PULLED, BEFORE), event(PRESENT))),),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
    ),
    Row(
        "nobody wrote the policy",
        (running(template=DEFAULTED, events=(event(PRESENT),)),),
        (("node-cache", "certain"), ("policy-defaulted", "likely")),
        (ALWAYS, PIN),
    ),
    Row(
        "set image to latest does not default the policy anew",
        (running(image=LATEST, template=Template(LATEST, "IfNotPresent", "defaulted")),),
        (("policy-defaulted", "certain"), ("node-cache", "possible"), ("not-restarted", "possible")),
        (ALWAYS,),
        {"registry": {LATEST: found()}},
    ),
    Row(
        "another node runs another image",
        (
            running(events=(event(PRESENT),)),
            running(digest=NEW, uid="uid-2", pod="app-2", node="node-2"),
        ),
        (("nodes-differ", "certain"), ("node-cache", "certain")),
        (ALWAYS, PIN),
    ),
    Row(
        "another node lists another image",
        (running(events=(event(PRESENT),)),),
        (("node-cache", "certain"), ("nodes-differ", "likely")),
        (ALWAYS, PIN),
        {
            "nodes": nodes(
                node("node-1", TAGGED, f"{REPOSITORY}@{OLD}"), node("node-2", TAGGED, f"{REPOSITORY}@{NEW}")
            )
        },
    ),
    Row(
        "loaded into the node, under no repository's digest",
        (running(image_id=OLD, events=(event(PRESENT),)),),
        (("side-loaded", "certain"), ("node-cache", "certain")),
        (ALWAYS, PIN, f"kind load docker-image {TAGGED} && {RESTART}"),
        {"nodes": nodes(node("node-1", TAGGED, runtime="containerd://1.6.20")), "registry": {TAGGED: found(config=OTHER)}},
    ),
    Row(
        "CRI-O names what is loaded as what is pulled, and by its id what has lost its name",
        (running(image_id=OLD, events=(event(PRESENT),)),),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
        {"nodes": nodes(node("node-1", TAGGED)), "registry": {TAGGED: found(config=OTHER)}},
    ),
    Row(
        "the tag was rolled back",
        (always(digest=NEW, events=(event(PULLED),)),),
        (("rolled-back", "certain"), ("not-restarted", "likely"), ("mirror", "possible")),
        (RESTART,),
        {"registry": {TAGGED: found(OLD, created=BEFORE), f"{REPOSITORY}@{NEW}": found(NEW, created=AFTER)}},
    ),
    Row(
        "a mirror gives the older image",
        (always(events=(event(PULLED),)),),
        (("mirror", "certain"), ("not-restarted", "likely")),
        (f"skopeo copy --all docker://{TAGGED} docker://{MIRRORED} && {RESTART}", PIN),
        {"mirrors": (Mirror("quay.io/team", "mirror.example:5000"),), "registry": {TAGGED: found(), MIRRORED: found(OLD)}},
    ),
    Row(
        "a pull gave another image than there already was",
        (always(events=(event(PULLED),)),),
        (("not-restarted", "likely"), ("mirror", "possible")),
        (RESTART,),
        {"registry": {TAGGED: found(created=BEFORE)}},
    ),
    Row(
        "the rollout is not done",
        (running(revision_current=False, template=Template(f"{REPOSITORY}:v2", "IfNotPresent")),),
        (("old-revision", "certain"),),
        ("kubectl rollout status deployment/app -n demo",),
        {"registry": {f"{REPOSITORY}:v2": found()}},
    ),
    Row(
        "a StatefulSet that waits for its pods to be deleted",
        (
            running(
                workload=Workload("StatefulSet", "app"),
                revision_current=False,
                template=Template(f"{REPOSITORY}:v2", "IfNotPresent"),
            ),
        ),
        (("old-revision", "certain"),),
        ("kubectl delete pod app-6f5f64d9f5-9n562 -n demo",),
        {"registry": {f"{REPOSITORY}:v2": found()}},
    ),
    Row(
        "a neighbour with other credentials got the newer one",
        (BOUND, LATER),
        (("credential-check", "certain"), ("node-cache", "certain")),
        (ALWAYS, PIN),
        {"nodes": nodes(node())},
    ),
    Row(
        "containerd lets somebody remove an image in use, which has the same effect",
        (BOUND, LATER),
        (("node-cache", "certain"), ("credential-check", "likely")),
        (ALWAYS, PIN),
        {"nodes": nodes(node(runtime="containerd://1.6.20"))},
    ),
    Row(
        "kubelets before 1.35 do not look at credentials again",
        (BOUND, LATER),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
        {"nodes": nodes(node(kubelet="v1.34.2"))},
    ),
    Row(
        "nor does one whose feature gate is off",
        (BOUND, LATER),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
        {"nodes": nodes(node(settings=KubeletSettings()))},
    ),
    Row(
        "one with the same credentials may use the node's copy",
        (BOUND, replace(LATER, pull_secrets=("mine", "other"))),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
        {"nodes": nodes(node())},
    ),
    Row(
        "an earlier one got what was newer then",
        (BOUND, replace(LATER, started=BEFORE)),
        (("node-cache", "certain"),),
        (ALWAYS, PIN),
        {"nodes": nodes(node())},
    ),
    Row(
        "the template has another image, and rollouts are paused",
        (running(template=Template(f"{REPOSITORY}:v2", "IfNotPresent", "written", paused=True)),),
        (("rollout-paused", "certain"),),
        ("kubectl rollout resume deployment/app -n demo",),
        {"registry": {f"{REPOSITORY}:v2": found()}},
    ),
    Row(
        "rollouts are paused, and the tag moved",
        (always(events=(event(PULLED),), paused=True),),
        (("not-restarted", "certain"),),
        (f"kubectl rollout resume deployment/app -n demo && {RESTART}",),
    ),
    Row(
        "the template asks for Always by now",
        (running(revision_current=False, template=Template(TAGGED, "Always", "written"), events=(event(PRESENT),)),),
        (("node-cache", "certain"),),
        (RESTART,),
    ),
    Row(
        "a pod of nobody's",
        (always(workload=Workload("Pod", "app"), pod="app", events=(event(PULLED),)),),
        (("not-restarted", "certain"),),
        ("kubectl get pod app -n demo -o yaml | kubectl replace --force -f -",),
    ),
    Row(
        "a DeploymentConfig",
        (always(workload=Workload("DeploymentConfig", "app"), events=(event(PULLED),)),),
        (("not-restarted", "certain"),),
        ("oc rollout latest dc/app -n demo",),
    ),
    Row(
        "a ReplicaSet of nobody's",
        (always(workload=Workload("ReplicaSet", "app"), events=(event(PULLED),)),),
        (("not-restarted", "certain"),),
        ("kubectl delete pod app-6f5f64d9f5-9n562 -n demo",),
    ),
    Row(
        "an init container of a CronJob",
        (running(workload=Workload("CronJob", "app"), kind="init container", state="terminated", events=(event(PRESENT),)),),
        (("node-cache", "certain"),),
        (
            CRON_ALWAYS,
            f"kubectl set image cronjob/app app={REPOSITORY}@{NEW} -n demo",
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_stale_container_has_its_cause(row: Row) -> None:
    finding = first(*row.containers, **row.facts)
    assert finding.verdict == "stale", finding.because
    assert [(cause.id, cause.certainty) for cause in finding.causes] == list(row.causes)
    assert tuple(mend.command for mend in finding.causes[0].mends) == row.commands


def test_what_runs_is_what_the_tag_means() -> None:
    finding = first(running(digest=NEW))
    assert (finding.verdict, ids(finding), finding.running, finding.wanted) == ("up to date", [], NEW, NEW)


def test_each_workload_has_its_own_commands() -> None:
    """What is looked for once for many containers is what they have in common, and nothing else."""
    mine = running(events=(event(PRESENT),))
    others = replace(mine, workload=Workload("DaemonSet", "web"), uid="uid-3", pod="web-1")
    newer = running(digest=NEW, uid="uid-2", pod="app-2", node="node-2")
    findings = judge.judge(facts(mine, others, newer)).findings
    started = [finding.causes[0].mends[0].command.partition(" -n ")[0] for finding in findings[:2]]
    assert started == ["kubectl patch deployment/app", "kubectl patch daemonset/web"]


def test_one_image_in_two_forms_is_no_difference_of_nodes() -> None:
    """One runtime tells the index, another one the manifest in it."""
    told = (event(PRESENT),)
    containers = (running(events=told), running(digest=OTHER, uid="uid-2", pod="app-2", node="node-2", events=told))
    here = nodes(node("node-1", TAGGED, f"{REPOSITORY}@{OLD}"), node("node-2", TAGGED, f"{REPOSITORY}@{OTHER}"))
    index = {f"{REPOSITORY}@{OLD}": found(OLD, manifests={"linux/amd64": OTHER}), f"{REPOSITORY}@{OTHER}": found(OTHER)}
    finding = first(*containers, nodes=here, registry={TAGGED: found(), **index})
    assert [(cause.id, cause.certainty) for cause in finding.causes] == [("node-cache", "certain")]


def test_what_kind_loaded_is_not_called_stale() -> None:
    """An archive's digest is its own: whether the same image is in it cannot be told."""
    imported = f"docker.io/library/import-2026-11-21@{OLD}"
    finding = first(running(image_id=imported, events=(event(PRESENT),)))
    assert (finding.verdict, ids(finding), finding.causes[0].certainty) == ("unknown", ["side-loaded"], "certain")
