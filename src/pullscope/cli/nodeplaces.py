"""Where `pullscope node` works: in a lab, by its container runtimes; or in a cluster of the user's, by what its API tells.

Either gives the same parts: for `images` one image each, for `watch` those of `lab.imagewatch`, for `rmi` and `prune` what
was `deleted` or has `failed`, for `pull` the `image`'s id.
"""

from collections.abc import AsyncIterator
from typing import Any

from pullscope.base.errors import UsageError
from pullscope.cli import labs
from pullscope.cli.nodewhere import Part, Where


async def follow(where: Where, command: str, **arguments: Any) -> AsyncIterator[Part]:
    """The parts of the command's answer. Raises UsageError, UnreachableError, PullscopeError, ApiError."""
    if where.in_lab:
        from pullscope.lab import control

        if where.access or where.debug_image:
            raise UsageError("a lab's nodes are open: --node-access and --debug-image are for clusters (--context)")
        async for part in control.follow(await reach(where.name), command, **arguments):
            yield {**part, "source": "cri"} if command == "images" else part
        return
    from pullscope.cli import nodecluster

    async for part in nodecluster.COMMANDS[command](where, arguments):
        yield part


async def names(where: Where) -> list[str]:
    """The nodes' names."""
    if where.in_lab:
        from pullscope.lab import control

        return [node["name"] for node in (await control.ask(await reach(where.name), "status"))["nodes"]]
    from pullscope.cli import nodecluster

    return await nodecluster.names(where)


async def reach(name: str) -> Any:
    """The running lab. Raises PullscopeError."""
    from pullscope.lab import lifecycle

    return await lifecycle.reach(labs.state_of(name), labs.clock())
