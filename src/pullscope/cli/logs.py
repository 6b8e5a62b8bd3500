"""`pullscope logs`: what a lab's process wrote."""

from typing import Annotated

import typer

from pullscope.base.errors import PullscopeError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope logs
  pullscope logs -f -n 20                       the last lines, then what is written
"""

Path = Annotated[bool, typer.Option("--path", help="Print where the log is instead.")]
Follow = Annotated[
    bool, typer.Option("--follow", "-f", help="Go on with what is written, until the lab stops or Ctrl-C.")
]
Lines = Annotated[int | None, typer.Option("--lines", "-n", metavar="N", min=0, help="Only the last N lines.")]


def logs(name: labs.Name = "default", lines: Lines = None, follow: Follow = False, path: Path = False) -> None:
    """Print the log of a lab's own process (for the log of a pod: kubectl logs)."""
    from pullscope.lab import logfile, names

    state = labs.state_of(name)
    if not state.log.exists():
        raise PullscopeError(f"the lab {name} has no log", hint=f"`pullscope up{names.option(name)}` starts it")
    if path:
        typer.echo(str(state.log))
        return

    async def tell() -> None:
        async for text in logfile.read(state, labs.clock(), lines=lines, follow=follow):
            typer.echo(text, nl=False)

    labs.run(tell())
