"""How a command that has something to clean up ends when it is told to."""

import asyncio
import contextlib
import signal


def end_tidily() -> None:
    """End on SIGTERM, and on SIGHUP of a closed terminal, as by Ctrl-C: with everything cleaned up.

    Not on Windows, and not in a thread: signals come to the main one.
    """
    task = asyncio.current_task()
    assert task is not None
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(NotImplementedError, AttributeError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), task.cancel)
