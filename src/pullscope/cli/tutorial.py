"""`pullscope tutorial`: the options. What they lead to is in `pullscope.tutorial`, which is imported late."""

import locale
import os
from pathlib import Path
from typing import Annotated

import typer

from pullscope.cli import languages

EXAMPLES = """\
Examples:

\b
  pullscope tutorial                            step by step: Enter runs each command
  pullscope tutorial --yes --lang ja            without pauses, in Japanese
  pullscope tutorial --files .                  deployment/ and deployment.yml, to do it by hand
"""


def tutorial(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not wait for Enter.")] = False,
    lang: languages.Lang = None,
    files: Annotated[
        Path | None, typer.Option("--files", metavar="DIR", help="Write the sample files there, and do nothing else.")
    ] = None,
) -> None:
    """Do the tutorial on a throw-away lab: build, deploy, and bring about the six cases with oc, command by command.

    Shows every command with what it prints, and for each case the way through the flowchart. Nothing of yours is touched.
    Exit codes: 0 as expected; 1 something came out otherwise.
    """
    if files is not None:
        from pullscope.tutorial import samples

        for path in samples.write(files):
            typer.echo(files / path)
        return
    from pullscope.cli import performing

    language = languages.chosen(lang, os.environ, locale.getlocale()[0] or "")
    raise typer.Exit(performing.perform(language, pauses=not yes))
