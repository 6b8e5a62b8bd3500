"""The transcript of the method that types: for each case the commands with all that they wrote, then what it came to. [pure]

Markdown, in the language of the report; commands and outputs are as they were.
"""

from itertools import groupby

from pullscope.verify.report import markdown, rows
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report


def render(report: Report, words: Words = ENGLISH) -> str:
    """The whole run."""
    lines = [f"# {words.say('What was typed, and what came back')}"]
    for result in report.results:
        lines += ["", *_case(result, words)]
    return "\n".join(lines) + f"\n\n## {words.say('The judgement')}\n\n{markdown.render(report, (), words)}"


def _case(result: CaseResult, words: Words) -> list[str]:
    lines = [f"## {rows.heading(result.case, words)}"]
    for purpose, commands in groupby(result.evidence.commands, key=lambda each: each.purpose):
        lines += ["", f"### {words.say(purpose)}", "", "```console"]
        for each in commands:
            lines += [f"$ {each.command}", *(line.rstrip() for line in each.output.strip("\n").splitlines())]
        lines.append("```")
    return [*lines, "", rows.because(result, words)]
