"""The streams of `exec` and `attach`, as runtime, kubelet and API server hand them on to each other.

Upstream: core/v1 PodExecOptions and PodAttachOptions (k8s.io/api v0.36), k8s.io/cri-streaming pkg/streaming/remotecommand.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StreamOptions:
    """PodExecOptions; PodAttachOptions are the same without a command. `container` is empty when the client named none."""

    container: str = ""
    command: tuple[str, ...] = ()
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False


class StreamError(Exception):
    """The streams broke off before their end; the message says why."""


class Session(Protocol):
    """The streams of one exec or attach. Used as: `write`, `close_stdin`, `resize` beside `output`; then `wait`; `close`
    in any case, and nothing after it.
    """

    def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Pieces of output as (stream, data); 1 is stdout, 2 stderr. Ends when the program ends; to be read once.

        Raises StreamError.
        """

    async def write(self, data: bytes) -> None:
        """Give the program input; returns when there is room for more. What comes after its end is dropped."""

    async def close_stdin(self) -> None:
        """No more input comes."""

    def resize(self, columns: int, lines: int) -> None:
        """The client's terminal has another size; without a terminal nobody asks for it."""

    async def wait(self) -> int:
        """The exit code."""

    async def close(self) -> None:
        """Leave: an exec's program is stopped, an attached container runs on."""
