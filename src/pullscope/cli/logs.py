"""`pullscope logs`: what a lab's process wrote."""

from typing import Annotated

import typer

from pullscope.base.errors import PullscopeError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope logs
  tail -f $(pullscope logs --path)              as it is written
"""

Path = Annotated[bool, typer.Option("--path", help="Print where the log is instead.")]


def logs(name: labs.Name = "default", path: Path = False) -> None:
    """Print the log of a lab's own process (for the log of a pod: kubectl logs)."""
    log = labs.state_of(name).log
    if not log.exists():
        raise PullscopeError(f"the lab {name} has no log", hint="`pullscope up` starts it")
    if path:
        typer.echo(str(log))
    else:
        typer.echo(log.read_text(encoding="utf-8", errors="replace"), nl=False)
