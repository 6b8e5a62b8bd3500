"""`pullscope node shell`: what `oc debug node/NAME` and `chroot /host` do, for machines without `oc`."""

from dataclasses import replace
from typing import Annotated

import typer

from pullscope.base.errors import PullscopeError
from pullscope.cli import contexts, labs, nodeplaces
from pullscope.cli.nodewhere import Where

EXAMPLES = """\
Examples:

\b
  pullscope node shell
  pullscope node shell crc-2
  pullscope node shell -- crictl images         one command, its output and its exit code
  pullscope node shell crc-2 -- crictl ps -a
  pullscope node shell --context CTX NODE       in your cluster
"""

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NODE] [-- COMMAND…]", help="Which node (not needed if there is one), and what to run there. [a shell]"
    ),
]


def shell(
    words: Words = None,
    name: labs.Name = "default",
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    debug_image: contexts.DebugImage = "",
) -> None:
    """Open a shell on a node, through a debug pod as `oc debug` makes it; or run one command there."""
    where = Where(name, context, kubeconfig, debug_image=debug_image)
    raise typer.Exit(labs.run(_shell(words or [], where)))


async def _shell(words: list[str], where: Where) -> int:
    from pullscope.cli import nodecluster
    from pullscope.kube.streams import StreamError
    from pullscope.lab import names as lab_names

    node, command = lab_names.node_meant(await nodeplaces.names(where), words)
    if where.in_lab:
        where = replace(where, kubeconfig=labs.state_of(where.name).root / "kubeconfig")
    try:
        return await nodecluster.shell(where, node, command)
    except StreamError as error:
        raise PullscopeError(str(error)) from error
