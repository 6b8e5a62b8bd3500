"""The lab as a background process: up, status, stop, delete. What the commands of these names call.

Imports nothing heavy: the lab itself is another process.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.lab import control, documents, kubeconfig
from pullscope.lab.documents import Document
from pullscope.lab.state import Run, StateDirectory

START_SECONDS = 60.0
STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.02
_LOG_BYTES = 5 << 20

if sys.platform == "win32":
    _OWN_CONSOLE = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    _KILL = signal.SIGTERM  # which is TerminateProcess there
else:
    _OWN_CONSOLE = 0
    _KILL = signal.SIGKILL


class StartError(PullscopeError):
    """The lab's process could not start; what it said is the message."""


class MissingLabError(PullscopeError):
    """There is no lab of that name."""


@dataclass(frozen=True)
class Wanted:
    """The ports that were asked for; None leaves the choice to the lab."""

    api_port: int | None = None
    registry_port: int | None = None


@dataclass(frozen=True)
class Up:
    """A lab that is up. `status` is its document, `started` whether it was started just now."""

    status: Document
    context: str
    config: kubeconfig.Added
    started: bool


async def up(state: StateDirectory, wanted: Wanted, configs: list[Path]) -> Up:
    """Start the lab in the background, unless it runs already, and add its context to the user's kubeconfig.

    Raises StartError with what the process said, MalformedKubeconfigError before anything is started, UsageError when
    the lab runs already on other ports than those wanted.
    """
    kubeconfig.check(configs)
    started = not state.is_running
    status = await _start(state, wanted) if started else await control.ask(_reach(state), "status")
    if not started:
        _check_ports(state, wanted, status)
    access = kubeconfig.access_in(state.root / "kubeconfig")
    return Up(status, access.context, kubeconfig.add(access, configs), started)


def _check_ports(state: StateDirectory, wanted: Wanted, status: Document) -> None:
    pairs = (("API server", wanted.api_port, "server"), ("registry", wanted.registry_port, "registry"))
    for what, port, field in pairs:
        if port is not None and not status[field].endswith(f":{port}"):
            raise UsageError(
                f"the lab {state.name} is already running, with its {what} at {status[field]}",
                hint="stop it first, or leave the port out",
            )


async def status(state: StateDirectory) -> Document:
    """The lab's document, whatever state it is in."""
    if not state.exists:
        raise _missing(state)
    if not state.is_running:
        return documents.idle(state.name, "stopped")
    run = state.read_run()
    if run is None:
        return documents.idle(state.name, "starting")
    try:
        return await control.ask(run, "status")
    except UnreachableError:
        return documents.idle(state.name, "error")


@dataclass(frozen=True)
class Stopped:
    """What a stop came to. `was_running` is False when there was nothing to do."""

    was_running: bool
    forced: bool = False


async def stop(state: StateDirectory, configs: list[Path], clock: Clock, *, force: bool = False) -> Stopped:
    """Stop the lab and take its context out of the user's kubeconfig, as crc does. Its state stays.

    `force`, or a lab that does not stop in time, ends the process. Raises MissingLabError.
    """
    if not state.exists:
        raise _missing(state)
    stopped = await _stop(state, clock, force=force) if state.is_running else Stopped(was_running=False)
    kubeconfig.remove(kubeconfig.context_of(state.name), configs)
    return stopped


async def delete(state: StateDirectory, configs: list[Path], clock: Clock) -> None:
    """Stop the lab if it runs, and remove everything that it kept. Raises MissingLabError."""
    await stop(state, configs, clock)
    state.delete()


def _missing(state: StateDirectory) -> MissingLabError:
    option = "" if state.name == "default" else f" --name {state.name}"
    return MissingLabError(f"there is no lab {state.name}", hint=f"`pullscope up{option}` makes it")


def _reach(state: StateDirectory) -> Run:
    run = state.read_run()
    if run is None:
        raise StartError(f"the lab {state.name} is on its way up or down", hint="try again in a moment")
    return run


# --------------------------------------------------------------------------------------------- starting


async def _start(state: StateDirectory, wanted: Wanted) -> Document:
    """The status of the lab that was started."""
    state.create()
    state.clear_run()
    process = _spawn(state, wanted)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await asyncio.to_thread(process.stdout.readline)
    except TimeoutError as error:
        process.kill()
        message = f"the lab is not ready after {START_SECONDS:.0f} seconds"
        raise StartError(message, hint=f"its log is {state.log}") from error
    except asyncio.CancelledError:  # Ctrl-C
        process.kill()
        raise
    finally:
        process.stdout.close()
    answer = json.loads(line) if line else {}
    if "ready" not in answer:
        raise _failure(state, answer)
    ready: Document = answer["ready"]
    return ready


def _failure(state: StateDirectory, answer: Document) -> PullscopeError:
    """What the process said, or, when it said nothing, the last error that it wrote."""
    if "error" in answer:
        error = StartError(answer["error"], hint=answer["hint"])
        error.exit_code = answer["exit_code"]
        return error
    lines = state.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    why = next(reversed(errors or lines), "it wrote nothing")
    return StartError(f"the lab's process ended: {why}", hint=f"the whole log is {state.log}")


def _spawn(state: StateDirectory, wanted: Wanted) -> "subprocess.Popen[bytes]":
    """Start the background process: its standard output is a pipe to here, its errors go to the log."""
    command = [sys.executable, "-m", "pullscope.lab", "--name", state.name]
    for option, port in (("--port", wanted.api_port), ("--registry-port", wanted.registry_port)):
        command += [option, str(port)] if port is not None else []
    if state.log.exists() and state.log.stat().st_size > _LOG_BYTES:
        state.log.replace(state.log.with_suffix(".log.1"))
    with state.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (our own module)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=state.root,
            creationflags=_OWN_CONSOLE,
            start_new_session=True,
        )


# --------------------------------------------------------------------------------------------- stopping


async def _stop(state: StateDirectory, clock: Clock, *, force: bool) -> Stopped:
    run = _reach(state)
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
