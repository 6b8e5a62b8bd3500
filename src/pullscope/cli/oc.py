"""`pullscope oc`: all that follows goes to `pullscope.oc` as it is."""

import typer
from typer.core import TyperCommand


class AsGiven(TyperCommand):
    """A command that takes its words as they are: `--` counts, and `--help` is its own."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override] # typer's own Context
        ctx.args = list(args)
        return ctx.args


def oc(context: typer.Context) -> None:
    """The tutorial's oc commands, for machines without oc (`pullscope oc --help` says where to get it)."""
    import asyncio

    from pullscope.cli import labs
    from pullscope.oc import console, main

    raise typer.Exit(asyncio.run(main.run(context.args, console.standard(), labs.clock())))
