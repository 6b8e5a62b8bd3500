"""`-o html`: one file for a ticket: the verdicts, what shows them, what mends them, and which node has which image. [pure]

Of a large cluster, what needs nobody is cut before what needs somebody, and the page says what was left out.
"""

from collections.abc import Iterator, Sequence

from pullscope.pull.flow import Language, Text
from pullscope.reports import page
from pullscope.reports.markup import Child, Html, joined, tag
from pullscope.why.findings import Cause, Diagnosis, Finding, Word
from pullscope.why.report import groups, marks, nodetable, unseen, words
from pullscope.why.report.groups import Group

# What keeps a page below 500 kB, and readable.
ROWS, EXPLAINED = 300, 60
_MOODS: dict[Word, str] = {"up to date": "good", "stale": "bad", "failing": "bad", "pinned": "calm", "unknown": "odd"}


def render(diagnosis: Diagnosis, language: Language) -> str:
    """The diagnosis as a page."""
    found = groups.groups(diagnosis.findings)
    told = [group for group in found if group.told]
    intro = [
        tag("p", {"class": "summary"}, words.summary(diagnosis, language)),
        page.facts([(words.COLLECTED.say(language), diagnosis.facts.collected.isoformat(sep=" ", timespec="seconds"))]),
    ]
    main = [
        *_table(found[:ROWS], language),
        *_cut(len(found) - ROWS, language),
        *(_explained(number, group, language) for number, group in enumerate(told[:EXPLAINED])),
        *_cut(len(told) - EXPLAINED, language),
        *nodetable.draw(diagnosis, language),
        *_not_seen(diagnosis, language),
    ]
    return page.page(words.TITLE.say(language), language, intro, main)


def _table(found: Sequence[Group], language: Language) -> Iterator[Html]:
    columns = (words.VERDICT, words.NAMESPACE, words.WORKLOAD, words.CONTAINER, words.IMAGE, words.POLICY, words.PODS)
    titles = [title.say(language) for title in (*columns, words.CAUSE)]
    if found:
        numbers = iter(range(EXPLAINED))
        lines = [_row(group, numbers, language) for group in found]
        yield page.table(words.ALL.say(language), titles, lines)


def _row(group: Group, numbers: Iterator[int], language: Language) -> list[Child]:
    container = group.first.container
    number = next(numbers, None) if group.told else None
    workload = container.workload.resource
    return [
        _verdict(group, language),
        container.namespace,
        workload if number is None else tag("a", {"href": f"#{_id(number)}"}, workload),
        words.container_name(container, language),
        page.code(container.image),
        words.policy(container, language),
        str(groups.pods(group.findings)),
        group.first.causes[0].id if group.first.causes else "",
    ]


def _explained(number: int, group: Group, language: Language) -> Html:
    finding, container = group.first, group.first.container
    of = f"{container.namespace} {container.workload.resource}, {words.container_name(container, language)}"
    forecasts = (tag("li", None, words.forecast(coming, nodes, language)) for coming, nodes in group.forecasts)
    return tag(
        "section",
        {"aria-labelledby": _id(number)},
        tag("h2", {"id": _id(number)}, of),
        tag("p", None, _verdict(group, language), " ", finding.because.say(language)),
        page.facts(_digests(finding, language)),
        tag("p", {"class": "soft"}, words.example(group, language)),
        *(_cause(cause, language) for cause in finding.causes),
        *([tag("h3", None, words.NEXT.say(language)), tag("ul", None, *forecasts)] if group.forecasts else []),
    )


def _digests(finding: Finding, language: Language) -> Iterator[tuple[str, Child]]:
    yield words.IMAGE.say(language), page.code(finding.container.image)
    yield words.POLICY.say(language), words.policy(finding.container, language)
    for title, digest in (
        (words.RUNNING, finding.running),
        (words.WANTED, finding.wanted),
        (words.ON_NODE, finding.on_node),
    ):
        if digest:
            current = None if finding.wanted is None else digest == finding.wanted
            yield title.say(language), marks.digest(digest, language, current=current)


def _cause(cause: Cause, language: Language) -> Html:
    sure = f"{cause.id}, {words.CERTAINTIES[cause.certainty].say(language)}"
    evidence = (tag("li", None, text.say(language)) for text in cause.evidence)
    mends: list[Html] = []
    for mend in cause.mends:
        told = tag("p", None, tag("strong", None, f"{words.MEND.say(language)}: "), mend.text.say(language))
        mends += [told, page.block(mend.command, words.MEND.say(language))]
    heading = tag("h3", None, f"{words.CAUSE.say(language)}: {cause.title.say(language)} ({sure})")
    return joined([heading, *([tag("ul", None, *evidence)] if cause.evidence else []), *mends])


def _not_seen(diagnosis: Diagnosis, language: Language) -> Iterator[Html]:
    if not diagnosis.facts.unseen:
        return
    yield tag("h2", None, words.NOT_SEEN.say(language))
    told = ((unseen.told(each, language), each.reason) for each in diagnosis.facts.unseen)
    yield page.facts((what, f"{reason}; {words.COST.say(language)}: {cost}") for (what, cost), reason in told)


def _cut(more: int, language: Language) -> Iterator[Html]:
    if more > 0:
        yield tag("p", {"class": "soft"}, words.CUT.say(language).format(more=more))


def _verdict(group: Group, language: Language) -> Html:
    text: Text = words.VERDICTS[group.verdict]
    return page.verdict(text.say(language), _MOODS[group.verdict])


def _id(number: int) -> str:
    return f"finding-{number + 1}"
