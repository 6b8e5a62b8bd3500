"""`pullscope verify`: the options. What they lead to is in `proving`, which is imported late."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pullscope.base.errors import UsageError

EXAMPLES = """\
Examples:

\b
  pullscope verify                              all cases, as a table
  pullscope verify --case 6                     the stale image, with its evidence
  pullscope verify -v -o markdown               everything, for a ticket
  pullscope verify -o json --output-file F      for a script
  pullscope verify --case 6 --keep              look at it with kubectl afterwards
"""


class Output(StrEnum):
    """The forms of a report."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    MARKDOWN = "markdown"


def verify(
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="N", help="Only this case, with its evidence; repeatable.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the evidence of every case.")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="The form of the report.")] = Output.TABLE,
    output_file: Annotated[Path | None, typer.Option(help="Write the report there instead of printing it.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lab up to look at, until Ctrl-C.")] = False,
) -> None:
    """Make every combination of pull policy, node and registry happen, and prove which image runs.

    Starts a private lab, runs the cases side by side, judges what was seen, and removes the lab. Exit codes: 0 as
    expected; 1 something differs; 3 something could not be found out.
    """
    from pullscope.cli import proving

    if output_file is not None and not output_file.absolute().parent.is_dir():
        raise UsageError(f"cannot write {output_file}: there is no such directory")
    if output_file is not None and output_file.is_dir():
        raise UsageError(f"cannot write {output_file}: it is a directory", hint="name a file in it")
    wanted = proving.Wanted(proving.choose(case or []), output.value, everything=verbose or bool(case))
    raise typer.Exit(proving.prove(wanted, output_file, keep=keep))
