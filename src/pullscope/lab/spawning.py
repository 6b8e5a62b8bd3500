"""Start the lab's own process in the background, and hear from it how it came up.

The process holds the lab's lock. What it says is one line of JSON on its standard output, a pipe (see `process`); its
errors go to the lab's log.
"""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from pullscope.base.errors import PullscopeError
from pullscope.lab.documents import Document
from pullscope.lab.settings import Wanted
from pullscope.lab.state import AlreadyRunningError, StateDirectory

START_SECONDS = 60.0
_LOG_BYTES = 5 << 20

# winbase.h; `subprocess` has these names on Windows only.
_CREATE_NEW_PROCESS_GROUP = 0x00000200
_CREATE_NO_WINDOW = 0x08000000


class StartError(PullscopeError):
    """The lab's process could not start; what it said is the message."""


def detached(platform: str) -> dict[str, Any]:
    """What `Popen` needs so that the process outlives the command and the terminal, and gets none of their signals."""
    if platform == "win32":
        return {"creationflags": _CREATE_NO_WINDOW | _CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


async def start(state: StateDirectory, wanted: Wanted) -> Document:
    """The status of the lab that was started.

    Raises AlreadyRunningError when another process was faster, else StartError. A lab that was refused at its first start
    leaves nothing behind; one that failed leaves its log.
    """
    new = not state.exists
    state.create()
    answer = await _answer(state, wanted)
    if "ready" in answer:
        ready: Document = answer["ready"]
        return ready
    if answer.get("running"):
        raise AlreadyRunningError(answer["error"], hint=answer["hint"])
    error = _failure(state, answer)
    if (new and answer.get("refused")) or state.is_ephemeral:
        state.delete()
    raise error


async def _answer(state: StateDirectory, wanted: Wanted) -> Document:
    """What the process said, nothing when it ended without a word."""
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
    answer: Document = json.loads(line) if line else {}
    if "ready" in answer:
        process.returncode = 0  # nobody is going to wait for it: it outlives this command
    else:
        await asyncio.to_thread(process.wait)  # it lets go of its files
    return answer


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
    command = [sys.executable, "-m", "pullscope.lab", "--name", state.name, "--wanted", json.dumps(asdict(wanted))]
    if state.log.exists() and state.log.stat().st_size > _LOG_BYTES:
        state.log.replace(state.log.with_suffix(".log.1"))
    with state.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (our own module)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=state.home,
            env={**os.environ, "PULLSCOPE_HOME": str(state.home.absolute())},
            **detached(sys.platform),
        )
