"""How the tutorial's `oc` commands are run: by the real oc where there is one, else by `pullscope oc` in this process."""

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.oc import console, main

Show = Callable[[bytes], None]
"""Takes what a command writes, as it writes it."""
_PATIENCE = 120.0  # seconds


class Client(Protocol):
    """Runs commands. `name` is what answers to `oc`."""

    name: str

    async def run(self, words: Sequence[str], show: Show) -> int | None:
        """The exit code of `oc` with those words; None when it did not end in time."""


def found(kubeconfig: Path, clock: Clock) -> Client:
    """The client for a cluster's kubeconfig, which commands may change (`oc login`, `oc project`)."""
    program = shutil.which("oc")
    return Program(program, kubeconfig, clock) if program else Own(kubeconfig, clock)


class Own:
    """`pullscope oc`."""

    name = "pullscope oc"

    def __init__(self, kubeconfig: Path, clock: Clock) -> None:
        self._kubeconfig = kubeconfig
        self._clock = clock

    async def run(self, words: Sequence[str], show: Show) -> int | None:
        named = ["--kubeconfig", str(self._kubeconfig), *words]
        return await tasks.within(self._clock, _PATIENCE, main.run(named, console.handing(show, show), self._clock))


class Program:
    """The real oc."""

    def __init__(self, program: str, kubeconfig: Path, clock: Clock) -> None:
        self.name = program
        cache = kubeconfig.with_name("cache")  # what it learns about this cluster is of no use to any other
        self._own = {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(cache)}
        self._clock = clock

    async def run(self, words: Sequence[str], show: Show) -> int | None:
        process = await asyncio.create_subprocess_exec(
            self.name,
            *words,
            env=os.environ | self._own,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            return await tasks.within(self._clock, _PATIENCE, _followed(process, show))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _followed(process: asyncio.subprocess.Process, show: Show) -> int:
    assert process.stdout is not None
    while data := await process.stdout.read(2**16):
        show(data)
    return await process.wait()
