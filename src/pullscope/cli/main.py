"""Which commands there are. `cli.program` runs them.

A command file holds a function of the command's name (or, for a group, a typer `app`) and imports what is heavy inside
that function, so that `pullscope --help` stays instant.
"""

import importlib
from typing import Annotated

import typer

from pullscope import __version__

COMMANDS = (
    "why", "plan", "verify", "up", "status", "stop", "delete", "env", "logs", "oc", "tutorial",
    "node", "registry", "image", "clock",
)  # fmt: skip

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


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"pullscope {__version__}")
        raise typer.Exit


def options(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """The options that stand before a command; without a command, the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def app(word: str = "") -> typer.Typer:
    """The program with all its commands, or with that one alone which the word names: the others need not be read."""
    made = typer.Typer(
        name="pullscope",
        help="Which image will my pod really run, and why? A lab, a proof and a diagnosis for imagePullPolicy.",
        epilog=EXAMPLES,
        invoke_without_command=True,
        rich_markup_mode=None,  # rich's help costs more time than all the rest of --help
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(options)
    for name in (word,) if word in COMMANDS else COMMANDS:
        _add(made, name)
    return made


def _add(made: typer.Typer, name: str) -> None:
    module = importlib.import_module(f"pullscope.cli.{name}")
    if hasattr(module, "app"):
        made.add_typer(module.app, name=name)
    else:
        made.command(epilog=module.EXAMPLES)(getattr(module, name))
