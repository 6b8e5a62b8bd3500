"""`-o junit`: one test case for each container of each pod; stale and failing are failures, unknown is skipped. [pure]"""

from pullscope.pull.flow import Language
from pullscope.reports import junit
from pullscope.reports.junit import Outcome, Testcase
from pullscope.why.findings import Diagnosis, Finding, Word
from pullscope.why.report import words

_OUTCOMES: dict[Word, Outcome] = {
    "up to date": "passed",
    "pinned": "passed",
    "stale": "failed",
    "failing": "failed",
    "unknown": "skipped",
}


def render(diagnosis: Diagnosis, language: Language) -> str:
    """The diagnosis as a suite."""
    cluster = diagnosis.facts.cluster
    properties = {
        "server": cluster.server,
        "version": cluster.version,
        "collected": diagnosis.facts.collected.isoformat(timespec="seconds"),
    }
    return junit.render("why", [_case(finding, language) for finding in diagnosis.findings], properties=properties)


def _case(finding: Finding, language: Language) -> Testcase:
    container = finding.container
    return Testcase(
        group=f"{container.namespace}.{container.workload.resource}",
        name=f"{container.pod}/{words.container_name(container, language)}",
        outcome=_OUTCOMES[finding.verdict],
        message=f"{words.VERDICTS[finding.verdict].say(language)}: {finding.because.say(language)}",
        text="" if _OUTCOMES[finding.verdict] == "passed" else _text(finding, language),
    )


def _text(finding: Finding, language: Language) -> str:
    lines = [f"{words.IMAGE.say(language)}: {finding.container.image}"]
    digests = ((words.RUNNING, finding.running), (words.WANTED, finding.wanted), (words.ON_NODE, finding.on_node))
    lines += [f"{title.say(language)}: {digest}" for title, digest in digests if digest]
    for cause in finding.causes:
        lines.append(f"{words.CAUSE.say(language)}: {words.cause(cause, language)}")
        lines += [f"  {text.say(language)}" for text in cause.evidence]
        for mend in cause.mends:
            lines += [f"  {words.MEND.say(language)}: {mend.text.say(language)}", f"    {mend.command}"]
    return "\n".join(lines)
