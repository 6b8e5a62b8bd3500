"""`pullscope image`: build images without a container engine, push them, look at them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(help="Build, push and inspect images.", no_args_is_help=True, rich_markup_mode=None)

_EXAMPLES = """\
Examples:

\b
  pullscope image build ./target -t 127.0.0.1:5000/team/app:v1 --push
  pullscope image build ./target -t 127.0.0.1:5000/team/app:v2 --base quay.io/wildfly/wildfly:latest
  pullscope image build . -f Dockerfile --build-arg WAR=app.war -t 127.0.0.1:5000/team/app:v3 --push
  pullscope image push 127.0.0.1:5000/team/app:v2
  pullscope image inspect 127.0.0.1:5000/team/app:v1
"""

Name = Annotated[str, typer.Argument(metavar="REF", help="The image's name: host/repository:tag.")]


@app.command(epilog=_EXAMPLES)
def build(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Its Dockerfile is built, else its files are taken.")
    ],
    tag: Annotated[str, typer.Option("--tag", "-t", metavar="REF", help="The image's name: host/repository:tag.")],
    base: Annotated[
        str | None, typer.Option(metavar="REF", help="Build on this image from its registry instead of the probe.")
    ] = None,
    dockerfile: Annotated[
        Path | None, typer.Option("--file", "-f", metavar="FILE", help="Build this Dockerfile instead of DIR's.")
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Option("--build-arg", metavar="NAME=VALUE", help="What an ARG of the Dockerfile is.")
    ] = None,
    push: Annotated[bool, typer.Option("--push", help="Push it to the registry that its name says.")] = False,
) -> None:
    """Make an image as DIR's Dockerfile says, or with DIR's files under /deployments; prints its name with its digest.

    Without a Dockerfile it is made of the probe, a small program for Linux and WASI that prints the .war files it finds
    there and stays, or of the image that --base names. A Dockerfile's FROM names an image in its registry, or scratch;
    nothing is executed, so there is no RUN. The same files always give the same digest.
    """
    import asyncio

    from pullscope.cli import imaging

    name, images = imaging.name_of(tag), imaging.local()
    recipe = imaging.recipe(directory, dockerfile, arguments or ())
    made = asyncio.run(imaging.build(images, recipe, name, imaging.name_of(base) if base else None))
    if push:
        asyncio.run(imaging.push(images, name))
    typer.echo(str(name.with_digest(made.digest)))


@app.command(epilog=_EXAMPLES)
def push(name: Name) -> None:
    """Push an image that was built here to the registry that its name says; prints its name with its digest."""
    import asyncio

    from pullscope.cli import imaging

    reference = imaging.name_of(name)
    pushed = asyncio.run(imaging.push(imaging.local(), reference))
    typer.echo(str(reference.with_digest(pushed.digest)))


@app.command(epilog=_EXAMPLES)
def inspect(
    name: Name,
    output: Annotated[Literal["text", "json"], typer.Option("--output", "-o", help="How to print it.")] = "text",
) -> None:
    """Show what the registry has under a name now: digest, platforms, layers, labels. No layer is downloaded."""
    import asyncio
    import json

    from pullscope.cli import imaging

    found = asyncio.run(imaging.inspect(imaging.name_of(name)))
    if output == "json":
        typer.echo(json.dumps(found, indent=2))
        return
    typer.echo(f"{found['name']}\n  digest   {found['digest']}")
    for image in found["images"]:
        typer.echo(f"  {image['platform']:<12} {image['digest']}  {len(image['layers'])} layers, {image['size']} bytes")
        for label, value in image["labels"].items():
            typer.echo(f"    {label}={value}")
