"""`pullscope clock`: the time of a lab, and letting it pass."""

import sys
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

    run, answer = await lifecycle.reach(labs.state_of(name), labs.clock()), {}
    async for answer in control.follow(run, command, **arguments):
        _tell(answer, arguments)
    return answer


def _tell(answer: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """How far it is, on a terminal: hours of back-off and heartbeats take a while."""
    if not sys.stderr.isatty():
        return
    if "left" in answer:
        sys.stderr.write(f"\r{answer['now']}  {1 - answer['left'] / arguments['seconds']:4.0%}")
    else:
        sys.stderr.write("\r\033[K")
    sys.stderr.flush()
