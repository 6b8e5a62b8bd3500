"""`-o markdown`: for a review: a table of the containers, and what is risky about each. [pure]"""

from collections.abc import Iterator

from pullscope.pull.flow import Language
from pullscope.reports import markdown
from pullscope.reports.markdown import escaped
from pullscope.why.plan.planned import Plan, Planned
from pullscope.why.plan.report import words
from pullscope.why.report import unseen
from pullscope.why.report import words as findings


def render(plan: Plan, language: Language) -> str:
    """The plan as Markdown."""
    columns = (findings.VERDICT, words.WHERE, findings.WORKLOAD, findings.CONTAINER, findings.IMAGE, findings.POLICY)
    titles = [title.say(language) for title in columns]
    lines = [f"# {words.TITLE.say(language)}", "", escaped(words.summary(plan, language)), ""]
    lines += markdown.table(titles, (_cells(planned, language) for planned in plan.containers))
    for planned in plan.containers:
        lines += ["", *_explained(planned, language)]
    lines += ["", *(f"- {escaped(rule)}" for rule in words.rules(plan, language))]
    if plan.unseen:
        lines += ["", f"## {findings.NOT_SEEN.say(language)}", ""]
    for each in plan.unseen:
        what, cost = unseen.told(each, language)
        lines.append(f"- **{escaped(what)}**: {escaped(each.reason)}; {escaped(cost)}")
    return "\n".join(lines) + "\n"


def _cells(planned: Planned, language: Language) -> Iterator[str]:
    verdict = words.VERDICTS[planned.verdict].say(language)
    yield f"**{verdict}**" if planned.verdict == "risky" else verdict
    yield escaped(words.where(planned))
    yield escaped(words.workload(planned))
    yield escaped(words.container(planned, language))
    yield escaped(planned.image or "-")
    yield escaped(words.policy(planned, language))


def _explained(planned: Planned, language: Language) -> Iterator[str]:
    yield f"## {escaped(words.workload(planned))}, {escaped(words.container(planned, language))}"
    yield from ("", f"{escaped(words.policy(planned, language))}: {escaped(planned.because.say(language))}")
    if planned.ways:
        titles = (words.STATE.say(language), *(text.say(language) for text in words.IN_REGISTRY.values()))
        yield ""
        yield from markdown.table(titles, (map(escaped, line) for line in words.states(planned, language)))
    told = [*words.differences(planned, language), *words.forecasts(planned, language)]
    told = [*(f"- {escaped(text)}" for text in told), *_risks(planned, language)]
    yield from ["", *told] if told else []


def _risks(planned: Planned, language: Language) -> Iterator[str]:
    for risk in planned.risks:
        weight = words.WEIGHTS[risk.weight].say(language)
        yield f"- **{weight}** ({risk.id}, {escaped(words.at(risk, language))}): {escaped(risk.text.say(language))}"
        if risk.mend:
            yield f"  {words.MEND.say(language)}: {escaped(risk.mend.say(language))}"
