"""Commands as a shell takes them, for every kind that makes pods."""

import json
import shlex
from dataclasses import replace

import pytest
from tests.why.making import running

from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.facts import Template, Workload

WHY = Text("it helps", "役に立つ")


def of(kind: str) -> Workload:
    return Workload(kind, "app")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("Deployment", "kubectl rollout restart deployment/app -n demo"),
        ("DeploymentConfig", "oc rollout latest dc/app -n demo"),
        ("Pod", "kubectl get pod app-6f5f64d9f5-9n562 -n demo -o yaml | kubectl replace --force -f -"),
        ("Job", "kubectl delete pod app-6f5f64d9f5-9n562 -n demo"),
    ],
)
def test_fresh_pods(kind: str, command: str) -> None:
    assert mends.fresh(running(workload=of(kind)), WHY).command == command


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (
            "Pod",
            (
                "kubectl get pod app-6f5f64d9f5-9n562 -n demo -o yaml | kubectl patch --local -f - -p "
                """'{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}' -o yaml """
                "| kubectl replace --force -f -"
            ),
        ),
        (
            "ReplicaSet",
            (
                "kubectl patch replicaset/app -n demo -p "
                """'{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}}}' """
                "&& kubectl delete pod app-6f5f64d9f5-9n562 -n demo"
            ),
        ),
    ],
)
def test_a_policy_where_a_template_does_not_roll_out(kind: str, command: str) -> None:
    mend = mends.policy(running(workload=of(kind)), "Always", WHY)
    assert mend
    assert mend.command == command


def test_what_has_no_policy_and_no_undoing() -> None:
    container = running(workload=of("Pod"))
    assert mends.policy(running(workload=of("Job")), "Always", WHY) is None
    assert mends.undo(container, WHY) is None
    assert mends.image(replace(container, kind="ephemeral container"), "app:v2", WHY) is None


def test_a_volume_has_a_policy_and_a_reference_of_its_own() -> None:
    container = running(kind="image volume", name="data")
    policy, image = mends.policy(container, "Always", WHY), mends.image(container, "app:v2", WHY)
    assert policy
    assert image
    volumes = [
        json.loads(shlex.split(mend.command)[-1])["spec"]["template"]["spec"]["volumes"] for mend in (policy, image)
    ]
    assert volumes == [
        [{"name": "data", "image": {"pullPolicy": "Always"}}],
        [{"name": "data", "image": {"reference": "app:v2"}}],
    ]


def test_a_secret_is_for_the_template_or_for_the_account() -> None:
    patch = """kubectl patch deployment/app -n demo -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"quay"}]}}}}'"""
    assert mends.secret(running(), "quay", WHY).command == patch
    account = """kubectl patch serviceaccount builder -n demo -p '{"imagePullSecrets":[{"name":"quay"}]}'"""
    container = running(workload=of("Job"), service_account="builder")
    deleted = "kubectl delete pod app-6f5f64d9f5-9n562 -n demo"
    assert mends.secret(container, "quay", WHY).command == f"{account} && {deleted}"


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (
            "Deployment",
            "kubectl set image deployment/app app=b:v2 -n demo && kubectl rollout resume deployment/app -n demo",
        ),
        (
            "DeploymentConfig",
            "kubectl set image deploymentconfig/app app=b:v2 -n demo && oc rollout resume dc/app -n demo",
        ),
    ],
)
def test_a_change_reaches_pods_once_rollouts_are_resumed(kind: str, command: str) -> None:
    container = running(workload=of(kind), template=Template("b:v1", "IfNotPresent", paused=True))
    changed, patched = mends.image(container, "b:v2", WHY), mends.policy(container, "Always", WHY)
    assert changed
    assert patched
    assert changed.command == command
    assert patched.command.endswith(command.partition(" && ")[2])


def test_words_are_quoted() -> None:
    mend = mends.image(running(), "app:$(reboot)", WHY)
    assert mend
    assert "'app=app:$(reboot)'" in mend.command
