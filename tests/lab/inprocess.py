"""A lab as its background process runs it, in this event loop: commands reach it by its `run.json`, like any other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pullscope.base.clock import SystemClock
from pullscope.lab import control, process
from pullscope.lab.settings import Wanted
from pullscope.lab.state import StateDirectory


@asynccontextmanager
async def running(home: Path, wanted: Wanted | None = None, name: str = "default") -> AsyncIterator[StateDirectory]:
    """The lab's directory, when it is ready. The lab stops with the block, unless a command has stopped it before."""
    state = StateDirectory(name, home)
    state.create()
    lock, ready = state.lock(), asyncio.Event()

    def report(_: dict[str, Any]) -> None:
        ready.set()

    def ended(_: object) -> None:
        lock.release()
        ready.set()

    serving = asyncio.create_task(process.serve(state, wanted or Wanted(), SystemClock(), report))
    serving.add_done_callback(ended)
    await ready.wait()
    try:
        if serving.done():
            serving.result()
        yield state
    finally:
        run = state.read_run() if state.exists else None
        if run is not None:
            await control.ask(run, "stop")
        await serving
