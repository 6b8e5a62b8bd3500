"""Do the tutorial in this process: its screen is standard output, and Enter comes from standard input."""

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING

from pullscope.base.clock import SystemClock
from pullscope.cli import signals
from pullscope.tutorial import performance
from pullscope.tutorial.screen import Screen

if TYPE_CHECKING:
    from pullscope.pull.flow import Language


def perform(language: "Language", *, pauses: bool) -> int:
    """The exit code. Without a terminal to press Enter at there are no pauses."""
    return asyncio.run(_perform(language, pauses=pauses and sys.stdin.isatty()))


async def _perform(language: "Language", *, pauses: bool) -> int:
    signals.end_tidily()
    screen = Screen(sys.stdout, language)
    return await performance.perform(screen, _enter if pauses else None, SystemClock())


async def _enter() -> None:
    """Return at the next Enter, or at the end of the input. The thread is left behind at Ctrl-C."""
    loop, entered = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        os.read(sys.stdin.fileno(), 2**10)  # past Python's buffer, whose lock would be held while the process ends
        if not loop.is_closed():
            loop.call_soon_threadsafe(entered.set)

    threading.Thread(target=read, name="pullscope-enter", daemon=True).start()
    await entered.wait()
