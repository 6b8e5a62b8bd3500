"""`-o json`: the schema `pullscope.plan/v1`. [pure]"""

from typing import Any, get_args

import orjson

import pullscope
from pullscope.pull.flow import Language
from pullscope.why import kubelets
from pullscope.why.plan.planned import Plan, Planned, There
from pullscope.why.plan.ways import Apart, Runs
from pullscope.why.report import document as findings
from pullscope.why.report import groups

SCHEMA = "pullscope.plan/v1"


def document(plan: Plan, language: Language) -> dict[str, Any]:
    """The plan as JSON values."""
    verdicts = [each.verdict for each in plan.containers]
    return {
        "schema": SCHEMA,
        "version": pullscope.__version__,
        "language": language,
        "server": plan.server or None,
        "kubelets": [_kubelet(each, language) for each in plan.kubelets],
        "containers": [_planned(each, language) for each in plan.containers],
        "unseen": [findings.unseen_values(each, language) for each in plan.unseen],
        "summary": {"containers": len(verdicts)} | {word: verdicts.count(word) for word in ("risky", "noted", "safe")},
    }


def text(plan: Plan, language: Language) -> str:
    """The document as text, indented, in UTF-8 characters."""
    return orjson.dumps(document(plan, language), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _kubelet(there: There, language: Language) -> dict[str, Any]:
    kubelet = there.kubelet
    return {
        "nodes": list(there.nodes),  # none of them: any
        "version": kubelet.version,
        "runtime": kubelet.runtime,
        "verification": kubelet.verification.mode if kubelet.verification else None,
        "rule": kubelets.rule(kubelet).say(language),
    }


def _apart(apart: Apart) -> dict[str, Any]:
    runs = apart.again if apart.again in get_args(Runs) else None
    return {
        "runtime": apart.runtime,
        "registry_down": apart.down,
        "removes_used": apart.removed,
        "restart": {"source": runs, "reason": None if runs else apart.again},
    }


def _planned(planned: Planned, language: Language) -> dict[str, Any]:
    written = planned.written
    told: dict[str, Any] = {
        "file": written.workload.source,
        "line": planned.line,
        "namespace": written.workload.namespace or None,
        "workload": {"kind": written.workload.kind, "name": written.workload.name},
        "container": written.name,
        "kind": written.kind,
        "image": planned.image or None,
        "policy": planned.policy,
        "policy_origin": planned.origin,
        "policy_because": planned.because.say(language),
        "trigger": written.trigger or None,
        "verdict": planned.verdict,
        "ways": [
            {
                "on_node": way.on_node.replace(" ", "_"),
                "in_registry": way.in_registry == "present",
                "outcome": "running" if way.runs else "waiting",
                "source": way.runs,
                "reason": way.reason,
                "path": list(way.path),
            }
            for way in planned.ways
        ],
        "runtimes": [_apart(each) for each in planned.apart],
        "risks": [
            {"id": risk.id, "weight": risk.weight, "line": risk.line, "text": risk.text.say(language)}
            | {"mend": risk.mend.say(language) if risk.mend else None}
            for risk in planned.risks
        ],
    }
    if planned.forecast is not None:
        alike = groups.alike(planned.forecast)
        told["forecast"] = [findings.forecast_values(coming, nodes, language) for coming, nodes in alike]
    return told
