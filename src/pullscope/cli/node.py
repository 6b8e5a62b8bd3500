"""`pullscope node`: look into the image caches of a lab's nodes, and change them. Words are crictl's."""

import json
from typing import Annotated, Any

import typer

from pullscope.base.errors import PullscopeError, UsageError
from pullscope.cli import contexts, labs, nodeplaces, nodeshell
from pullscope.cli.nodewhere import Where

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
  pullscope node images -w                      what changes, and how far pulls are
  pullscope node rmi 127.0.0.1:5000/demo/app:v1
  pullscope node rmi crc-2 490b9d546c729        in a lab with several nodes; by id
  pullscope node pull crc-2 registry.example.com/team/app:v1 --creds me:secret
  pullscope node prune crc-2 --dry-run
  pullscope node images --context CTX                     in your cluster, as its nodes report
  pullscope node rmi --context CTX --node-access NODE quay.io/me/app:v1
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
        return (await control.ask(await nodeplaces.reach(name), "status"))["nodes"]

    found = labs.run(nodes())
    typer.echo(json.dumps({"nodes": found}, indent=2) if as_json else nodeimages.nodes(found))


@app.command(epilog=_EXAMPLES)
def images(  # noqa: PLR0913, PLR0917 (its options)
    node: AnyNode = None,
    digests: Annotated[bool, typer.Option("--digests", help="Show digests.")] = False,
    no_trunc: Annotated[bool, typer.Option("--no-trunc", help="Show whole ids and digests.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only show image ids.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Go on with what changes and how far pulls are, until Ctrl-C.")
    ] = False,
    name: labs.Name = "default",
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    node_access: contexts.NodeAccess = False,
    debug_image: contexts.DebugImage = "",
    output: labs.Output = "table",
) -> None:
    """List the images on a node, or on all of them, as `crictl images` does.

    In a cluster of yours: as the nodes report them to the API, or with --node-access as crictl sees them.
    """
    from pullscope.cli import nodeimages, nodewatch

    as_json = labs.wants_json(output)
    where = Where(name, context, kubeconfig, node_access, debug_image)
    if quiet and not (where.in_lab or node_access):
        raise UsageError("a node's report has no image ids", hint="--node-access asks the node itself")
    if quiet and watch:
        raise UsageError("--quiet lists ids, which tell nothing of what changes", hint="-o json has the ids of images")
    ids = where.in_lab or node_access

    async def listed() -> tuple[int, list[dict[str, Any]]]:
        of_all = 1 if node else len(await nodeplaces.names(where))
        return of_all, [part async for part in nodeplaces.follow(where, "images", words=words)]

    words = [node] if node else []
    if watch:
        labs.run(nodewatch.watch(where, words, nodewatch.Wanted(digests, ids, no_trunc, as_json)))
        return
    nodes, found = labs.run(listed())
    if as_json:
        typer.echo(json.dumps({"images": found}, indent=2))
    elif quiet:
        typer.echo("".join(f"{image['id']}\n" for image in found), nl=False)
    else:
        shown = nodeimages.Columns(node=nodes > 1, digest=digests, id=ids, whole=no_trunc)
        typer.echo(nodeimages.table(found, shown))


@app.command(epilog=_EXAMPLES)
def rmi(
    words: NodeAndImages,
    name: labs.Name = "default",
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    node_access: contexts.NodeAccess = False,
    debug_image: contexts.DebugImage = "",
) -> None:
    """Remove images from a node, as `crictl rmi` does: with all their names, but not those that a container uses."""
    where = Where(name, context, kubeconfig, node_access, debug_image)

    async def removed() -> bool:
        failed = False
        async for part in nodeplaces.follow(where, "rmi", words=words):
            failed = failed or "failed" in part
            _tell(part)
        return failed

    if labs.run(removed()):
        raise typer.Exit(1)


@app.command(epilog=_EXAMPLES)
def pull(
    words: NodeAndImage,
    creds: Credentials = None,
    name: labs.Name = "default",
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    node_access: contexts.NodeAccess = False,
    debug_image: contexts.DebugImage = "",
) -> None:
    """Pull an image to a node, as `crictl pull` does."""
    from pullscope.cli import nodeimages, nodepulling

    where = Where(name, context, kubeconfig, node_access, debug_image)
    given = nodeimages.credentials(creds) if creds is not None else None

    async def pulled() -> list[str]:
        async with nodepulling.shown(where, words):
            return [part["image"] async for part in nodeplaces.follow(where, "pull", words=words, creds=given)]

    for image in labs.run(pulled()):
        typer.echo(f"Image is up to date for {image}")


@app.command(epilog=_EXAMPLES)
def prune(
    node: Node = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
    name: labs.Name = "default",
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    node_access: contexts.NodeAccess = False,
    debug_image: contexts.DebugImage = "",
) -> None:
    """Remove the images of a node that no container uses."""
    from pullscope.cri.crictl import tables

    where = Where(name, context, kubeconfig, node_access, debug_image)

    async def pruned() -> list[int]:
        sizes = []
        async for part in nodeplaces.follow(where, "prune", words=[node] if node else [], dry_run=dry_run):
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
