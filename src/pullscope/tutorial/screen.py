"""What the tutorial shows: chapters, commands as they are typed, their output, the flowchart with the way taken, the table."""

import codecs
from collections.abc import Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from pullscope.pull import flow
from pullscope.pull.flow import Language, Text
from pullscope.tutorial.findings import Finding
from pullscope.tutorial.steps import Chapter
from pullscope.verify.report import chart, words

_INTRODUCTION = Text(
    "The six cases by hand, on a throw-away lab. It goes with everything in it when this ends; nothing of yours is touched.",
    "使い捨てのラボで、六つのケースを手で確かめます。終わるとラボは中身ごと消え、お使いの環境には何も残りません。",
)
_ENTER = Text("Enter runs each command, Ctrl-C ends.", "Enter で各コマンドを実行、Ctrl-C で終了します。")
_ANSWERS = Text("The commands are answered by {}.", "コマンドには {} が応答します。")
_WAY = Text("The way through the flowchart:", "フローチャート上の経路:")
_AS_EXPECTED = Text("as expected", "想定どおり")
_OTHERWISE = Text("NOT as expected", "想定と異なる")
_TITLES = ("No.", "policy", "on the\nnode", "in the\nregistry", "expected", "observed")
_FIXED = 4  # columns that are never wrapped


class Screen:
    """Shows it on `file`: in colours on a terminal, plainly elsewhere."""

    def __init__(self, file: TextIO, language: Language) -> None:
        self._console = Console(file=file, highlight=False, soft_wrap=True)
        self._language = language
        self._words = words.words(language)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def begin(self, client: str, *, pauses: bool) -> None:
        """Before the first chapter. `client`: the program that answers to `oc`."""
        self._print(_INTRODUCTION)
        self._print(_ANSWERS.say(self._language).format(client))
        if pauses:
            self._print(_ENTER)

    def chapter(self, chapter: Chapter, place: str) -> None:
        """A title, and what it is about."""
        self._console.print()
        self._print(f"━━ {place} · {chapter.title.say(self._language)}", "bold")
        self._print(chapter.about)

    def step(self, why: Text, command: str) -> None:
        """A sentence and a command, with the cursor behind it: as typed, but for Enter."""
        self._console.print()
        self._print(why, "dim")
        self._console.print(Styled(f"$ {command}", "bold cyan"), end="")

    def entered(self) -> None:
        """The command has been entered."""
        self._console.print()

    def output(self, data: bytes) -> None:
        """What a command writes, as it comes."""
        self._console.file.write(self._decoder.decode(data))
        self._console.file.flush()

    def finding(self, finding: Finding) -> None:
        """What came of a case: the flowchart, and whether it is as expected."""
        self._console.print()
        self._print(_WAY)
        for line in chart.outline(flow.TUTORIAL, finding.path, self._language):
            self._print(f"{'●' if line.taken else ' '} {line.text}", "bold green" if line.taken else "dim")
        said = (_AS_EXPECTED if finding.as_expected else _OTHERWISE).say(self._language)
        head = f"No. {finding.case.id}: {_observed(finding)}: {said}"
        self._print(head, "bold green" if finding.as_expected else "bold red")
        if finding.message:
            self._print(finding.message, "dim")

    def table(self, findings: Sequence[Finding]) -> None:
        """All cases, in the order of their numbers."""
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for at, title in enumerate(_TITLES):
            table.add_column(self._words.say(title), no_wrap=at < _FIXED, overflow="fold")
        for each in sorted(findings, key=lambda found: found.case.id):
            case, say = each.case, self._words.say
            source = f"Running: the {case.expected.source}'s image" if case.expected.source else "ErrImagePull"
            has = [say("yes" if there else "no") for there in (case.on_node, case.in_registry)]
            table.add_row(case.id, case.policy, *has, say(source), _observed(each))
        self._console.print()
        self._console.print(table, soft_wrap=False)

    def _print(self, text: Text | str, style: str = "") -> None:
        self._console.print(Styled(text if isinstance(text, str) else text.say(self._language), style))


def _observed(finding: Finding) -> str:
    return " ".join((finding.status, *finding.wars))
