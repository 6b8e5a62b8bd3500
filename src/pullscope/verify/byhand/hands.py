"""Type `oc` commands and keep what came back: the evidence of the method, and its transcript."""

import shlex
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullscope.verify.evidence import Command, Step
from pullscope.verify.making import Making
from pullscope.verify.obstacles import ObstacleError

FOLDER = "{folder}/"
"""Stands for the folder of the files in commands; nobody who reads them has to know where that is."""


@dataclass(frozen=True)
class Ran:
    """How a command ended. `output` is all that it wrote, `stdout` what of it went to standard output."""

    code: int
    output: str
    stdout: str


Oc = Callable[[Sequence[str]], Awaitable[Ran]]
"""Runs `oc` with those words, as the user of the cluster. Raises UnreachableError."""


class Hands:
    """Types for one case after the other. `folder` holds the files, `purpose` says what is typed for."""

    def __init__(self, oc: Oc, folder: Path) -> None:
        self.folder = folder
        self.purpose = "preparation"
        self._oc = oc
        self._making: Making | None = None
        self._before: list[Command] = []

    def begin(self, making: Making) -> None:
        """What is typed from now on is the case's; the first one also gets what was typed before it."""
        self._making = making
        making.note(commands=tuple(self._before))
        self._before = []

    async def attempt(self, command: str) -> Ran:
        """Run the command and keep what came back, whatever that is."""
        place = f"{self.folder.as_posix()}/"
        ran = await self._oc(shlex.split(command.replace(FOLDER, place))[1:])
        kept = Command(command.replace(FOLDER, ""), ran.output.replace(place, ""), ran.code, self.purpose)
        if self._making is None:
            self._before.append(kept)
        else:
            self._making.note(commands=(*self._making.evidence.commands, kept))
        return ran

    async def do(self, command: str) -> Step:
        """Run the command. Raises ObstacleError when it fails."""
        ran = await self.attempt(command)
        said, shown = _last(ran), command.replace(FOLDER, "")
        if ran.code:
            raise ObstacleError(f"`{shown}` failed: {said}")
        return Step(f"$ {shown}", said)


def _last(ran: Ran) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in (ran.stdout if ran.code == 0 and ran.stdout.strip() else ran.output).splitlines()]
    return next((line for line in reversed(lines) if line), f"exit code {ran.code}")
