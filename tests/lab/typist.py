"""Somebody who types at a terminal. Windows has no pseudo-terminals of this kind."""

import os
import re
import signal
import subprocess
import sys

if sys.platform != "win32":
    import fcntl
    import pty
    import struct
    import termios


class Typist:
    """A command at a terminal of 80 by 24, somebody who types, and what is on the screen since they last looked."""

    def __init__(self, command: list[str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self._screen = b""

    def until(self, pattern: bytes) -> bytes:
        """Wait for the pattern; what was shown up to its end."""
        while not (found := re.search(pattern, self._screen)):
            self._screen += os.read(self._master, 2**16)
        seen, self._screen = self._screen[: found.end()], self._screen[found.end() :]
        return seen

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal is nobody's controlling one, so it cannot do that by itself."""
        self._process.send_signal(signal.SIGINT)

    def leave(self) -> tuple[int, bytes]:
        """Wait for the command's end: its exit code, and what was shown until then."""
        try:
            while data := os.read(self._master, 2**16):
                self._screen += data
        except OSError:  # how Linux says that nobody holds the other end
            pass
        return self._process.wait(30), self._screen

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)
