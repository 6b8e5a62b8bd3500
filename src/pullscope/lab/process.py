"""The lab's own process: what `python -m pullscope.lab` does in the background.

It holds the lab's lock, keeps the lab running, answers `status` and `stop` on its control port, and tells its parent over
the pipe that its standard output is, in one line of JSON: `{"ready": …}` or `{"error": …}`.
"""

import asyncio
import json
import logging
import os
import secrets
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from pullscope.base import errors
from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.lab import assembly, control, status
from pullscope.lab.config import API_PORT, REGISTRY_PORT, LabConfig, Port
from pullscope.lab.state import Ports, Run, StateDirectory

logger = logging.getLogger(__name__)

Report = Callable[[dict[str, Any]], None]


async def serve(state: StateDirectory, asked: tuple[int | None, int | None], report: Report) -> None:
    """Run the lab of `state` until it is told to stop, by a signal or a command.

    `asked` are the ports of API server and registry that the user named. Raises AlreadyRunningError.
    """
    lock = state.lock()
    before = state.read_ports() or Ports(API_PORT, REGISTRY_PORT)
    config = LabConfig(
        root=state.root,
        name=state.name,
        api_port=_wanted(asked[0], before.api),
        registry_port=_wanted(asked[1], before.registry),
    )
    stopped, token = asyncio.Event(), secrets.token_urlsafe(32)

    async def stop() -> control.Answer:
        stopped.set()
        return {"stopping": True}

    commands: dict[str, control.Command] = {"stop": stop}
    # The connection of a `stop` ends last, and so says that everything has.
    async with control.serving(commands, token) as port:
        try:
            async with assembly.running(config) as lab:
                commands["status"] = partial(status.running, lab)
                _on_signals(stopped)
                state.write_ports(Ports(_port(lab.server), _port(lab.registry)))
                state.write_run(Run(os.getpid(), port, token))
                report({"ready": await status.running(lab)})
                await stopped.wait()
        finally:
            state.clear_run()
            lock.release()


def _on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def _wanted(asked: int | None, before: int) -> Port:
    """The port that was asked for and no other; else the one of last time, or one after it."""
    return Port(before) if asked is None else Port(asked, exact=True)


def report_failure(error: Exception, report: Report) -> None:
    """Tell the parent why there is no lab (any more: then nobody listens, and the log has it)."""
    if isinstance(error, PullscopeError):
        report({"error": error.message, "hint": error.hint, "exit_code": error.exit_code})
        return
    logger.error("the lab failed", exc_info=error)
    what = errors.told(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    report({"error": what, "hint": "`pullscope logs` says more", "exit_code": UnreachableError.exit_code})


def log_to_stderr() -> None:
    """Warnings and errors, with the time, to standard error: the log file."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def pipe_report() -> Report:
    """Write one line to what is standard output now, then let go of it: from here on prints go where errors go."""
    pipes = [os.fdopen(os.dup(1), "wb")]
    os.dup2(2, 1)

    def report(values: dict[str, Any]) -> None:
        while pipes:
            with suppress(BrokenPipeError), pipes.pop() as pipe:  # the parent may have been interrupted
                pipe.write(json.dumps(values).encode() + b"\n")

    return report
