"""A plan in print: `table` for people, `json` for programs, `junit` for CI, `markdown` for reviews."""

from typing import Literal, TextIO, assert_never

from pullscope.pull.flow import Language
from pullscope.reports import terminal
from pullscope.why.plan.planned import Plan
from pullscope.why.plan.report import document, junit, markdown, table

Form = Literal["table", "json", "junit", "markdown"]


def render(plan: Plan, form: Form, language: Language, to: TextIO) -> None:
    """Write the plan in the form that is wanted."""
    match form:
        case "table":
            table.render(terminal.console(to), plan, language)
        case "json":
            to.write(document.text(plan, language))
        case "junit":
            to.write(junit.render(plan, language))
        case "markdown":
            to.write(markdown.render(plan, language))
        case _:
            assert_never(form)
