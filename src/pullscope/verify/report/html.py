"""`-o html`: one file for a ticket, with everything that was seen of every case. [pure]"""

from collections.abc import Iterable, Iterator, Sequence

from pullscope.reports import chart, page
from pullscope.reports.markup import Child, Html, joined, tag
from pullscope.verify import path
from pullscope.verify.report import rows, sections, story, timeline, topics
from pullscope.verify.report.digests import Marker
from pullscope.verify.report.sections import About, Section
from pullscope.verify.report.story import Chapter
from pullscope.verify.report.topics import Group
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, ClusterInfo, Report
from pullscope.verify.scenarios.steps import Scenario
from pullscope.verify.verdict import Word

_FROM_DEPLOYMENT = "Seconds count from the creation of the Deployment"
_MOODS: dict[Word, str] = {"pass": "good", "fail": "bad", "inconclusive": "odd", "not_applicable": "calm"}


def render(report: Report, words: Words = ENGLISH) -> str:
    """The report as a page."""
    intro = [tag("p", {"class": "summary"}, rows.summary(report, words)), page.facts(_cluster(report, words))]
    main = [*_tables(report, words), *(tag("p", None, note) for note in rows.notes(report, words))]
    main += [_case(result, words) for result in report.results]
    return page.page(words.say("Which image ran: the proof"), words.language, intro, main)


def _cluster(report: Report, words: Words) -> Iterator[tuple[str, Child]]:
    cluster: ClusterInfo = report.cluster
    told = (
        ("API server", f"{cluster.server} ({cluster.version})"),
        ("node", cluster.node),
        ("runtime", cluster.runtime),
        ("registry", cluster.registry),
        ("namespace", report.namespace),
    )
    for name, value in told:
        yield words.say(name), value or words.say("unknown: the rights do not show it")


def _tables(report: Report, words: Words) -> Iterator[Html]:
    groups = topics.groups(report.results, lambda result: result.case)
    for group in groups:
        if topics.headed(groups):
            yield tag("h2", None, group.heading(words))
        yield _table(group, words)


def _table(group: Group[CaseResult], words: Words) -> Html:
    given = ("the case",) if group.told else ("on the node", "in the registry")
    titles = ("No.", "imagePullPolicy", *given, "expected", "observed", "verdict")
    lines = [_row(result, words, told=group.told) for result in group.rows]
    return page.table(words.say("The cases"), [words.say(title) for title in titles], lines)


def _row(result: CaseResult, words: Words, *, told: bool) -> list[Child]:
    row = rows.row(result, words)
    observed: list[Child] = [row.status]
    if row.digest:
        marker = Marker(result.evidence, words)
        name = f"{row.war} {row.digest}".strip()
        observed += [" ", marker.digest(name, row.image_of) if row.image_of else page.code(name)]
    number = tag("a", {"href": f"#{_id(result)}"}, row.number)
    given = (row.what,) if told else (row.on_node, row.in_registry)
    return [number, row.policy, *given, row.expected, joined(observed), _verdict(result, words)]


def _verdict(result: CaseResult, words: Words) -> Html:
    word = result.verdict.word
    return page.verdict(words.say(rows.WORDS[word]), _MOODS[word])


def _id(result: CaseResult) -> str:
    return f"case-{result.case.id}"


def _case(result: CaseResult, words: Words) -> Html:
    marker = Marker(result.evidence, words)
    told = sections.sections(result, words)
    return tag(
        "section",
        {"aria-labelledby": _id(result)},
        tag("h2", {"id": _id(result)}, rows.heading(result.case, words)),
        tag("p", None, _verdict(result, words), " ", marker.text(rows.because(result, words))),
        *_made(result, told, marker, words),
        *_timeline(result, marker, words),
        *(_facts(each, marker) for each in _only(told, "pod")),
        *(_log(each) for each in _only(told, "log")),
        *(_list(each, marker) for each in _only(told, "node images", "control")),
        *_typed(result, words),
    )


def _only(told: Iterable[Section], *about: About) -> Iterator[Section]:
    return (section for section in told if section.about in about)


def _made(result: CaseResult, told: Sequence[Section], marker: Marker, words: Words) -> Iterator[Html]:
    """How the case came about, and the way that it took; a scenario is told in its steps."""
    case = result.case
    if not isinstance(case, Scenario):
        yield tag("h3", None, words.say("the three operations"))
        yield tag("div", {"class": "cards"}, *(_operation(each, marker) for each in _only(told, "operation")))
        yield from _way(result, words)
        return
    chapters = story.chapters(case, result.evidence, words)
    yield tag("h3", None, words.say("what was done, and what was seen"))
    yield tag("ol", None, *(_chapter(each, marker) for each in chapters))
    if left := story.left(case, result.evidence):
        yield tag("p", None, words.say(left))
    yield tag("p", {"class": "soft"}, f"{words.say('where the rule stands')}: {case.upstream}")


def _chapter(chapter: Chapter, marker: Marker) -> Html:
    facts = [page.facts((name, marker.text(text)) for name, text in chapter.looked)] if chapter.looked else []
    return tag("li", None, marker.text(chapter.did), *facts)


def _operation(section: Section, marker: Marker) -> Html:
    steps = (tag("li", None, marker.text(" ".join(line))) for line in section.lines)
    return tag("div", {"class": "card"}, tag("h4", None, section.title), tag("ul", None, *steps))


def _way(result: CaseResult, words: Words) -> Iterator[Html]:
    way = result.observed.path
    yield tag("h3", None, words.say("the way through the flowchart"))
    if way and not (path.is_walk(way) or path.is_under_way(way)):
        yield tag("p", {"class": "warning"}, " → ".join(way), words.say("  (not a way that the flowchart has)"))
    if not way:
        yield tag("p", None, words.say("nothing proves it"))
        return
    yield chart.draw(way, words.language, _id(result))


def _timeline(result: CaseResult, marker: Marker, words: Words) -> Iterator[Html]:
    title = words.say("what happened, and when")
    titles = [words.say(each) for each in ("seconds", "seen in", "what", "detail")]
    lines = [
        [
            tag("span", {"class": "time"}, f"{each.seconds:.2f}"),
            words.say(each.where),
            each.what,
            marker.text(each.detail),
        ]
        for each in timeline.moments(result.evidence)
    ]
    told = isinstance(result.case, Scenario)
    caption = "Of the pod below; seconds count from the first step" if told else _FROM_DEPLOYMENT
    yield tag("h3", None, title)
    yield page.table(words.say(caption), titles, lines)
    if result.evidence.registry_requests is None:
        yield tag("p", {"class": "soft"}, words.say("unknown: this registry has no log that can be read"))


def _facts(section: Section, marker: Marker) -> Html:
    pairs = ((line[0], marker.text(line[1])) for line in section.lines)
    return joined([tag("h3", None, section.title), page.facts(pairs)])


def _log(section: Section) -> Html:
    text = "\n".join(line[0] for line in section.lines)
    return joined([tag("h3", None, section.title), page.block(text, section.title)])


def _list(section: Section, marker: Marker) -> Html:
    items = (tag("li", None, marker.text(": ".join(line))) for line in section.lines)
    return joined([tag("h3", None, section.title), tag("ul", None, *items)])


def _typed(result: CaseResult, words: Words) -> Iterator[Html]:
    """The commands of the method that types."""
    commands = result.evidence.commands
    if commands:
        title = words.say("What was typed, and what came back")
        yield tag("h3", None, title)
        yield page.block("\n".join(f"$ {each.command}\n{each.output.strip()}" for each in commands), title)
