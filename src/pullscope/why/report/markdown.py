"""`-o markdown`: the table, then what is behind each line of it that asks for something: for a ticket. [pure]"""

from collections.abc import Iterator

from pullscope.pull.flow import Language
from pullscope.reports import markdown
from pullscope.reports.markdown import escaped
from pullscope.why.findings import Cause, Diagnosis
from pullscope.why.report import groups, unseen, words
from pullscope.why.report.groups import Group


def render(diagnosis: Diagnosis, language: Language) -> str:
    """The diagnosis as Markdown."""
    found = groups.groups(diagnosis.findings)
    lines = [f"# {words.TITLE.say(language)}", "", escaped(words.summary(diagnosis, language)), ""]
    if found:
        columns = (words.VERDICT, words.NAMESPACE, words.WORKLOAD, words.CONTAINER, words.IMAGE, words.POLICY)
        titles = (title.say(language) for title in (*columns, words.PODS, words.CAUSE))
        lines += [*markdown.table(titles, (_cells(group, language) for group in found)), ""]
    for group in found:
        if group.told:
            lines += [*_explained(group, language), ""]
    if diagnosis.facts.unseen:
        lines += [f"## {words.NOT_SEEN.say(language)}", ""]
    for each in diagnosis.facts.unseen:
        what, cost = unseen.told(each, language)
        costs = f"{words.COST.say(language)}: {escaped(cost)}"
        lines.append(f"- **{escaped(what)}**: {escaped(each.reason)}; {costs}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _cells(group: Group, language: Language) -> Iterator[str]:
    container = group.first.container
    verdict = words.VERDICTS[group.verdict].say(language)
    yield f"**{verdict}**" if group.verdict in groups.ASKS else verdict
    yield escaped(container.namespace)
    yield escaped(container.workload.resource)
    yield escaped(words.container_name(container, language))
    yield escaped(container.image)
    yield escaped(words.policy(container, language))
    yield str(groups.pods(group.findings))
    yield group.first.causes[0].id if group.first.causes else "-"


def _explained(group: Group, language: Language) -> Iterator[str]:
    finding, container = group.first, group.first.container
    verdict = words.VERDICTS[group.verdict].say(language)
    of = f"{container.namespace} {container.workload.resource}, {words.container_name(container, language)}"
    yield from (f"## {verdict}: {escaped(of)}", "", escaped(finding.because.say(language)), "")
    digests = ((words.RUNNING, finding.running), (words.WANTED, finding.wanted), (words.ON_NODE, finding.on_node))
    for title, digest in digests:
        if digest:
            yield f"- {title.say(language)}: {escaped(digest)}"
    for forecast, nodes in group.forecasts:
        yield f"- {words.NEXT.say(language)}: {escaped(words.forecast(forecast, nodes, language))}"
    yield f"- {escaped(words.example(group, language))}"
    for cause in finding.causes:
        yield from ("", *_cause(cause, language))


def _cause(cause: Cause, language: Language) -> Iterator[str]:
    sure = words.CERTAINTIES[cause.certainty].say(language)
    yield f"**{words.CAUSE.say(language)}**: {escaped(cause.title.say(language))} ({cause.id}, {sure})"
    if cause.evidence:
        yield from ("", *(f"- {escaped(text.say(language))}" for text in cause.evidence))
    for mend in cause.mends:
        mended = f"**{words.MEND.say(language)}**: {escaped(mend.text.say(language))}"
        yield from ("", mended, "", *markdown.fenced(mend.command, "sh"))
