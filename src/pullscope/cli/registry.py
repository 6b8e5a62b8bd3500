"""`pullscope registry`: a registry of one's own, without a lab; and a lab's registry, going wrong."""

from pathlib import Path
from typing import Annotated

import typer

from pullscope.cli import registryfault

app = typer.Typer(
    help="Serve an image registry; let a lab's registry go wrong.", no_args_is_help=True, rich_markup_mode=None
)

_EXAMPLES = """\
Examples:

\b
  pullscope registry serve 5000                      in memory, for this machine alone
  pullscope registry serve 127.0.0.1:5000 --root ~/images
  pullscope registry serve 0.0.0.0:5000              for everybody who reaches this machine
"""


app.command(epilog=registryfault.EXAMPLES)(registryfault.fault)


@app.command(epilog=_EXAMPLES)
def serve(
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDR",
            help="host:port, or a port. Without a host only this machine can connect; port 0: any free one.",
        ),
    ],
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Keep the images in DIR (made when missing); else in memory."
        ),
    ] = None,
) -> None:
    """Serve a registry at ADDR until Ctrl-C: push to it, pull from it, delete in it, read what was asked of it.

    It asks for no credentials and speaks plain HTTP.
    """
    import asyncio

    from pullscope.base.addresses import is_loopback
    from pullscope.registry import serving

    def announce(listening: serving.Address) -> None:
        typer.echo(
            f"registry at http://{listening} ({f'images in {root}' if root else 'in memory: gone when it stops'})"
        )
        if not is_loopback(listening.host):
            typer.echo("warning: whoever reaches this address can push and delete", err=True)
        typer.echo(f"  push  pullscope image build DIR -t {listening}/myapp:v1 --push")
        typer.echo(f"        podman push --tls-verify=false myapp:v1 {listening}/myapp:v1")
        typer.echo(f"  pull  podman pull --tls-verify=false {listening}/myapp:v1")
        typer.echo(f"  what was asked of it: http://{listening}/_pullscope/requests")
        typer.echo("Ctrl-C stops it.")

    asyncio.run(serving.serve(root, serving.parse_address(address), announce))
