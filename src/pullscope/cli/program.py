"""The program `pullscope`: how every command ends.

A command ends by returning (0) or by `raise typer.Exit(code)`; `run` turns errors into one line and their exit code. No
traceback reaches a user unless PULLSCOPE_DEBUG is set. What typer knows of commands stands in `cli.main`; it is imported
only for a command that typer reads, as importing it takes longer than many an `oc` command.
"""

import io
import os
import sys
from typing import TYPE_CHECKING

from pullscope.base import errors
from pullscope.base.errors import PullscopeError, UnreachableError

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130  # 128 + SIGINT, as shells report it
UNREAD = 141  # 128 + SIGPIPE: who read the output has gone


def run(arguments: list[str] | None = None) -> int:
    """Run the command line (`sys.argv` without `arguments`) and return the process's exit code."""
    _write_any_text()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _unread()
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # rich leaves so
            return _unread()
        raise
    except Exception as error:
        if os.environ.get("PULLSCOPE_DEBUG"):
            raise
        return _ended(error)
    return code


def _run(arguments: list[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["oc"]:
        return _oc(words[1:])
    from typer.main import get_command

    from pullscope.cli import main

    result = get_command(main.app(*words[:1])).main(args=arguments, prog_name="pullscope", standalone_mode=False)
    # Without standalone mode a raised Exit comes back as its code.
    return result if isinstance(result, int) else 0


def _oc(words: list[str]) -> int:
    """`pullscope oc`: the words as they are, so that `--` counts and `--help` is its own."""
    import asyncio

    from pullscope.base.clock import SystemClock
    from pullscope.oc import console, main

    return asyncio.run(main.run(words, console.standard(), SystemClock()))


def _unread() -> int:
    """Who read the output has gone: end without a word, as other programs do."""
    sys.stdout = None  # or Python would flush it at its end, and complain
    return UNREAD


def _ended(error: Exception) -> int:
    """Print what went wrong and return the exit code that says so."""
    import typer

    from pullscope.kube.status import ApiError

    match error:
        case typer.Abort():
            return INTERRUPTED
        case PullscopeError():
            return _print(error.message, error.hint, error.exit_code)
        case typer.TyperException():
            return _refused(error)
        case ApiError():
            hint = "log in again (oc login), or get a fresh kubeconfig" if error.code == 401 else ""
            return _print(f"the API server said: {error.message}", hint, UnreachableError.exit_code)
        case OSError():
            return _print(errors.told(error), "", UnreachableError.exit_code)
    message = f"this is a fault in pullscope: {type(error).__name__}: {error}"
    return _print(message, "run it again with PULLSCOPE_DEBUG=1 and report what it prints", UnreachableError.exit_code)


def _refused(error: "typer.TyperException") -> int:
    """The command line was not as typer takes it."""
    message = error.format_message()
    if message.startswith("Usage: "):  # a group without a command: the message is its help
        print(message, file=sys.stderr)  # noqa: T201 (as below)
        return error.exit_code
    context = getattr(error, "ctx", None)
    hint = f"`{context.command_path} --help` shows what it takes" if context is not None else ""
    return _print(message, hint, error.exit_code)


def _print(message: str, hint: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 (the one place where errors are printed)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)  # noqa: T201 (as above)
    return code


def _write_any_text() -> None:
    """Never fail on a character that the console cannot show; on Windows write UTF-8 whatever the code page."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue  # somebody captures it as text
        if os.name == "nt":
            stream.reconfigure(encoding="utf-8", errors="replace")
        else:
            stream.reconfigure(errors="replace")
