"""How far `pullscope node pull` is, for who waits at a terminal: a bar that is gone when the pull has ended."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from pullscope.base import tasks
from pullscope.cli import nodeplaces, nodewatch
from pullscope.cli.nodewhere import Part, Where
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError

_OFTEN = 0.2  # seconds


@contextlib.asynccontextmanager
async def shown(where: Where, words: Sequence[str]) -> AsyncIterator[None]:
    """Show what the pull made inside does; `words` are the command's. In a pipe, and of a cluster, there is nothing to show."""
    if not (where.in_lab and sys.stderr.isatty()):
        yield
        return
    showing = asyncio.create_task(_show(where, words))
    try:
        yield
    finally:
        await tasks.end(showing)


async def _show(where: Where, words: Sequence[str]) -> None:
    from rich.live import Live

    from pullscope.reports import terminal

    with Live(console=terminal.console(sys.stderr), auto_refresh=False, transient=True) as live:
        async for part in nodeplaces.follow(where, "watch", words=words[:-1], every=_OFTEN):
            for pull in of(words[-1], part):
                live.update(nodewatch.bar(pull), refresh=True)


def of(image: str, part: Part) -> list[Mapping[str, Any]]:
    """The pulls of that image that a part of `lab.imagewatch` tells of."""
    try:
        name = str(reference.parse(image).with_default_tag())
    except InvalidReferenceError:  # whoever pulls it says so
        return []
    pulls = part["pulls"] if "pulls" in part else [part["pull"]] if "pull" in part else []
    return [pull for pull in pulls if pull["image"] == name]
