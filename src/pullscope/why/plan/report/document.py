"""`-o json`: the schema `pullscope.plan/v1`. [pure]"""

from typing import Any

import orjson

import pullscope
from pullscope.pull.flow import Language
from pullscope.why.plan.planned import Plan, Planned
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
        "containers": [_planned(each, language) for each in plan.containers],
        "unseen": [findings.unseen_values(each, language) for each in plan.unseen],
        "summary": {"containers": len(verdicts)} | {word: verdicts.count(word) for word in ("risky", "noted", "safe")},
    }


def text(plan: Plan, language: Language) -> str:
    """The document as text, indented, in UTF-8 characters."""
    return orjson.dumps(document(plan, language), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


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
