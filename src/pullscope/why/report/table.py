"""`-o table` and `-o wide`: the diagnosis on a terminal, or as plain text in a pipe or a file."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from pullscope.pull.flow import Language, Text
from pullscope.reports.texts import visible
from pullscope.why import said
from pullscope.why.findings import Cause, Diagnosis, Word
from pullscope.why.report import groups, unseen, words
from pullscope.why.report.groups import Group

_COLOURS: dict[Word, str] = {
    "up to date": "green",
    "stale": "bold red",
    "pinned": "cyan",
    "failing": "bold red",
    "unknown": "yellow",
}
_INDENT = 2


def render(to: Console, diagnosis: Diagnosis, language: Language, *, wide: bool = False) -> None:
    """Print the table, then what is behind each line of it that asks for something, then what was not seen."""
    found = groups.groups(diagnosis.findings)
    if found:
        to.print(_wide(found, language) if wide else _table(found, language))
        to.print()
    for group in found:
        if group.told:
            _explain(to, group, language)
    _not_seen(to, diagnosis, language)
    to.print(Line(words.summary(diagnosis, language)))


def _table(found: Sequence[Group], language: Language) -> Table:
    several = len({group.first.container.namespace for group in found}) > 1
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    titles = [words.VERDICT, *([words.NAMESPACE] if several else []), words.WORKLOAD, words.CONTAINER, words.IMAGE]
    for title in (*titles, words.POLICY):
        table.add_column(title.say(language), overflow="fold", no_wrap=title is words.VERDICT)
    table.add_column(words.PODS.say(language), justify="right", no_wrap=True)
    table.add_column(words.CAUSE.say(language), overflow="fold")
    for group in found:
        container = group.first.container
        table.add_row(
            _verdict(group.verdict, language),
            *([_line(container.namespace)] if several else []),
            *_lines(
                container.workload.resource, words.container_name(container, language), words.image(container.image)
            ),
            *_lines(container.policy, str(groups.pods(group.findings)), _cause(group)),
        )
    return table


def _wide(found: Sequence[Group], language: Language) -> Table:
    table = Table(box=None, pad_edge=False)
    titles = (words.VERDICT, words.NAMESPACE, words.WORKLOAD, words.CONTAINER, words.IMAGE, words.POLICY, words.PODS)
    digests = (words.RUNNING, words.WANTED, words.ON_NODE)
    for title in (*titles, *digests, words.NODES, words.CAUSE, words.BECAUSE):
        table.add_column(title.say(language).upper(), no_wrap=True)
    for group in found:
        container = group.first.container
        table.add_row(
            _verdict(group.verdict, language),
            *_lines(container.namespace, container.workload.resource, words.container_name(container, language)),
            *_lines(container.image, words.policy(container, language), str(groups.pods(group.findings))),
            *(Line(_digests(group.digests(of))) for of in ("running", "wanted", "on_node")),
            *_lines(words.node_names(group.nodes, language) or "-", _cause(group)),
            _line(group.first.because.say(language)),
        )
    return table


def _explain(to: Console, group: Group, language: Language) -> None:
    """Why, by the first cause: what shows it, and what to type."""
    finding, container = group.first, group.first.container
    of = f" {container.namespace} {container.workload.resource}, {words.container_name(container, language)}: "
    to.print(Line.assemble(_verdict(group.verdict, language), (visible(of), "bold"), visible(container.image)))
    _indented(to, _line(finding.because.say(language)))
    if finding.causes:
        _why(to, finding.causes, language)
        _indented(to, _line(words.example(group, language), "dim"))
    for forecast, nodes in group.forecasts if group.verdict in groups.ASKS else ():
        _titled(to, words.NEXT, words.forecast(forecast, nodes, language), language)
    to.print()


def _why(to: Console, causes: Sequence[Cause], language: Language) -> None:
    first, *others = causes
    _titled(to, words.CAUSE, words.cause(first, language), language)
    for text in first.evidence:
        _indented(to, _line(f"· {text.say(language)}"), by=_INDENT * 2)
    for mend in first.mends:
        _titled(to, words.MEND, mend.text.say(language), language)
        # Never wrapped: a command is there to be copied.
        to.print(_line(" " * _INDENT * 2 + mend.command, "bold"), soft_wrap=True)
    if others:
        _titled(to, words.ALSO, "; ".join(words.cause(each, language) for each in others), language)


def _not_seen(to: Console, diagnosis: Diagnosis, language: Language) -> None:
    for each in diagnosis.facts.unseen:
        what, cost = unseen.told(each, language)
        to.print(_line(f"{words.NOT_SEEN.say(language)}: {what}: {each.reason}", "yellow"))
        _titled(to, words.COST, cost, language)
    if diagnosis.facts.unseen:
        to.print()


def _titled(to: Console, title: Text, text: str, language: Language) -> None:
    _indented(to, Line.assemble((f"{title.say(language)}: ", "bold dim"), visible(text)))


def _indented(to: Console, line: Line, by: int = _INDENT) -> None:
    to.print(Padding(line, (0, 0, 0, by), expand=False))


def _verdict(word: Word, language: Language) -> Line:
    return Line(words.VERDICTS[word].say(language), _COLOURS[word])


def _cause(group: Group) -> str:
    return group.first.causes[0].id if group.first.causes else "-"


def _digests(digests: Sequence[str]) -> str:
    return " ".join(map(said.short, digests)) or "-"


def _lines(*texts: str) -> Iterable[Line]:
    return map(_line, texts)


def _line(text: str, style: str = "") -> Line:
    """As it is: what looks like markup in a name is none."""
    return Line(visible(text), style)
