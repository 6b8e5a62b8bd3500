"""`pullscope oc`: all that follows goes to `pullscope.oc` as it is."""

import typer

SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def oc(context: typer.Context) -> None:
    """The tutorial's oc commands, for machines without oc (`pullscope oc --help` says where to get it)."""
    import asyncio

    from pullscope.cli import labs
    from pullscope.oc import console, main

    raise typer.Exit(asyncio.run(main.run(context.args, console.standard(), labs.clock())))
