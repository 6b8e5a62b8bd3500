"""`pullscope _serve`: the lab's own process. `pullscope up` starts it in the background; users do not type it."""

import gc
from typing import Annotated

import typer

from pullscope.cli import labs

Port = Annotated[int | None, typer.Option("--port")]
RegistryPort = Annotated[int | None, typer.Option("--registry-port")]


def serve(name: labs.Name, port: Port = None, registry_port: RegistryPort = None) -> None:
    """Run the lab until it is told to stop; say on standard output, once, how it came up."""
    gc.disable()  # imports make no garbage; collecting it meanwhile would cost a tenth of the start
    from pullscope.lab import process

    gc.freeze()
    gc.enable()
    report = process.pipe_report()
    process.log_to_stderr()
    try:
        labs.run(process.serve(labs.state_of(name), (port, registry_port), report))
    except Exception as error:
        process.report_failure(error, report)
        raise
