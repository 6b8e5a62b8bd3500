"""The words of the toolbox but for the shell: each takes its context and arguments and returns an exit code.

Options and outputs are those of POSIX and of GNU coreutils, as far as they go; an option that is not known is refused.
"""

import errno
import math
import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from pullscope.runtime.program import STDOUT
from pullscope.runtime.rootfs import Found
from pullscope.runtime.toolbox.context import Context, Programs

_CHUNK = 2**16
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class UsageError(Exception):
    """The arguments cannot be used; the message says why."""


async def run(name: str, context: Context, arguments: Sequence[str]) -> int:
    """Run the word `name`, one of `PROGRAMS` or of the context's own. A failed write raises OSError."""
    program = context.extra.get(name) or PROGRAMS[name]
    try:
        return await program(context, arguments)
    except UsageError as error:
        context.complain(f"{name}: {error}")
        return 2


async def cat(context: Context, arguments: Sequence[str]) -> int:
    """Print files; `-` or none at all is stdin."""
    failed = 0
    for path in _operands(arguments) or ["-"]:
        if path == "-":
            while data := await context.stdin.read():
                context.write(STDOUT, data)
                await context.flush()
            continue
        try:
            with _opened(context, path) as file:
                while data := file.read(_CHUNK):
                    context.write(STDOUT, data)
                    await context.flush()
        except OSError as error:
            failed = _complain(context, "cat", path, error)
    return failed


async def date(context: Context, arguments: Sequence[str]) -> int:
    """Print the time, which is UTC here; `+FORMAT` in strftime's letters."""
    formats = [text for text in arguments if text != "-u"] or ["+%a %b %e %H:%M:%S UTC %Y"]
    if len(formats) > 1 or not formats[0].startswith("+"):
        raise UsageError(f"'{formats[-1]}' is not supported by the toolbox")
    now = context.clock.now()
    try:
        shown = now.strftime(formats[0][1:].replace("%e", f"{now.day:>2}"))  # not every system knows %e
    except ValueError as error:
        raise UsageError(f"invalid format '{formats[0]}'") from error
    context.say(f"{shown}\n")
    return 0


async def echo(context: Context, arguments: Sequence[str]) -> int:
    """Print the arguments; `-n` without a newline."""
    without = arguments[:1] == ["-n"]
    context.say(" ".join(arguments[1:] if without else arguments) + ("" if without else "\n"))
    return 0


async def env(context: Context, arguments: Sequence[str]) -> int:
    """Print the environment."""
    if arguments:
        raise UsageError("arguments are not supported by the toolbox")
    context.say("".join(f"{name}={value}\n" for name, value in context.env.items()))
    return 0


async def printenv(context: Context, arguments: Sequence[str]) -> int:
    """Print the values of variables; all with their names when none is named."""
    names = _operands(arguments)
    if not names:
        return await env(context, ())
    context.say("".join(f"{context.env[name]}\n" for name in names if name in context.env))
    return int(any(name not in context.env for name in names))


async def true(_context: Context, _arguments: Sequence[str]) -> int:
    """Succeed."""
    return 0


async def false(_context: Context, _arguments: Sequence[str]) -> int:
    """Fail."""
    return 1


async def hostname(context: Context, arguments: Sequence[str]) -> int:
    """Print the pod's host name."""
    if arguments:
        raise UsageError("you must be root to change the host name")
    context.say(f"{context.hostname}\n")
    return 0


async def id_(context: Context, arguments: Sequence[str]) -> int:
    """Print whom the image says that the program runs as; `-u` its number."""
    user = context.user.partition(":")[0] or "0"
    if list(arguments) == ["-u"]:
        context.say(f"{user}\n")
    elif arguments:
        raise UsageError(f"unrecognized option '{arguments[0]}'")
    else:
        context.say(f"uid={user}{'(root)' if user == '0' else ''} gid=0(root) groups=0(root)\n")
    return 0


async def pwd(context: Context, arguments: Sequence[str]) -> int:
    """Print the working directory."""
    _operands(arguments)
    context.say(f"{context.directory}\n")
    return 0


async def sleep(context: Context, arguments: Sequence[str]) -> int:
    """Wait for the sum of the arguments: seconds, or with the unit s, m, h, d; `infinity` has no end."""
    if not arguments:
        raise UsageError("missing operand")
    seconds = sum(_seconds(text) for text in arguments)
    while math.isinf(seconds):
        await context.clock.sleep(_UNITS["d"])
    await context.clock.sleep(seconds)
    return 0


def _seconds(text: str) -> float:
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        seconds = float(number) * _UNITS[unit]
    except ValueError:
        seconds = math.nan
    if math.isnan(seconds) or seconds < 0:
        raise UsageError(f"invalid time interval '{text}'")
    return seconds


async def ls(context: Context, arguments: Sequence[str]) -> int:
    """List files, one a line; `-a` hidden ones too, `-l` with mode, size and date, `-d` directories as files."""
    options = "".join(text[1:] for text in arguments if text.startswith("-"))
    unknown = options.strip("ald1")
    if unknown:
        raise UsageError(f"invalid option -- '{unknown[0]}'")
    paths = [text for text in arguments if not text.startswith("-")] or ["."]
    failed = 0
    for path in paths:
        try:
            found = context.root.find(path, context.directory)
            listed = found.host.is_dir() and "d" not in options
            found.host.lstat()
            if listed and len(paths) > 1:
                context.say(f"{path}:\n")
            for name, file in _listed(context, found) if listed else [(path, found)]:
                if "a" in options or not (listed and name.startswith(".")):
                    context.say(f"{_line(file) if 'l' in options else ''}{name}\n")
        except OSError as error:
            failed = _complain(context, "ls", path, error) + 1
    return failed


def _listed(context: Context, directory: Found) -> list[tuple[str, Found]]:
    names = context.root.names(directory)
    return [(name, context.root.entry(directory, name)) for name in names]


def _line(file: Found) -> str:
    status = file.host.lstat()
    moment = datetime.fromtimestamp(status.st_mtime, UTC)
    date = f"{moment:%b} {moment.day:>2}  {moment.year}"
    return f"{stat.filemode(status.st_mode)} 1 root root {status.st_size:>8} {date} "


def _opened(context: Context, path: str) -> BinaryIO:
    """A regular file; of anything else nobody knows when reading it would end."""
    found = context.root.find(path, context.directory)
    if found.host.exists() and not found.host.is_file():
        raise OSError(errno.EISDIR if found.host.is_dir() else errno.EINVAL, "")
    return found.host.open("rb")


def _operands(arguments: Sequence[str]) -> list[str]:
    """The arguments of a word that takes no options."""
    for text in arguments:
        if text.startswith("-") and text != "-":
            raise UsageError(f"unrecognized option '{text}'")
    return list(arguments)


def _complain(context: Context, word: str, path: str, error: OSError) -> int:
    """Say what is wrong with a file; returns 1. The host's own words for it, which name no path of the host."""
    context.complain(f"{word}: {path}: {os.strerror(error.errno or errno.EIO)}")
    return 1


PROGRAMS: Programs = {
    "cat": cat, "date": date, "echo": echo, "env": env, "false": false, "hostname": hostname, "id": id_, "ls": ls,
    "printenv": printenv, "pwd": pwd, "sleep": sleep, "true": true,
}  # fmt: skip
