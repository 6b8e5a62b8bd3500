"""`-o json`: the schema `pullscope.why/v1`. [pure]

One entry for each container of each pod. What could not be seen is null, and said in `unseen`. Ids are the same in every
language; sentences are in the one asked for.
"""

from datetime import datetime
from typing import Any, TextIO

import orjson

import pullscope
from pullscope.pull.flow import Language
from pullscope.why import kubelets
from pullscope.why.facts import Facts, Node, Unseen
from pullscope.why.findings import Cause, Diagnosis, Finding, Forecast, Word
from pullscope.why.report import groups, unseen

SCHEMA = "pullscope.why/v1"

_CONTAINERS = '\n  "containers": []'
_INSIDE = "\n    "


def write(diagnosis: Diagnosis, language: Language, to: TextIO) -> None:
    """The document as text, indented, in UTF-8 characters: one container after the other, since there may be thousands."""
    before, after = _text(_around(diagnosis, language)).split(_CONTAINERS)
    coming: dict[int, list[dict[str, Any]]] = {}  # those that are alike share theirs
    to.write(before + _CONTAINERS.removesuffix("]"))
    for number, finding in enumerate(diagnosis.findings):
        if id(finding.forecast) not in coming:
            alike = groups.alike(finding.forecast)
            coming[id(finding.forecast)] = [forecast_values(each, nodes, language) for each, nodes in alike]
        values = _finding(finding, language) | {"forecast": coming[id(finding.forecast)]}
        text = _text(values).replace("\n", _INSIDE)  # no text of JSON has a line's end in it
        to.write(("," if number else "") + _INSIDE + text)
    to.write(("\n  ]" if diagnosis.findings else "]") + after + "\n")


def _text(values: Any) -> str:
    return orjson.dumps(values, option=orjson.OPT_INDENT_2).decode()


def _around(diagnosis: Diagnosis, language: Language) -> dict[str, Any]:
    """The document without its containers."""
    facts, counts = diagnosis.facts, groups.counts(diagnosis)
    return {
        "schema": SCHEMA,
        "version": pullscope.__version__,
        "language": language,
        "collected": _time(facts.collected),
        "cluster": {
            "server": facts.cluster.server,
            "version": facts.cluster.version,
            "openshift": facts.cluster.openshift,
        },
        "nodes": None if facts.nodes is None else [_node(each, facts) for each in facts.nodes.values()],
        "containers": [],
        "unseen": [unseen_values(each, language) for each in facts.unseen],
        "summary": {
            **{word_id(word): count for word, count in counts.items()},
            "containers": len(diagnosis.findings),
            "pods": groups.pods(diagnosis.findings),
        },
    }


def _node(node: Node, facts: Facts) -> dict[str, str | None]:
    """What decides there about images that others pulled: `verification` is None for a kubelet that checks no credentials."""
    kubelet = kubelets.of(node, facts.cluster.version)
    mode = kubelet.verification.mode if kubelet.verification else None
    return {"name": node.name, "kubelet": node.kubelet, "runtime": node.runtime, "verification": mode}


def unseen_values(seen: Unseen, language: Language) -> dict[str, str]:
    """One thing that could not be seen; `what` is the same in every language."""
    return {"what": seen.what, "reason": seen.reason, "cost": unseen.told(seen, language)[1]}


def word_id(word: Word) -> str:
    """The verdict as scripts compare it: `up_to_date`."""
    return word.replace(" ", "_")


def _finding(finding: Finding, language: Language) -> dict[str, Any]:
    container, template = finding.container, finding.container.template
    return {
        "namespace": container.namespace,
        "workload": {"kind": container.workload.kind, "name": container.workload.name},
        "pod": container.pod,
        "uid": container.uid,
        "node": container.node or None,
        "container": container.name,
        "kind": container.kind,
        "image": container.image,
        "image_id": container.image_id or None,
        "policy": container.policy,
        "policy_origin": template.origin if template else "unknown",
        "verdict": word_id(finding.verdict),
        "because": finding.because.say(language),
        "running": finding.running,
        "wanted": finding.wanted,
        "on_node": finding.on_node,
        "causes": [_cause(cause, language) for cause in finding.causes],
    }


def _cause(cause: Cause, language: Language) -> dict[str, Any]:
    return {
        "id": cause.id,
        "title": cause.title.say(language),
        "certainty": cause.certainty,
        "evidence": [text.say(language) for text in cause.evidence],
        "mends": [{"command": mend.command, "text": mend.text.say(language)} for mend in cause.mends],
    }


def forecast_values(forecast: Forecast, nodes: tuple[str, ...], language: Language) -> dict[str, Any]:
    """Nodes of which the same is said stand together: a cluster has thousands of pods, and a hundred nodes for each."""
    return {
        "nodes": [node for node in nodes if node],  # none of them: any
        "digest": forecast.digest,
        "source": forecast.source,
        "certainty": forecast.certainty,
        "because": forecast.because.say(language),
        "path": list(forecast.path),
    }


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
