"""`pullscope clock`: the time of a lab, and letting it pass."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from pullscope.cli import labs
from pullscope.cli.registryfault import seconds

EXAMPLES = """\
Examples:

\b
  pullscope up --clock manual
  pullscope clock advance 5m       back-off, heartbeats, collections: what is due in five minutes happens now
  pullscope clock show
"""

app = typer.Typer(
    help="Tell the time of a lab, and let it pass.", epilog=EXAMPLES, no_args_is_help=True, rich_markup_mode=None
)


@app.command(epilog=EXAMPLES)
def show(name: labs.Name = "default") -> None:
    """Print the lab's time."""
    typer.echo(labs.run(_ask(name, "clock"))["now"])


@app.command(epilog=EXAMPLES)
def advance(
    time: Annotated[str, typer.Argument(metavar="TIME", help="How much: 30s, 5m, 2h.")], name: labs.Name = "default"
) -> None:
    """Let time pass in a lab whose clock stands still (`pullscope up --clock manual`), and print what time it is then."""
    typer.echo(labs.run(_ask(name, "advance", seconds=seconds(time)))["now"])


async def _ask(name: str, command: str, **arguments: Any) -> Mapping[str, Any]:
    from pullscope.lab import control, lifecycle

    run = await lifecycle.reach(labs.state_of(name), labs.clock())
    (answer,) = [part async for part in control.follow(run, command, **arguments)]
    return answer
