"""What came of a case made by hand, judged from a pod, its events and a log."""

from dataclasses import replace
from typing import Any

import pytest

from pullscope.pull import flow, reasons
from pullscope.tutorial import cases, findings
from pullscope.tutorial.steps import IMAGE, Chapter
from pullscope.verify.evidence import Event

BY_CASE = {chapter.case: chapter for chapter in cases.CHAPTERS}
LOG = 'Deployed "/deployments/{}"\nready\n'


def pod(policy: str, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "metadata": {"name": "p", "uid": "u", "labels": {"pod-template-hash": "h"}},
        "spec": {"nodeName": "crc", "containers": [{"name": "app", "image": IMAGE, "imagePullPolicy": policy}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "app", "state": state}]},
    }


def event(reason: str, message: str = "") -> Event:
    return Event(0.0, "Normal", reason, message, "Pod", "kubelet")


RUNNING: dict[str, Any] = {"running": {}}
FAILED = {"waiting": {"reason": "ErrImagePull", "message": "name unknown"}}
PULLED = (event(reasons.PULLING), event("Started"))
PRESENT = (event("Pulled", "already present"), event("Started"))
REFUSED = (event(reasons.PULLING), event("Failed", reasons.sync_failed("ErrImagePull").message))
ROWS = {
    "1": ("Always", FAILED, REFUSED, "", flow.PULL_FAILED),
    "2": ("Always", RUNNING, PULLED, "registry.war", flow.REGISTRY_IMAGE),
    "3": ("IfNotPresent", FAILED, REFUSED, "", flow.PULL_FAILED),
    "4": ("IfNotPresent", RUNNING, PULLED, "registry.war", flow.REGISTRY_IMAGE),
    "5": ("IfNotPresent", RUNNING, PRESENT, "registry.war", flow.NODE_IMAGE),
    "6": ("IfNotPresent", RUNNING, PRESENT, "node.war", flow.NODE_IMAGE),
}


@pytest.mark.parametrize("number", ROWS)
def test_a_case_as_the_table_says(number: str) -> None:
    policy, state, events, war, end = ROWS[number]
    found = findings.judge(BY_CASE[number], pod(policy, state), events, LOG.format(war) if war else "")
    assert found.as_expected
    assert (found.path[-1], found.wars) == (end, (war,) if war else ())


@pytest.mark.parametrize(
    ("number", "state", "events", "war"),
    [
        pytest.param("6", RUNNING, PULLED, "registry.war", id="the registry was asked"),
        pytest.param("6", RUNNING, PRESENT, "registry.war", id="another image ran"),
        pytest.param("1", RUNNING, PRESENT, "node.war", id="it ran"),
        pytest.param("2", FAILED, REFUSED, "", id="it failed"),
    ],
)
def test_what_is_otherwise(number: str, state: dict[str, Any], events: tuple[Event, ...], war: str) -> None:
    chapter: Chapter = BY_CASE[number]
    log = LOG.format(war) if war else ""
    assert not findings.judge(chapter, pod(findings.case_of(chapter).policy, state), events, log).as_expected


def test_another_war_in_the_log_is_not_as_expected() -> None:
    policy, state, events, _, _ = ROWS["4"]
    chapter = replace(BY_CASE["4"], war="node.war")
    assert not findings.judge(chapter, pod(policy, state), events, LOG.format("registry.war")).as_expected
