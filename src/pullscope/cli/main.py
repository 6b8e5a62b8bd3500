"""Which commands there are. `cli.program` runs them.

A command file holds a function of the command's name (or, for a group, a typer `app`) and imports what is heavy inside
that function, so that `pullscope --help` stays instant.
"""

from typing import Annotated

import typer

from pullscope import __version__
from pullscope.cli import (
    clock,
    delete,
    env,
    image,
    logs,
    node,
    oc,
    plan,
    registry,
    status,
    stop,
    tutorial,
    up,
    verify,
    why,
)

EXAMPLES = """\
Examples:

\b
  pullscope why                           why do my pods run what they run? (any cluster)
  pullscope plan -f deployment.yaml       what will this manifest lead to?
  pullscope verify                        prove the six cases in a lab of its own
  pullscope tutorial                      the six cases by hand, one command after the other
  pullscope up                            start a lab, then use kubectl or oc with it
  kubectl --context pullscope get nodes   the lab's context is in your kubeconfig
  pullscope status -o json                where the API and the registry listen
  pullscope stop                          stop the lab, keep what is in it

Exit codes: 0 as expected; 1 something differs; 2 usage; 3 could not find out.
"""

app = typer.Typer(
    name="pullscope",
    help="Which image will my pod really run, and why? A lab, a proof and a diagnosis for imagePullPolicy.",
    epilog=EXAMPLES,
    invoke_without_command=True,
    rich_markup_mode=None,  # rich's help costs more time than all the rest of --help
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"pullscope {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """The options that stand before a command; without a command, the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command(epilog=why.EXAMPLES)(why.why)
app.command(epilog=plan.EXAMPLES)(plan.plan)
app.command(epilog=verify.EXAMPLES)(verify.verify)
app.command(epilog=up.EXAMPLES)(up.up)
app.command(epilog=status.EXAMPLES)(status.status)
app.command(epilog=stop.EXAMPLES)(stop.stop)
app.command(epilog=delete.EXAMPLES)(delete.delete)
app.command(epilog=env.EXAMPLES)(env.env)
app.command(epilog=logs.EXAMPLES)(logs.logs)
app.command()(oc.oc)
app.command(epilog=tutorial.EXAMPLES)(tutorial.tutorial)
app.add_typer(node.app, name="node")
app.add_typer(registry.app, name="registry")
app.add_typer(image.app, name="image")
app.add_typer(clock.app, name="clock")
