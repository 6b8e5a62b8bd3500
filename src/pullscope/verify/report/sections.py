"""The evidence of one case as titled lines: the same for the terminal and for Markdown. [pure]"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from rich.cells import cell_len

from pullscope.verify import path
from pullscope.verify.case import Case
from pullscope.verify.evidence import Control, Evidence, Operation, Pod, Step
from pullscope.verify.report import story
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult
from pullscope.verify.scenarios.steps import Scenario

_CIRCLED = {1: "①", 2: "②", 3: "③"}


About = Literal["operation", "story", "upstream", "pod", "events", "log", "requests", "node images", "control", "path"]


@dataclass(frozen=True)
class Section:
    """A title and what is under it: lines of cells to align, the same number in each; free text is one cell."""

    about: About
    title: str
    lines: tuple[tuple[str, ...], ...]


def sections(result: CaseResult, words: Words = ENGLISH) -> tuple[Section, ...]:
    """Everything that was seen of the case, in the order in which it happened."""
    evidence = result.evidence
    seen = [
        _pod(evidence.pod, words),
        _events(evidence, words),
        _log(evidence, words),
        _requests(evidence, words),
        _node_images(evidence, words),
        _control(evidence.control, words),
        _way(result, words),
    ]
    told = (*_made(result.case, evidence, words), *seen)
    return tuple(replace(each, title=words.say(each.title)) for each in told if each is not None)


def _made(case: Case, evidence: Evidence, words: Words) -> list[Section]:
    """How the case came about: by the three operations, or by the steps of a scenario."""
    if not isinstance(case, Scenario):
        return [_operation(operation, words) for operation in evidence.setup]
    return [_story(case, evidence, words), Section("upstream", "where the rule stands", _lines([case.upstream]))]


def _story(scenario: Scenario, evidence: Evidence, words: Words) -> Section:
    lines: list[tuple[str, str]] = []
    for each in story.chapters(scenario, evidence, words):
        lines.append((f"{each.number}", each.did))
        lines += [("", f"{name}: {text}") for name, text in each.looked]
    if left := story.left(scenario, evidence):
        lines.append(("", words.say(left)))
    return Section("story", "what was done, and what was seen", tuple(lines))


def _operation(operation: Operation, words: Words) -> Section:
    title = f"{_CIRCLED[operation.number]} {operation.subject}: {operation.state}"
    return Section("operation", title, _lines(_steps(operation.steps, words) or [words.say("not done")]))


def _pod(pod: Pod | None, words: Words) -> Section | None:
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
    return Section("pod", f"pod {pod.name}", tuple((words.say(name), fact) for name, fact in facts if fact))


def _events(evidence: Evidence, words: Words) -> Section:
    lines = (
        (f"{event.seconds:.2f} s", event.type, event.reason, event.kind, _counted(event.message, event.count))
        for event in evidence.events
    )
    return Section("events", "events", tuple(lines) or _lines([words.say("none")]))


def _counted(message: str, count: int) -> str:
    return f"{message} (x{count})" if count > 1 else message


def _log(evidence: Evidence, words: Words) -> Section | None:
    if evidence.log is None:
        return Section("log", "log", _lines([evidence.log_error])) if evidence.log_error else None
    return Section("log", f"log of {evidence.log.uid}", _lines(evidence.log.text.splitlines() or [words.say("empty")]))


def _requests(evidence: Evidence, words: Words) -> Section:
    if evidence.registry_requests is None:
        unknown = words.say("unknown: this registry has no log that can be read")
        return Section("requests", "registry requests", _lines([unknown]))
    lines = (
        (
            f"{each['seconds']:.2f} s",
            str(each["status"] or "-"),
            each["method"],
            f"{each['path']}  {each['user_agent']}",
        )
        for each in evidence.registry_requests
    )
    return Section("requests", "registry requests", tuple(lines) or _lines([words.say("none")]))


def _node_images(evidence: Evidence, words: Words) -> Section | None:
    if evidence.node_images is None:
        return None
    lines = []
    for report in evidence.node_images:
        age = "" if report.age_seconds is None else ", " + words.say(f"{report.age_seconds:.1f} s old")
        names = " ".join(report.names) or words.say("none of this case")
        lines.append((words.say(report.when), f"{report.node}{age}", names))
    return Section("node images", f"images on the node ({evidence.node_images[0].source})", tuple(lines))


def _control(control: Control | None, words: Words) -> Section | None:
    if control is None:
        return None
    image = f", {control.image_id}" if control.image_id else ""
    pod = f"pod {control.uid}, template hash {control.template_hash}"
    fresh = f"a fresh pod of the same template ({pod}) → {control.status} after {control.seconds:.2f} s{image}"
    return Section("control", "positive control", _lines([*_steps(control.steps, words), words.say(fresh)]))


def _way(result: CaseResult, words: Words) -> Section | None:
    """The way that the evidence proves; a scenario looks at more than one."""
    if isinstance(result.case, Scenario):
        return None
    return Section("path", "the way through the flowchart", _lines([_walk(result.observed.path, words)]))


def _steps(steps: Iterable[Step], words: Words) -> list[str]:
    return [f"{words.say(step.did)} → {words.say(step.came_back)}" for step in steps]


def _walk(nodes: tuple[str, ...], words: Words) -> str:
    if not nodes:
        return words.say("nothing proves it")
    off = "" if path.is_walk(nodes) or path.is_under_way(nodes) else "  (not a way that the flowchart has)"
    return words.say(" → ".join(nodes) + off)


def aligned(lines: tuple[tuple[str, ...], ...]) -> list[str]:
    """The lines as text, each column as wide as its widest cell."""
    widths = [max(map(cell_len, column)) for column in zip(*(cells[:-1] for cells in lines), strict=True)]
    return ["  ".join([*map(_padded, cells, widths), cells[-1]]) for cells in lines]


def _padded(cell: str, width: int) -> str:
    """Filled up to so many columns: a Japanese character takes two."""
    return cell + " " * (width - cell_len(cell))


def _lines(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((text,) for text in texts)
