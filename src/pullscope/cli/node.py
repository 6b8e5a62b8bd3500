"""`pullscope node`: look into the image caches of a lab's nodes, and change them. Words are crictl's."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer

from pullscope.base.errors import PullscopeError
from pullscope.cli import labs, nodeshell

app = typer.Typer(
    help="Look into the nodes' image caches, change them, and open a shell there.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_EXAMPLES = """\
Examples:

\b
  pullscope node ls
  pullscope node images
  pullscope node rmi 127.0.0.1:5000/demo/app:v1
  pullscope node rmi crc-2 490b9d546c729        in a lab with several nodes; by id
  pullscope node pull crc-2 registry.example.com/team/app:v1 --creds me:secret
  pullscope node prune crc-2 --dry-run
"""


app.command(epilog=nodeshell.EXAMPLES)(nodeshell.shell)


def complete_node(context: typer.Context, incomplete: str) -> list[str]:
    """The lab's nodes whose names begin so, for the shell. A lab that does not answer has none."""
    from pullscope.lab import lifecycle

    name = context.params.get("name") or "default"
    try:
        document = labs.run(lifecycle.status(labs.state_of(name)))
    except (PullscopeError, OSError):
        return []
    return [node["name"] for node in document["nodes"] if node["name"].startswith(incomplete)]


Node = Annotated[
    str | None,
    typer.Argument(metavar="[NODE]", help="Which node; not needed if there is one.", autocompletion=complete_node),
]
AnyNode = Annotated[
    str | None, typer.Argument(metavar="[NODE]", help="Which node. [all of them]", autocompletion=complete_node)
]
NodeAndImages = Annotated[
    list[str],
    typer.Argument(
        metavar="[NODE] IMAGE…",
        help="Which node (not needed if there is one), and names or ids of images.",
        autocompletion=complete_node,
    ),
]
NodeAndImage = Annotated[
    list[str],
    typer.Argument(
        metavar="[NODE] IMAGE",
        help="Which node (not needed if there is one), and the image's name.",
        autocompletion=complete_node,
    ),
]
Credentials = Annotated[
    str | None, typer.Option("--creds", metavar="USERNAME[:PASSWORD]", help="For the registry, this time.")
]


@app.command(epilog=_EXAMPLES)
def ls(name: labs.Name = "default", output: labs.Output = "table") -> None:
    """List the nodes, with how many images each has."""
    from pullscope.cli import nodeimages
    from pullscope.lab import control

    as_json = labs.wants_json(output)

    async def nodes() -> Any:
        return (await control.ask(await _reach(name), "status"))["nodes"]

    found = labs.run(nodes())
    typer.echo(json.dumps({"nodes": found}, indent=2) if as_json else nodeimages.nodes(found))


@app.command(epilog=_EXAMPLES)
def images(
    node: AnyNode = None,
    digests: Annotated[bool, typer.Option("--digests", help="Show digests.")] = False,
    no_trunc: Annotated[bool, typer.Option("--no-trunc", help="Show whole ids and digests.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only show image ids.")] = False,
    name: labs.Name = "default",
    output: labs.Output = "table",
) -> None:
    """List the images on a node, or on all of them, as `crictl images` does."""
    from pullscope.cli import nodeimages
    from pullscope.lab import control

    as_json = labs.wants_json(output)

    async def listed() -> tuple[int, list[dict[str, Any]]]:
        run = await _reach(name)
        of_all = 1 if node else len((await control.ask(run, "status"))["nodes"])
        return of_all, [part async for part in control.follow(run, "images", words=[node] if node else [])]

    nodes, found = labs.run(listed())
    if as_json:
        typer.echo(json.dumps({"images": found}, indent=2))
    elif quiet:
        typer.echo("".join(f"{image['id']}\n" for image in found), nl=False)
    else:
        shown = nodeimages.Columns(node=nodes > 1, digest=digests, whole=no_trunc)
        typer.echo(nodeimages.table(found, shown))


@app.command(epilog=_EXAMPLES)
def rmi(words: NodeAndImages, name: labs.Name = "default") -> None:
    """Remove images from a node, as `crictl rmi` does: with all their names, but not those that a container uses."""

    async def removed() -> bool:
        failed = False
        async for part in _follow(name, "rmi", words=words):
            failed = failed or "failed" in part
            _tell(part)
        return failed

    if labs.run(removed()):
        raise typer.Exit(1)


@app.command(epilog=_EXAMPLES)
def pull(words: NodeAndImage, creds: Credentials = None, name: labs.Name = "default") -> None:
    """Pull an image to a node, as `crictl pull` does."""
    from pullscope.cli import nodeimages

    given = nodeimages.credentials(creds) if creds is not None else None

    async def pulled() -> None:
        async for part in _follow(name, "pull", words=words, creds=given):
            typer.echo(f"Image is up to date for {part['image']}")

    labs.run(pulled())


@app.command(epilog=_EXAMPLES)
def prune(
    node: Node = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
    name: labs.Name = "default",
) -> None:
    """Remove the images of a node that no container uses."""
    from pullscope.cri.crictl import tables

    async def pruned() -> list[int]:
        sizes = []
        async for part in _follow(name, "prune", words=[node] if node else [], dry_run=dry_run):
            _tell(part, "Would delete" if dry_run else "Deleted", f" ({tables.human_size(part['size'])})")
            sizes.append(int(part["size"]))
        return sizes

    sizes = labs.run(pruned())
    if not sizes:
        typer.echo("No images to remove")
    else:
        typer.echo(f"{'Would free' if dry_run else 'Freed'} {tables.human_size(sum(sizes))}")


def _tell(part: dict[str, Any], done: str = "Deleted", size: str = "") -> None:
    for deleted in part.get("deleted", ()):
        typer.echo(f"{done}: {deleted}{size}")
    if "failed" in part:
        typer.echo(f"error: {part['failed']}", err=True)


async def _reach(name: str) -> Any:
    from pullscope.lab import lifecycle

    return await lifecycle.reach(labs.state_of(name), labs.clock())


async def _follow(name: str, command: str, **arguments: Any) -> AsyncIterator[dict[str, Any]]:
    from pullscope.lab import control

    async for part in control.follow(await _reach(name), command, **arguments):
        yield part
