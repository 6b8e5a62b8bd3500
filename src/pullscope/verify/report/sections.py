"""The evidence of one case as titled lines: the same for the terminal and for Markdown. [pure]"""

from collections.abc import Iterable
from dataclasses import dataclass

from pullscope.verify import path
from pullscope.verify.evidence import Control, Evidence, Operation, Pod, Step
from pullscope.verify.result import CaseResult

_CIRCLED = {1: "①", 2: "②", 3: "③"}


@dataclass(frozen=True)
class Section:
    """A title and what is under it: lines of cells to align, the same number in each; free text is one cell."""

    title: str
    lines: tuple[tuple[str, ...], ...]


def sections(result: CaseResult) -> tuple[Section, ...]:
    """Everything that was seen of the case, in the order in which it happened."""
    evidence = result.evidence
    made = [_operation(operation) for operation in evidence.setup]
    seen = [
        _pod(evidence.pod),
        _events(evidence),
        _log(evidence),
        _requests(evidence),
        _node_images(evidence),
        _control(evidence.control),
        Section("the way through the flowchart", _lines([_walk(result.observed.path)])),
    ]
    return tuple(section for section in (*made, *seen) if section is not None)


def _operation(operation: Operation) -> Section:
    title = f"{_CIRCLED[operation.number]} {operation.subject}: {operation.state}"
    return Section(title, _lines(_steps(operation.steps) or ["not done"]))


def _pod(pod: Pod | None) -> Section | None:
    if pod is None:
        return None
    facts = (
        ("uid", pod.uid),
        ("template hash", pod.template_hash),
        ("node", pod.node),
        ("imagePullPolicy", pod.policy),
        ("image", pod.image),
        ("imageID", pod.image_id),
        ("containerID", pod.container_id),
        ("STATUS", ", ".join(f"{change.status} ({change.seconds:.2f} s)" for change in pod.timeline)),
        ("message", pod.message),
    )
    return Section(f"pod {pod.name}", tuple(fact for fact in facts if fact[1]))


def _events(evidence: Evidence) -> Section:
    lines = (
        (f"{event.seconds:.2f} s", event.type, event.reason, event.kind, _counted(event.message, event.count))
        for event in evidence.events
    )
    return Section("events", tuple(lines) or _lines(["none"]))


def _counted(message: str, count: int) -> str:
    return f"{message} (x{count})" if count > 1 else message


def _log(evidence: Evidence) -> Section | None:
    if evidence.log is None:
        return Section("log", _lines([evidence.log_error])) if evidence.log_error else None
    return Section(f"log of {evidence.log.uid}", _lines(evidence.log.text.splitlines() or ["empty"]))


def _requests(evidence: Evidence) -> Section:
    if evidence.registry_requests is None:
        return Section("registry requests", _lines(["unknown: this registry has no log that can be read"]))
    lines = (
        (f"{each['seconds']:.2f} s", str(each["status"]), each["method"], f"{each['path']}  {each['user_agent']}")
        for each in evidence.registry_requests
    )
    return Section("registry requests", tuple(lines) or _lines(["none"]))


def _node_images(evidence: Evidence) -> Section | None:
    if evidence.node_images is None:
        return None
    lines = []
    for report in evidence.node_images:
        age = "" if report.age_seconds is None else f", {report.age_seconds:.1f} s old"
        lines.append((report.when, f"{report.node}{age}", " ".join(report.names) or "none of this case"))
    return Section(f"images on the node ({evidence.node_images[0].source})", tuple(lines))


def _control(control: Control | None) -> Section | None:
    if control is None:
        return None
    image = f", {control.image_id}" if control.image_id else ""
    pod = f"pod {control.uid}, template hash {control.template_hash}"
    fresh = f"a fresh pod of the same template ({pod}) → {control.status} after {control.seconds:.2f} s{image}"
    return Section("positive control", _lines([*_steps(control.steps), fresh]))


def _steps(steps: Iterable[Step]) -> list[str]:
    return [f"{step.did} → {step.came_back}" for step in steps]


def _walk(nodes: tuple[str, ...]) -> str:
    if not nodes:
        return "nothing proves it"
    off = "" if path.is_walk(nodes) else "  (not a way that the flowchart has)"
    return " → ".join(nodes) + off


def aligned(lines: tuple[tuple[str, ...], ...]) -> list[str]:
    """The lines as text, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*(cells[:-1] for cells in lines), strict=True)]
    return ["  ".join([*map(str.ljust, cells, widths), cells[-1]]) for cells in lines]


def _lines(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((text,) for text in texts)
