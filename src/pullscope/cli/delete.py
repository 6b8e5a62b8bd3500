"""`pullscope delete`: remove a lab with everything in it."""

import sys
from typing import Annotated

import typer

from pullscope.base.errors import UsageError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope delete
  pullscope delete --name test --force          without a question, as in a script
"""

Force = Annotated[bool, typer.Option("--force", "-f", help="Do not ask.")]


def delete(name: labs.Name = "default", force: Force = False) -> None:
    """Delete a lab: its cluster, its registry, its node's images."""
    from pullscope.lab import lifecycle

    if not force:
        if not sys.stdin.isatty():
            raise UsageError("non-interactive deletion requires --force")
        if not typer.confirm("Do you want to delete the instance?"):
            return
    labs.run(lifecycle.delete(labs.state_of(name), labs.user_config(), labs.clock()))
    typer.echo("Deleted the instance")
