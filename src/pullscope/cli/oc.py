"""`pullscope oc` as the help lists it."""

EXAMPLES = None


def oc() -> None:
    """The tutorial's oc commands, for machines without oc (`pullscope oc --help` says where to get it)."""
    # Never called: `cli.program` gives its words to `pullscope.oc` before typer is loaded.
