"""`pullscope env`: point the shell at a lab, as `crc oc-env` does."""

import os
import shlex
from collections.abc import Callable
from pathlib import PurePath
from typing import Annotated

import typer

from pullscope.base.errors import UnreachableError, UsageError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  eval $(pullscope env)                         bash, zsh
  pullscope env | source                        fish
  & pullscope env | Invoke-Expression           PowerShell
"""

Shell = Annotated[str | None, typer.Option("--shell", help="bash, zsh, fish, powershell or cmd. [the one you use]")]


def _powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# `eval $(…)` makes one line of them: hence the semicolons.
_SET: dict[str, Callable[[str, str], str]] = {
    "bash": lambda name, value: f"export {name}={shlex.quote(value)};",
    "zsh": lambda name, value: f"export {name}={shlex.quote(value)};",
    "fish": lambda name, value: f"set -gx {name} {shlex.quote(value)};",
    "powershell": lambda name, value: f"$Env:{name} = {_powershell(value)}",
    "cmd": lambda name, value: f"SET {name}={value}",
}
_REMARK = {"cmd": "REM"}
_EVALUATE = {
    "bash": "eval $({})",
    "zsh": "eval $({})",
    "fish": "eval ({})",
    "powershell": "& {} | Invoke-Expression",
    "cmd": "@FOR /f \"tokens=*\" %i IN ('{}') DO @call %i",
}


def env(name: labs.Name = "default", shell: Shell = None) -> None:
    """Print what sets KUBECONFIG and PULLSCOPE_REGISTRY in this shell to a running lab, and nothing else of yours."""
    from pullscope.lab import lifecycle

    word = shell or detected()
    if word not in _SET:
        raise UsageError(f"{word!r} is not a supported shell", hint=f"supported shells are {', '.join(_SET)}")
    state = labs.state_of(name)
    document = labs.run(lifecycle.status(state))
    if document["registry"] is None:
        raise UnreachableError(f"the lab {name} is {document['state']}", hint="`pullscope up` starts it")
    command = "pullscope env" if name == "default" else f"pullscope env --name {name}"
    values = {"KUBECONFIG": str(state.root / "kubeconfig"), "PULLSCOPE_REGISTRY": document["registry"]}
    typer.echo(told(word, values, command))


def told(shell: str, values: dict[str, str], command: str) -> str:
    """The lines for that shell: the settings, then how to run them."""
    lines = [_SET[shell](name, value) for name, value in values.items()]
    remark = _REMARK.get(shell, "#")
    return "\n".join(
        [*lines, f"{remark} Run this command to configure your shell:", f"{remark} {_EVALUATE[shell].format(command)}"]
    )


def detected() -> str:
    """The shell that this was most likely typed in."""
    if os.environ.get("SHELL"):
        return PurePath(os.environ["SHELL"]).stem
    return "powershell" if "PSModulePath" in os.environ else "cmd"
