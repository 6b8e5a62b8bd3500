"""Sockets to listen on: the port that was asked for, or the next free one."""

import errno
import os
import socket

from pullscope.base.errors import PullscopeError, UsageError
from pullscope.lab.places import ADDRESS, Port

_TRIES = 100
_TAKEN = {errno.EADDRINUSE, errno.EACCES}  # Windows says EACCES of a port that another program has for itself


class NoPortError(PullscopeError):
    """Neither the port nor any of those after it is free."""


def listen(port: Port, what: str, option: str) -> socket.socket:
    """A listening socket on the loopback address. `what` and `option` (empty: there is none for it) name it in errors.

    Raises UsageError when an exact port is taken, NoPortError when so are a hundred after a preferred one.
    """
    tries = range(port.number, port.number + (1 if port.exact or port.number == 0 else _TRIES))
    for number in tries:
        listening = _bind(number)
        if listening is not None:
            return listening
    if port.exact:
        hint = f"choose another one with {option}, or leave it out to take the next free one"
        raise UsageError(f"port {port.number} for the {what} is taken", hint=hint)
    hint = f"name one with {option}" if option else "free one of them"
    raise NoPortError(f"no port from {tries.start} to {tries.stop - 1} is free for the {what}", hint=hint)


def number_of(listening: socket.socket) -> int:
    """The port of a socket."""
    number: int = listening.getsockname()[1]
    return number


def _bind(number: int) -> socket.socket | None:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this would share the port with others
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((ADDRESS, number))
        opened.listen(128)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        if error.errno in _TAKEN:
            return None
        raise
    except OverflowError as error:
        opened.close()
        raise UsageError(f"{number} is no port", hint="ports are 1 to 65535") from error
    return opened
