"""A diagnosis in print: `table` and `wide` for people, `json` for programs, `junit` for CI, `markdown` and `html` for tickets.

`groups` and `words` hold what is said, once; the others say it in their form.
"""

from typing import Literal, TextIO, assert_never

from pullscope.pull.flow import Language
from pullscope.reports import terminal
from pullscope.why.findings import Diagnosis
from pullscope.why.report import document, html, junit, markdown, table

Form = Literal["table", "wide", "json", "junit", "markdown", "html"]


def render(diagnosis: Diagnosis, form: Form, language: Language, to: TextIO) -> None:
    """Write the diagnosis in the form that is wanted."""
    match form:
        case "table" | "wide":
            wide = form == "wide"
            table.render(terminal.console(to, wide=wide), diagnosis, language, wide=wide)
        case "json":
            document.write(diagnosis, language, to)
        case "junit":
            to.write(junit.render(diagnosis, language))
        case "markdown":
            to.write(markdown.render(diagnosis, language))
        case "html":
            to.write(html.render(diagnosis, language))
        case _:
            assert_never(form)
