"""The cells of the table, whatever it is printed with. [pure]"""

from dataclasses import dataclass

from pullscope.pull import reasons
from pullscope.verify import failures
from pullscope.verify.case import Case, Source
from pullscope.verify.report import story
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report
from pullscope.verify.scenarios.steps import Scenario
from pullscope.verify.verdict import Word, short

WORDS: dict[Word, str] = {
    "pass": "pass",
    "fail": "fail",
    "inconclusive": "inconclusive",
    "not_applicable": "not applicable",
}


@dataclass(frozen=True)
class Row:
    """One case in one line. `war` and `digest` are empty where nothing runs; `image_of` whose image it is.

    `what` tells the whole case, and so needs neither `on_node` nor `in_registry`.
    """

    number: str
    what: str
    policy: str
    on_node: str
    in_registry: str
    expected: str
    status: str
    war: str
    digest: str
    image_of: Source | None
    verdict: Word
    because: str


def row(result: CaseResult, words: Words = ENGLISH) -> Row:
    """The cells of one case."""
    case, observed, pod = result.case, result.observed, result.evidence.pod
    runs = result.evidence.named_by(observed.image_id) if observed.image_id else None
    on_node, in_registry = given(case, words)
    return Row(
        number=case.id,
        what=words.say(case.title),
        policy=case.policy,
        on_node=on_node,
        in_registry=in_registry,
        expected=words.say(_expected(result)),
        status=_status(result) if pod else "-",
        war=", ".join(observed.wars),
        digest=short(observed.image_id) if observed.image_id else "",
        image_of=runs.source if runs else None,
        verdict=result.verdict.word,
        because=because(result, words),
    )


def because(result: CaseResult, words: Words = ENGLISH) -> str:
    """Why the case was judged as it was."""
    case = result.case
    return story.because(case, result, words) if isinstance(case, Scenario) else words.say(result.verdict.because)


def heading(case: Case, words: Words = ENGLISH) -> str:
    """The case by its number and in words."""
    policy = f" ({case.policy})" if isinstance(case, Scenario) else ""  # the others' titles begin with it
    return f"No. {case.id}: {words.say(case.title)}{policy}"


def given(case: Case, words: Words = ENGLISH) -> tuple[str, str]:
    """What the node has, and what the registry has or does."""
    on_node = words.say(("yes" if case.on_node else "no") + ("" if case.node_matters else " ※"))
    return on_node, words.say(case.registry or ("yes" if case.in_registry else "no"))


def notes(report: Report, words: Words = ENGLISH) -> list[str]:
    """What stands below the table: why a case did not pass, and what the mark means."""
    lines = [
        f"No. {result.case.id} {words.say(WORDS[result.verdict.word])}: {because(result, words)}"
        for result in report.results
        if result.verdict.word != "pass"
    ]
    free = words.say(" and ").join(result.case.id for result in report.results if not result.case.node_matters)
    if free:
        mark = f"※ No. {free} must not depend on the node: the image is there, to show that it is not used."
        lines.append(words.say(mark))
    return lines


def summary(report: Report, words: Words = ENGLISH) -> str:
    """How many of what, where, in how many seconds."""
    judged: tuple[Word, ...] = ("pass", "fail", "inconclusive", "not_applicable")
    said = {"pass": "passed", "fail": "failed"}
    counts = [words.say(f"{report.count(each)} {said.get(each, WORDS[each])}") for each in judged if report.count(each)]
    cluster, told = report.cluster, ", ".join(counts) or words.say("no cases")
    node = f", node {cluster.node}" if cluster.node else ""
    return words.say(f"{told} in {report.seconds:.1f} s · {cluster.kind} {cluster.version}{node}")


def _expected(result: CaseResult) -> str:
    expected = result.case.expected
    if isinstance(result.case, Scenario):
        return expected.text
    if result.case.state == "same" and expected.source == "registry":
        return "Running: the same image"
    return f"Running: the {expected.source}'s image" if expected.source else ", ".join(expected.reasons)


def _status(result: CaseResult) -> str:
    """STATUS as `oc get pod` shows it; a back-off that only the events tell is added, since STATUS lags behind them."""
    assert result.evidence.pod is not None
    status = result.evidence.pod.status
    backed_off = any(event.reason == reasons.BACK_OFF for event in result.evidence.events)
    if backed_off and status in failures.PULL_REASONS and status != reasons.IMAGE_PULL_BACK_OFF:
        return f"{status}, back-off"
    return status
