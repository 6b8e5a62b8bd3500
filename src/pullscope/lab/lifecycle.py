"""The lab as a background process: up, status, stop, delete. What the commands of these names call.

Imports nothing heavy: the lab itself is another process.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.lab import control, documents, kubeconfig, names, settings, spawning
from pullscope.lab.documents import Document
from pullscope.lab.kubeconfig import Access
from pullscope.lab.places import ADDRESS
from pullscope.lab.settings import Settings, Wanted
from pullscope.lab.spawning import START_SECONDS, StartError
from pullscope.lab.state import AlreadyRunningError, Ports, Run, StateDirectory, all_labs
from pullscope.lab.userconfig import Added, UserConfig

STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.02

_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL  # TerminateProcess there


class MissingLabError(PullscopeError):
    """There is no lab of that name."""


@dataclass(frozen=True)
class Up:
    """A lab that is up. `status` is its document, `started` whether it was started just now, `settings` its own.

    `left` is the registry's address of last time, where that is another one: images have it in their names.
    """

    status: Document
    access: Access
    config: Added
    started: bool
    settings: Settings
    left: str = ""


async def up(state: StateDirectory, wanted: Wanted, config: UserConfig, clock: Clock) -> Up:
    """Start the lab in the background, unless it runs already, and add its contexts to the user's kubeconfig.

    A lab that another command is starting or stopping is waited for. Raises StartError with what the process said,
    MalformedKubeconfigError and OtherReleaseError before anything is started, UsageError when what is wanted cannot be, or
    the lab runs otherwise.
    """
    config.check()
    made_with, before = settings.decide(state.name, state.read_settings(), wanted), state.read_ports()
    status, started = await _running_or_started(state, wanted, clock)
    access = kubeconfig.access_in(state.root / "kubeconfig")
    return Up(status, access, await config.add(access), started, made_with, _left(before, status["registry"]))


def _left(before: Ports | None, registry: str) -> str:
    """Where the registry was last time; empty when it is there now."""
    if before is None or registry == f"{ADDRESS}:{before.registry}":
        return ""
    return f"{ADDRESS}:{before.registry}"


async def _running_or_started(state: StateDirectory, wanted: Wanted, clock: Clock) -> tuple[Document, bool]:
    while True:
        run = await _reach(state, clock)
        if run is None:
            with suppress(AlreadyRunningError):  # another command was faster
                return await spawning.start(state, wanted), True
            continue
        status = await control.ask(run, "status")
        if status["state"] == "running":
            settings.check_running(status, state.read_settings() or Settings(), wanted)
            return status, False
        await clock.sleep(_LOOK_SECONDS)  # it is on its way down


async def status(state: StateDirectory) -> Document:
    """The lab's document, whatever state it is in. Raises MissingLabError."""
    if not state.exists:
        raise missing(state)
    if not state.is_running:
        return documents.idle(state.name, "stopped")
    run = state.read_run()
    if run is None:
        return documents.idle(state.name, "starting")
    try:
        return await control.ask(run, "status")
    except UnreachableError:
        return documents.idle(state.name, "error")


async def reach(state: StateDirectory, clock: Clock) -> Run:
    """How to reach the process of a lab that runs. Raises MissingLabError, UnreachableError when it does not run."""
    if not state.exists:
        raise missing(state)
    run = await _reach(state, clock)
    if run is None:
        raise stopped(state)
    return run


def stopped(state: StateDirectory) -> UnreachableError:
    """The error that says that the lab does not run."""
    hint = f"`pullscope up{names.option(state.name)}` starts it"
    return UnreachableError(f"the lab {state.name} is stopped", hint=hint)


@dataclass(frozen=True)
class Stopped:
    """What a stop came to. `was_running` is False when there was nothing to do."""

    was_running: bool
    forced: bool = False


async def stop(state: StateDirectory, config: UserConfig, clock: Clock, *, force: bool = False) -> Stopped:
    """Stop the lab and take its contexts out of the user's kubeconfig, as crc does. Its state stays, unless ephemeral.

    `force`, or a lab that does not stop in time, ends the process. Raises MissingLabError.
    """
    if not state.exists:
        raise missing(state)
    run = await _reach(state, clock)
    done = await _stop(state, run, clock, force=force) if run else Stopped(was_running=False)
    if state.is_ephemeral:
        await _forget(state, config)
    await config.remove(names.context(state.name))
    if state.is_ephemeral:
        state.delete()
    return done


async def delete(state: StateDirectory, config: UserConfig, clock: Clock) -> None:
    """Stop the lab if it runs, and remove everything that it kept. Raises MissingLabError."""
    await _forget(state, config)
    await stop(state, config, clock)
    state.delete()


async def _forget(state: StateDirectory, config: UserConfig) -> None:
    """Take away what `oc login` wrote for a lab that will be no more."""
    try:
        access = kubeconfig.access_in(state.root / "kubeconfig")
    except (OSError, PullscopeError, LookupError, ValueError):
        return  # it never came up, or is damaged
    await config.forget(access)


async def sweep(home: Path, config: UserConfig) -> None:
    """Remove what ephemeral labs left that ended otherwise than by `stop`."""
    for state in all_labs(home):
        if state.is_ephemeral and not state.is_running:
            await _forget(state, config)
            await config.remove(names.context(state.name))
            state.delete()


def missing(state: StateDirectory) -> MissingLabError:
    """The error that says that there is no such lab."""
    return MissingLabError(f"there is no lab {state.name}", hint=f"`pullscope up{names.option(state.name)}` makes it")


async def _reach(state: StateDirectory, clock: Clock) -> Run | None:
    """How to reach the lab's process, waiting for one that is on its way up or down; None when there is none.

    Raises StartError when the process does neither in time.
    """
    deadline = clock.monotonic() + START_SECONDS
    while state.is_running:
        run = state.read_run()
        if run is not None:
            return run
        if clock.monotonic() > deadline:
            raise StartError(f"the lab {state.name} is on its way up or down", hint="try again in a moment")
        await clock.sleep(_LOOK_SECONDS)
    return None


async def _stop(state: StateDirectory, run: Run, clock: Clock, *, force: bool) -> Stopped:
    forced = force or not await _ask_to_stop(run)
    if forced:
        os.kill(run.pid, _KILL)  # the lock is held, so the id is still that of the lab
    async with asyncio.timeout(STOP_SECONDS):
        while state.is_running:
            await clock.sleep(_LOOK_SECONDS)
    state.clear_run()
    return Stopped(was_running=True, forced=forced)


async def _ask_to_stop(run: Run) -> bool:
    """Whether the process agreed to end, and did so in time."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await control.ask_last(run, "stop")
    except (UnreachableError, TimeoutError):
        return False
    return True
