"""Commands without their start: a process that has all loaded forks for each `pullscope` that a page types.

A page is dozens of commands, and each of them loads Python and the same libraries for longer than it then works. What runs
is `pullscope.__main__.run` in a process of its own, with the caller's words, folder, environment and streams; and the labs
that `pullscope up` starts in the background are such processes too. POSIX only.

`Warm` starts the server and writes the program `pullscope` that asks it. The program starts the real one for commands that
ask about their parents (`env`: which shell?) or are sent signals (`registry serve`). Started as a program, this file is the
server: it ends when its standard input does.
"""

import atexit
import contextlib
import gc
import importlib
import marshal
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

_MODULES = (
    "pullscope.cli.imaging",
    "pullscope.cli.proving",
    "pullscope.lab.__main__",
    "pullscope.lab.lifecycle",
    "pullscope.lab.process",
)
_COLD = ("env", "registry")
_MOST = 2**20  # bytes of words and environment

# Without `site`, and of the library only what is built in: it starts in a hundredth of a second.
_CLIENT = """\
import _socket, marshal, os, sys
words = sys.argv[1:]
if words and words[0] in {cold!r}:
    os.execv({real!r}, [{real!r}, *words])
asked = _socket.socket(_socket.AF_UNIX)
asked.connect({path!r})
streams = b"".join(stream.to_bytes(4, sys.byteorder) for stream in (0, 1, 2))
asked.sendmsg([marshal.dumps((words, os.getcwd(), dict(os.environ)))], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
asked.shutdown(_socket.SHUT_WR)
sys.exit(int(asked.recv(16) or 1))
"""


class Warm:
    """A server, and the folder with the program `pullscope` that asks it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        path, client = folder / "asked", folder / "client.py"
        real = str(Path(sys.executable).parent / "pullscope")
        client.write_text(_CLIENT.format(cold=_COLD, real=real, path=str(path)))
        program = self.programs / "pullscope"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "{client}" "$@"\n')
        program.chmod(0o755)
        self._server = subprocess.Popen(
            [sys.executable, __file__, str(path), str(program)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        """Wait until it listens."""
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"listening\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._server:  # closes its streams and waits for it, not for commands that hang
            pass


def serve(path: str) -> int:
    """Fork for each command until standard input ends. Returns in the forks too, with the exit codes of their commands."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(16)
        os.write(1, b"listening\n")
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                return 0
            asked, _ = listening.accept()
            with asked:
                if not os.fork():
                    listening.close()
                    return _answer(asked)


def _answer(asked: socket.socket) -> int:
    """In a fork: have another do the command, and tell its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    data, streams, _, _ = socket.recv_fds(asked, _MOST, 3)
    while more := asked.recv(_MOST):
        data += more
    doing = os.fork()
    if not doing:
        asked.close()
        _do(streams, *marshal.loads(data))
    code = os.waitstatus_to_exitcode(os.waitpid(doing, 0)[1])
    asked.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _do(streams: list[int], words: list[str], folder: str, environment: dict[str, str]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = _run(words)
    # At once: to take all modules apart, as a program does that ends, would copy each page of memory that they are in.
    atexit._run_exitfuncs()
    for written in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            written.flush()
    os._exit(code)


def _run(words: list[str]) -> int:
    from pullscope import __main__ as command  # noqa: PLC0415 (for the server alone)
    from pullscope.lab import __main__ as lab  # noqa: PLC0415 (as above)

    if words[:2] == ["-m", lab.__package__]:  # as a command starts it
        sys.argv = words[1:]
        return lab.main()
    sys.argv = ["pullscope", *words]
    return command.run()


def _load() -> None:
    """What commands import, so that none of them has to."""
    from pullscope.cli import main as commands  # noqa: PLC0415 (for the server alone)
    from pullscope.oc import main  # noqa: PLC0415 (as above)

    commands.app()
    for name in _MODULES:
        importlib.import_module(name)
    for verb in main.VERBS.values():
        verb.load()


if __name__ == "__main__":
    _load()
    sys.executable = sys.argv[2]  # for commands that start a lab
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    sys.exit(serve(sys.argv[1]))
