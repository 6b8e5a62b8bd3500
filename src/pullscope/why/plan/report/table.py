"""`-o table`: a line for each container, then what each leads to and what is risky about it."""

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from pullscope.pull.flow import Language
from pullscope.reports.texts import visible
from pullscope.why.plan.planned import Plan, Planned, Risk, Verdict
from pullscope.why.plan.report import words
from pullscope.why.report import unseen
from pullscope.why.report import words as findings

_COLOURS: dict[Verdict, str] = {"risky": "bold red", "noted": "yellow", "safe": "green"}


def render(to: Console, plan: Plan, language: Language) -> None:
    """Print the table, each container below it, and a summary."""
    to.print(_table(plan, language))
    to.print()
    for planned in plan.containers:
        _explain(to, planned, language)
    for rule in words.rules(plan, language):
        to.print(_line(rule, "dim"))
    for each in plan.unseen:
        what, cost = unseen.told(each, language)
        to.print(_line(f"{findings.NOT_SEEN.say(language)}: {what}: {each.reason}", "yellow"))
        _indented(to, f"{findings.COST.say(language)}: {cost}")
    to.print(_line(words.summary(plan, language)))


def _table(plan: Plan, language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    titles = (findings.VERDICT, findings.WORKLOAD, findings.CONTAINER, findings.IMAGE, findings.POLICY)
    for title in titles:
        table.add_column(title.say(language), overflow="fold", no_wrap=title is findings.VERDICT)
    for planned in plan.containers:
        verdict = Line(words.VERDICTS[planned.verdict].say(language), _COLOURS[planned.verdict])
        cells = (
            words.workload(planned),
            words.container(planned, language),
            findings.image(planned.image) or "-",
            words.policy(planned, language),
        )
        table.add_row(verdict, *(_line(cell) for cell in cells))
    return table


def _explain(to: Console, planned: Planned, language: Language) -> None:
    head = f"{words.where(planned)}  {words.workload(planned)}, {words.container(planned, language)}: {planned.image}"
    to.print(_line(head, "bold"), soft_wrap=True)
    _indented(to, f"{words.policy(planned, language)}: {planned.because.say(language)}")
    if planned.ways:
        to.print(Padding(_ways(planned, language), (0, 0, 0, 2), expand=False))
    for text in words.differences(planned, language):
        _indented(to, text)
    for text in words.forecasts(planned, language):
        _indented(to, text)
    for risk in planned.risks:
        _risk(to, risk, language)
    to.print()


def _ways(planned: Planned, language: Language) -> Table:
    grid = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for title in ("", *(text.say(language) for text in words.IN_REGISTRY.values())):
        grid.add_column(title, overflow="fold")
    for state, *outcomes in words.states(planned, language):
        grid.add_row(Line(state, "dim"), *map(Line, outcomes))
    return grid


def _risk(to: Console, risk: Risk, language: Language) -> None:
    weight = words.WEIGHTS[risk.weight].say(language)
    colour = _COLOURS["risky" if risk.weight == "risk" else "noted"]
    said = visible(f": {risk.text.say(language)} [{risk.id}, {words.at(risk, language)}]")
    to.print(Padding(Line.assemble((weight, colour), said), (0, 0, 0, 2), expand=False))
    if risk.mend:
        _indented(to, f"{words.MEND.say(language)}: {risk.mend.say(language)}", by=4)


def _indented(to: Console, text: str, by: int = 2) -> None:
    to.print(Padding(_line(text), (0, 0, 0, by), expand=False))


def _line(text: str, style: str = "") -> Line:
    """As it is: what looks like markup in a name is none."""
    return Line(visible(text), style)
