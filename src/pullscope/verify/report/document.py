"""`-o json`: the schema `pullscope.verify/v1`. [pure]

What could not be seen is null; a scenario has its steps, its `story` and its `sights` besides; `node_images` is left out without the rights to read nodes.
"""

import json
from dataclasses import asdict
from typing import Any

from pullscope.verify import judge_waiting
from pullscope.verify.cases import suites
from pullscope.verify.evidence import Evidence, Pod
from pullscope.verify.report import scenariodata
from pullscope.verify.result import CaseResult, Report
from pullscope.verify.scenarios.steps import Scenario

SCHEMA = "pullscope.verify/v1"


def document(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "schema": SCHEMA,
        "version": report.version,
        "suite": report.suite,
        "cluster": asdict(report.cluster),
        "cases": [_case(result) for result in report.results],
        "summary": {
            "passed": report.count("pass"),
            "failed": report.count("fail"),
            "inconclusive": report.count("inconclusive"),
            "not_applicable": report.count("not_applicable"),
            "seconds": round(report.seconds, 3),
        },
    }


def text(report: Report) -> str:
    """The document as text, indented, in UTF-8 characters."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def _case(result: CaseResult) -> dict[str, Any]:
    case, observed = result.case, result.observed
    expected = case.expected
    told = scenariodata.told(case) if isinstance(case, Scenario) else {}
    went = scenariodata.seen(case, result.evidence) if isinstance(case, Scenario) else {}
    return {
        "id": case.id,
        "topic": suites.topic_of(case),
        "policy": case.policy,
        "on_node": case.on_node,
        "in_registry": case.in_registry,
        "node_matters": case.node_matters,
        "given": {"registry": case.state},
        **told,
        "expected": {"outcome": expected.outcome, "source": expected.source, "reasons": list(expected.reasons)}
        | ({"cause": expected.cause.name.lower()} if case.misbehaves and expected.outcome == "waiting" else {}),
        "observed": {
            "outcome": observed.outcome,
            "source": observed.source,
            "reason": observed.reason,
            "image_id": observed.image_id,
            "seconds": observed.seconds,
        },
        "verdict": result.verdict.word,
        "because": result.verdict.because,
        "evidence": _evidence(result.evidence) | went | {"path": list(observed.path)},
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "setup": [
            {"operation": each.number, "subject": each.subject, "state": each.state}
            | {"steps": [asdict(step) for step in each.steps]}
            for each in evidence.setup
        ],
        "images": [
            {"source": variant.source, "war": variant.war, "digest": variant.digest} for variant in evidence.variants
        ],
        "pod": _pod(evidence.pod, evidence) if evidence.pod else None,
        "reasons": [{"reason": reason, "seconds": at} for reason, at in judge_waiting.times(evidence)],
        "events": [asdict(event) for event in evidence.events],
        "log": evidence.log.text if evidence.log else None,
        "registry_digest": evidence.registry_digest,
        "registry_requests": None if evidence.registry_requests is None else list(evidence.registry_requests),
        "control": asdict(evidence.control) if evidence.control else None,
    }
    if evidence.commands:
        seen["commands"] = [asdict(command) for command in evidence.commands]
    if evidence.node_images is not None:
        seen["node_images"] = [asdict(report) for report in evidence.node_images]
    return seen


def _pod(pod: Pod, evidence: Evidence) -> dict[str, Any]:
    """The pod, and of which pod the log is."""
    return asdict(pod) | {"log_uid": evidence.log.uid if evidence.log else None}
