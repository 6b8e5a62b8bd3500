"""The program `pullscope`: which commands there are, and how every one of them ends.

A command file holds a function of the command's name (or, for a group, a typer `app`) and imports what is heavy inside
that function, so that `pullscope --help` stays instant. A command ends by returning (0) or by `raise typer.Exit(code)`;
`main` turns errors into one line and their exit code. No traceback reaches a user unless PULLSCOPE_DEBUG is set.
"""

import io
import os
import sys
from typing import Annotated

import typer
from typer.main import get_command

from pullscope import __version__
from pullscope.base import errors
from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.cli import delete, env, image, logs, node, oc, registry, status, stop, up, verify
from pullscope.kube.status import ApiError

INTERRUPTED = 130  # 128 + SIGINT, as shells report it
UNREAD = 141  # 128 + SIGPIPE: who read the output has gone

EXAMPLES = """\
Examples:

\b
  pullscope verify                        prove the six cases in a lab of its own
  pullscope up                            start a lab, then use kubectl or oc with it
  kubectl --context pullscope get nodes   the lab's context is in your kubeconfig
  pullscope status -o json                where the API and the registry listen
  pullscope stop                          stop the lab, keep what is in it

Exit codes: 0 as expected; 1 something differs; 2 usage; 3 could not find out.
"""

app = typer.Typer(
    name="pullscope",
    help="Which image will my pod really run, and why? A lab, a proof and a diagnosis for imagePullPolicy.",
    epilog=EXAMPLES,
    invoke_without_command=True,
    rich_markup_mode=None,  # rich's help costs more time than all the rest of --help
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"pullscope {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """The options that stand before a command; without a command, the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command(epilog=verify.EXAMPLES)(verify.verify)
app.command(epilog=up.EXAMPLES)(up.up)
app.command(epilog=status.EXAMPLES)(status.status)
app.command(epilog=stop.EXAMPLES)(stop.stop)
app.command(epilog=delete.EXAMPLES)(delete.delete)
app.command(epilog=env.EXAMPLES)(env.env)
app.command(epilog=logs.EXAMPLES)(logs.logs)
app.command(cls=oc.AsGiven)(oc.oc)
app.add_typer(node.app, name="node")
app.add_typer(registry.app, name="registry")
app.add_typer(image.app, name="image")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line (`sys.argv` without `arguments`) and return the process's exit code."""
    _write_any_text()
    try:
        result = get_command(app).main(args=arguments, prog_name="pullscope", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
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
        return _report(error)
    # Without standalone mode a raised Exit comes back as its code.
    return result if isinstance(result, int) else 0


def _unread() -> int:
    """Who read the output has gone: end without a word, as other programs do."""
    sys.stdout = None  # or Python would flush it at its end, and complain
    return UNREAD


def _report(error: Exception) -> int:
    """Print what went wrong and return the exit code that says so."""
    match error:
        case PullscopeError():
            message, hint, code = error.message, error.hint, error.exit_code
        case typer.TyperException():
            # typer puts pydantic's words before its own
            message = error.format_message().replace("Value error, ", "")
            hint, code = _usage_hint(error), error.exit_code
        case ApiError():
            message, hint, code = f"the API server said: {error.message}", "", UnreachableError.exit_code
        case OSError():
            message, hint, code = errors.told(error), "", UnreachableError.exit_code
        case _:
            message = f"this is a fault in pullscope: {type(error).__name__}: {error}"
            hint, code = "run it again with PULLSCOPE_DEBUG=1 and report what it prints", UnreachableError.exit_code
    if message.startswith("Usage: "):  # a group without a command: the message is its help
        print(message, file=sys.stderr)  # noqa: T201 (as below)
        return code
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 (the one place where errors are printed)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)  # noqa: T201 (as above)
    return code


def _usage_hint(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` shows what it takes" if context is not None else ""


def _write_any_text() -> None:
    """Never fail on a character that the console cannot show; on Windows write UTF-8 whatever the code page."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue  # somebody captures it as text
        if os.name == "nt":
            stream.reconfigure(encoding="utf-8", errors="replace")
        else:
            stream.reconfigure(errors="replace")
