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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from pullscope.base import errors
from pullscope.base.clock import Clock, SystemClock
from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.cri.api import CriError
from pullscope.kube.status import ApiError
from pullscope.lab import (
    assembly,
    clocks,
    control,
    documents,
    faultcommands,
    kubelets,
    nodecommands,
    pullsecret,
    settings,
    status,
)
from pullscope.lab.config import LabConfig
from pullscope.lab.places import API_PORT, INTERNAL_REGISTRY_PORT, REGISTRY_PORT, Port
from pullscope.lab.settings import Settings, Wanted
from pullscope.lab.state import AlreadyRunningError, Ports, Run, StateDirectory
from pullscope.pull import mirrors

logger = logging.getLogger(__name__)

Report = Callable[[dict[str, Any]], None]

_LOCK_TRIES = 25
_LOCK_PAUSE = 0.02


async def main(state: StateDirectory, wanted: Wanted, report: Report) -> None:
    """Be the process of the lab of `state`, until it is told to stop by a signal or a command.

    Raises AlreadyRunningError, UsageError, OtherReleaseError.
    """
    task = asyncio.current_task()
    assert task is not None
    await _lock(state, SystemClock())
    _on_signals(task.cancel)
    with suppress(asyncio.CancelledError):
        await serve(state, wanted, clocks.make(wanted.clock), report)


async def serve(state: StateDirectory, wanted: Wanted, clock: Clock, report: Report) -> None:
    """Run the lab until a command stops it. For the holder of its lock. Raises UsageError, OtherReleaseError."""
    state.clear_run()  # of a process that was killed
    try:
        with _settled(state, wanted) as made_with:
            await _run(state, _config(state, made_with, wanted, clock), report)
    finally:
        state.clear_run()


async def _lock(state: StateDirectory, clock: Clock) -> None:
    """Take the lock, and hold it as long as this process lives: who gets it next finds nothing open.

    Whoever looks whether the lab runs holds it for a moment. Raises AlreadyRunningError.
    """
    for _ in range(_LOCK_TRIES):
        with suppress(AlreadyRunningError):
            state.lock()
            return
        await clock.sleep(_LOCK_PAUSE)
    state.lock()


@contextmanager
def _settled(state: StateDirectory, wanted: Wanted) -> Iterator[Settings]:
    """What the lab is made with, kept from before anything is made; a start that is refused changes nothing."""
    before = state.read_settings()
    made_with = settings.decide(state.name, before, wanted)
    state.write_settings(made_with)
    try:
        yield made_with
    except UsageError:
        if before:
            state.write_settings(before)
        raise


def _config(state: StateDirectory, made_with: Settings, wanted: Wanted, clock: Clock) -> LabConfig:
    ports = state.read_ports() or Ports(API_PORT, REGISTRY_PORT, INTERNAL_REGISTRY_PORT)
    return LabConfig(
        root=state.root,
        name=state.name,
        nodes=made_with.nodes,
        always_pull_images=made_with.always_pull_images,
        api_port=_wanted(wanted.api_port, ports.api),
        registry_port=_wanted(wanted.registry_port, ports.registry),
        internal_registry_port=_wanted(None, ports.internal_registry),
        tutorial=made_with.tutorial,
        kubelet=kubelets.config(made_with),
        runtime=kubelets.flavour(made_with.runtime_flavour),
        image_disk=kubelets.size(made_with.image_disk),
        pinned_images=kubelets.patterns(made_with.pinned_images),
        mirrors=[mirrors.parse(rule) for rule in made_with.mirrors],
        credentials=pullsecret.keyring(state.root, wanted.pull_secret, os.environ),
        clock=clock,
    )


async def _run(state: StateDirectory, config: LabConfig, report: Report) -> None:
    stopped, token = asyncio.Event(), secrets.token_urlsafe(32)

    async def stop() -> control.Answer:
        stopping = documents.idle(state.name, "stopping")
        commands["status"] = control.answering(partial(_itself, stopping))
        stopped.set()
        return stopping

    commands: dict[str, control.Command] = {"stop": control.answering(stop)}
    # The connection of a `stop` ends when the lab has.
    async with control.serving(commands, token) as port, assembly.running(config) as lab:
        commands |= {"status": control.answering(partial(status.running, lab)), **nodecommands.of(lab)}
        commands |= {**faultcommands.of(lab.registry_faults), **clocks.of(config.clock)}
        state.write_ports(Ports(*map(_port, (lab.server, lab.registry, lab.internal_registry))))
        state.write_run(Run(os.getpid(), port, token))
        report({"ready": await status.running(lab)})
        await stopped.wait()


def _on_signals(end: Callable[[], object]) -> None:
    """Call `end` at the first signal that asks this process to end; what it undoes then is not disturbed by more."""
    loop = asyncio.get_running_loop()
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]

    def handle(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        loop.call_soon_threadsafe(end)

    for number in numbers:
        signal.signal(number, handle)


async def _itself(answer: control.Answer) -> control.Answer:
    return answer


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def _wanted(asked: int | None, before: int) -> Port:
    """The port that was asked for and no other; else the one of last time, or one after it."""
    return Port(before) if asked is None else Port(asked, exact=True)


def report_failure(error: Exception, report: Report) -> None:
    """Tell the parent why there is no lab (any more: then nobody listens, and the log has it).

    `refused` says that there is nothing to look up in the log, `running` that another process runs the lab.
    """
    hint, code, refused = "", UnreachableError.exit_code, True
    match error:
        case PullscopeError():
            what, hint, code = error.message, error.hint, error.exit_code
        case ApiError() | CriError():  # such as: the disk is full
            what = error.message
        case OSError():
            what = errors.told(error)
        case _:
            logger.error("the lab failed", exc_info=error)
            what, hint, refused = f"{type(error).__name__}: {error}", "`pullscope logs` says more", False
    running = isinstance(error, AlreadyRunningError)
    report({"error": what, "hint": hint, "exit_code": code, "refused": refused, "running": running})


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
