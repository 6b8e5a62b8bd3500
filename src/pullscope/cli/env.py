"""`pullscope env`: point the shell at a lab, as `crc oc-env` does."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated

import typer

from pullscope.base.errors import UsageError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  eval $(pullscope env)                         bash, zsh
  pullscope env | source                        fish
  & pullscope env | Invoke-Expression           PowerShell
  eval $(pullscope env --unset)                 back again
"""

Shell = Annotated[str | None, typer.Option("--shell", help="bash, zsh, fish, powershell or cmd. [the one you use]")]
Unset = Annotated[bool, typer.Option("--unset", help="Print what takes the variables away again.")]

KUBECONFIG, REGISTRY = "KUBECONFIG", "PULLSCOPE_REGISTRY"


@dataclass(frozen=True)
class Syntax:
    """How a shell sets and unsets a variable, begins a comment, and evaluates what a command prints.

    `eval $(…)` makes one line of all that is printed: hence the semicolons.
    """

    set: str
    unset: str
    evaluate: str
    remark: str = "#"


_POSIX = Syntax("export {}={};", "unset {};", "eval $({})")
_SYNTAX = {
    "bash": _POSIX,
    "zsh": _POSIX,
    "fish": Syntax("set -gx {} {};", "set -e {};", "eval ({})"),
    "powershell": Syntax("$Env:{} = {}", "Remove-Item Env:\\{} -ErrorAction Ignore", "& {} | Invoke-Expression"),
    "cmd": Syntax("SET {}={}", "SET {}=", "@FOR /f \"tokens=*\" %i IN ('{}') DO @call %i", remark="REM"),
}
# Shells that read what another one reads.
_LIKE = {"pwsh": "powershell", "sh": "bash", "dash": "bash", "ash": "bash", "ksh": "bash"}


def env(name: labs.Name = "default", shell: Shell = None, unset: Unset = False) -> None:
    """Print what sets KUBECONFIG and PULLSCOPE_REGISTRY in this shell to a running lab, and nothing else of yours."""
    from pullscope.lab import lifecycle, names

    word = syntax_of(shell or detected())
    command = f"pullscope env{names.option(name)}"
    if unset:
        typer.echo(told_unset(word, f"{command} --unset"))
        return
    state = labs.state_of(name)
    document = labs.run(lifecycle.status(state))
    if document["registry"] is None:
        raise lifecycle.stopped(state)
    values = {KUBECONFIG: str(state.root.absolute() / "kubeconfig"), REGISTRY: document["registry"]}
    typer.echo(told(word, values, command))


def syntax_of(shell: str) -> str:
    """The shell whose syntax this one reads. Raises UsageError."""
    word = _LIKE.get(shell, shell)
    if word not in _SYNTAX:
        raise UsageError(f"{shell!r} is not a supported shell", hint=f"supported shells are {', '.join(_SYNTAX)}")
    return word


def told(shell: str, values: Mapping[str, str], command: str) -> str:
    """The lines that set `values` in that shell, then how to run them."""
    lines = [_SYNTAX[shell].set.format(name, _quoted(shell, value)) for name, value in values.items()]
    return "\n".join([*lines, *_advice(shell, command)])


def told_unset(shell: str, command: str) -> str:
    """The lines that unset what `told` sets, then how to run them."""
    return "\n".join([*map(_SYNTAX[shell].unset.format, (KUBECONFIG, REGISTRY)), *_advice(shell, command)])


def _advice(shell: str, command: str) -> list[str]:
    syntax = _SYNTAX[shell]
    return [
        f"{syntax.remark} Run this command to configure your shell:",
        f"{syntax.remark} {syntax.evaluate.format(command)}",
    ]


def _quoted(shell: str, value: str) -> str:
    match shell:
        case "cmd":
            return value
        case "powershell":
            return "'" + value.replace("'", "''") + "'"
        case "fish":
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case _:
            return shlex.quote(value)


def detected() -> str:
    """The shell that this was typed in: that of the processes above this one, else the user's own."""
    import shellingham  # type: ignore[import-untyped]  # it has no annotations

    try:
        return str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure:
        return likely(os.environ)


def likely(environment: Mapping[str, str]) -> str:
    """The shell that goes with these variables."""
    if environment.get("SHELL"):
        return PurePath(environment["SHELL"]).stem
    return "powershell" if "PSModulePath" in environment else "cmd"
