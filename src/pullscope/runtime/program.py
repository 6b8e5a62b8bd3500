"""What the sandbox is given: a program with its root, arguments and limits, and where its output goes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pullscope.base.errors import PullscopeError
from pullscope.runtime.rootfs import Root

MAGIC = b"\0asm"
"""What every WebAssembly file begins with."""

STDOUT = 1
STDERR = 2


class NotExecutableError(PullscopeError):
    """The file is not a WASI program that this runtime can execute; the message says what is missing."""


class Output(Protocol):
    """Where a program's output goes. Called from the program's thread."""

    def write(self, stream: int, data: bytes) -> None:
        """Take `data` of `STDOUT` or `STDERR`. An OSError reaches the program as a failed write."""


@dataclass(frozen=True)
class Program:
    """What to execute: the WebAssembly in `file`, a path of the host. `memory_limit` in bytes, 0 for none."""

    file: Path
    root: Root
    args: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    working_dir: str = "/"
    memory_limit: int = 0
