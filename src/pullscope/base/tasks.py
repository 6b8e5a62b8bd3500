"""Tasks beside other tasks: what asyncio lacks to end them, and to bound them by a `Clock`."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from pullscope.base.clock import Clock

T = TypeVar("T")


async def end(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel them and return when all are over. What they raise is not told."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` returns, or None when it took longer than `seconds`; then it was cancelled, and is over."""
    task, deadline = asyncio.create_task(work), asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, deadline}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        await end(task, deadline)
