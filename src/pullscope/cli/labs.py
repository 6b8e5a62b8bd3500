"""What the commands about a lab share: its name as an option, its state directory, the user's kubeconfig."""

import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from pullscope.base.errors import UsageError
from pullscope.lab.state import StateDirectory, data_home

T = TypeVar("T")

Name = Annotated[str, typer.Option("--name", help="Which lab.", metavar="NAME")]
Output = Annotated[str, typer.Option("--output", "-o", help="table or json.", metavar="FORMAT")]


def state_of(name: str) -> StateDirectory:
    """The lab's state directory, where this user's data lie."""
    return StateDirectory(name, data_home(os.environ))


def kubeconfigs() -> list[Path]:
    """The files that kubectl reads."""
    from pullscope.lab import kubeconfig

    return kubeconfig.paths(os.environ)


def wants_json(output: str) -> bool:
    """Whether `-o json` was given. Raises UsageError for a format that is none."""
    if output not in ("table", "json"):
        raise UsageError(f"invalid format: {output}", hint="the formats are table and json")
    return output == "json"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do it in an event loop of its own."""
    import asyncio

    return asyncio.run(work)
