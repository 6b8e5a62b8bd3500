"""`pullscope registry`: a registry of one's own, without a lab; and a lab's registry, going wrong."""

from pathlib import Path
from typing import Annotated

import typer

from pullscope.cli import labs, registryfault

app = typer.Typer(
    help="Serve an image registry; look into one and change it; let a lab's registry go wrong.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_EXAMPLES = """\
Examples:

\b
  pullscope registry serve 5000                      in memory, for this machine alone
  pullscope registry serve 127.0.0.1:5000 --root ~/images
  pullscope registry serve 0.0.0.0:5000              for everybody who reaches this machine
  pullscope registry serve 5055 --user alice:secret --auth bearer
                                                     private: pods need a pull secret for it
"""


_IMAGES_EXAMPLES = """\
Examples:

\b
  pullscope registry ls                              the lab's registry
  pullscope registry ls 127.0.0.1:5000/demo/app      one repository, of any registry
  pullscope registry tag 127.0.0.1:5000/demo/app@sha256:… 127.0.0.1:5000/demo/app:v1
  pullscope registry rm 127.0.0.1:5000/demo/app:v1
"""

app.command(epilog=registryfault.EXAMPLES)(registryfault.fault)


@app.command(epilog=_IMAGES_EXAMPLES)
def ls(
    where: Annotated[str, typer.Argument(metavar="[REGISTRY[/REPOSITORY]]", help="Which registry. [the lab's]")] = "",
    name: labs.Name = "default",
    output: labs.Output = "table",
) -> None:
    """List what a registry has: repositories, tags, digests."""
    import asyncio
    import json

    from pullscope.cli import registryimages
    from pullscope.cri.crictl import tables

    as_json = labs.wants_json(output)
    registry, _, repository = (where or labs.run(registryimages.of_lab(labs.state_of(name)))).partition("/")
    rows = asyncio.run(registryimages.listed(registry, repository))
    if as_json:
        keys = ("repository", "tag", "digest")
        typer.echo(json.dumps({"images": [dict(zip(keys, row, strict=True)) for row in rows]}, indent=2))
    else:
        typer.echo(tables.aligned([["REPOSITORY", "TAG", "DIGEST"], *([*row] for row in rows)]))


@app.command(epilog=_IMAGES_EXAMPLES)
def rm(image: Annotated[str, typer.Argument(metavar="IMAGE", help="With its tag, or with its digest.")]) -> None:
    """Take a tag away from a registry, or an image with all its tags: whoever pulls it is told that there is none."""
    import asyncio

    from pullscope.cli import registryimages

    typer.echo(f"Deleted: {asyncio.run(registryimages.remove(image))}")


@app.command(epilog=_IMAGES_EXAMPLES)
def tag(
    source: Annotated[str, typer.Argument(metavar="IMAGE", help="With its tag, or with its digest.")],
    target: Annotated[str, typer.Argument(metavar="TAG", help="The new name, in the same repository.")],
) -> None:
    """Let a tag lead to another image: what a push does, without pushing."""
    import asyncio

    from pullscope.cli import registryimages

    name, digest = asyncio.run(registryimages.tag(source, target))
    typer.echo(f"{name} is {digest} now")


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
    user: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME:PASSWORD", help="Let this user in, and nobody without a name. Repeatable."),
    ] = None,
    auth: Annotated[
        str, typer.Option(metavar="basic|bearer", help="How users show who they are: by password, or by token for it.")
    ] = "basic",
) -> None:
    """Serve a registry at ADDR until Ctrl-C: push to it, pull from it, delete in it, read what was asked of it.

    It speaks plain HTTP, and asks for no credentials unless it has users.
    """
    import asyncio

    from pullscope.registry import guarded, serving

    demand = guarded.demanded(user or (), auth) if user or auth != "basic" else None
    guard = guarded.members(demand) if demand else None

    def announce(listening: serving.Address) -> None:
        _announce(str(listening), root)
        _warn(listening.host, private=demand is not None)

    asyncio.run(serving.serve(root, serving.parse_address(address), announce, guard))


def _announce(listening: str, root: Path | None) -> None:
    typer.echo(f"registry at http://{listening} ({f'images in {root}' if root else 'in memory: gone when it stops'})")
    typer.echo(f"  push  pullscope image build DIR -t {listening}/myapp:v1 --push")
    typer.echo(f"        podman push --tls-verify=false myapp:v1 {listening}/myapp:v1")
    typer.echo(f"  pull  podman pull --tls-verify=false {listening}/myapp:v1")
    typer.echo(f"  what was asked of it: http://{listening}/_pullscope/requests")
    typer.echo("Ctrl-C stops it.")


def _warn(host: str, *, private: bool) -> None:
    from pullscope.base.addresses import is_loopback

    if not is_loopback(host):
        who = "listens on the way can read the passwords" if private else "reaches this address can push and delete"
        typer.echo(f"warning: whoever {who}", err=True)
