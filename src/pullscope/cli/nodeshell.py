"""`pullscope node shell`: what `oc debug node/NAME` and `chroot /host` do, for machines without `oc`."""

from pathlib import Path
from typing import Annotated

import typer

from pullscope.base.errors import PullscopeError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope node shell
  pullscope node shell crc-2
  pullscope node shell -- crictl images         one command, its output and its exit code
  pullscope node shell crc-2 -- crictl ps -a
"""
_HOST = ("chroot", "/host")

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NODE] [-- COMMAND…]", help="Which node (not needed if there is one), and what to run there. [a shell]"
    ),
]


def shell(words: Words = None, name: labs.Name = "default") -> None:
    """Open a shell on a node, through a debug pod as `oc debug` makes it; or run one command there."""
    raise typer.Exit(labs.run(_shell(words or [], name)))


async def _shell(words: list[str], name: str) -> int:
    from pullscope.kube.streams import StreamError
    from pullscope.lab import control, lifecycle
    from pullscope.lab import names as lab_names

    state = labs.state_of(name)
    run = await lifecycle.reach(state, labs.clock())
    names = [node["name"] for node in (await control.ask(run, "status"))["nodes"]]
    node, command = lab_names.node_meant(names, words)
    try:
        return await _debug(state.root / "kubeconfig", node, list(command))
    except StreamError as error:
        raise PullscopeError(str(error)) from error


async def _debug(kubeconfig: Path, node: str, command: list[str]) -> int:
    from pullscope.clusters import kubeconfig as kubeconfigs
    from pullscope.clusters import transport
    from pullscope.oc import console
    from pullscope.oc.debugging import Debugger

    access = await kubeconfigs.load(kubeconfig, None)
    async with transport.open_transport(access) as opened:
        debugger = Debugger(opened, console.standard(), labs.clock())
        return await debugger.node(node, [*_HOST, *command], attach=not command)
