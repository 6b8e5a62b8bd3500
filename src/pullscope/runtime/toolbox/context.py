"""What a word of the toolbox has at hand: the container's root and environment, its streams, the clock."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pullscope.base.clock import Clock
from pullscope.runtime.program import STDERR, STDOUT
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox.stdin import Stdin
from pullscope.runtime.toolbox.terminal import Terminal

Flush = Callable[[], Awaitable[None]]

Program = Callable[["Context", Sequence[str]], Awaitable[int]]
"""What a word does, given its arguments; returns an exit code. A failed write raises OSError."""

Programs = Mapping[str, Program]
"""Words by their names."""


@dataclass
class Context:
    """One process, so to say. `directory` is the working directory, `write` takes a stream and data.

    `write` raises OSError when the other side is full or gone; who writes much awaits `flush` in between. With a terminal,
    `stdin` and `write` are its own. `extra` are words besides the toolbox's own, which whoever runs the node has added.
    """

    root: Root
    env: dict[str, str]
    directory: str
    clock: Clock
    write: Callable[[int, bytes], None]
    flush: Flush
    hostname: str = ""
    user: str = ""
    stdin: Stdin = field(default_factory=Stdin)
    extra: Programs = field(default_factory=dict)
    terminal: Terminal | None = None

    def open_terminal(self) -> None:
        """Put a terminal between the process and its streams."""
        self.terminal = Terminal(self.write, self.stdin)
        self.write = self.terminal.write

    def say(self, text: str) -> None:
        """Write text to stdout."""
        self.write(STDOUT, text.encode(errors="surrogateescape"))

    def complain(self, text: str) -> None:
        """Write a line to stderr."""
        self.write(STDERR, f"{text}\n".encode(errors="surrogateescape"))
