"""`pullscope stop`: stop a lab, keep what is in it."""

from typing import Annotated

import typer

from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope stop
  pullscope stop --name test --force            when it does not answer
"""

Force = Annotated[bool, typer.Option("--force", "-f", help="End the process at once.")]


def stop(name: labs.Name = "default", force: Force = False) -> None:
    """Stop a lab and take its contexts out of your kubeconfig. `pullscope up` brings it back as it was.

    An ephemeral lab is deleted.
    """
    from pullscope.lab import lifecycle

    stopped = labs.run(lifecycle.stop(labs.state_of(name), labs.user_config(), labs.clock(), force=force))
    if not stopped.was_running:
        typer.echo("Instance is already stopped")
    else:
        typer.echo("Forcibly stopped the instance" if stopped.forced else "Stopped the instance")
