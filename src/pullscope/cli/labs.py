"""What the commands about a lab share: its name as an option, its state directory, the user's kubeconfig."""

import os
from collections.abc import Coroutine
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from pullscope.base.errors import UsageError

if TYPE_CHECKING:
    from pullscope.base.clock import Clock
    from pullscope.lab.state import StateDirectory
    from pullscope.lab.userconfig import UserConfig

T = TypeVar("T")


def complete_name(incomplete: str) -> list[str]:
    """The labs whose names begin so, for the shell."""
    from pullscope.lab import state as states

    labs = states.all_labs(states.data_home(os.environ))
    return [lab.name for lab in labs if lab.name.startswith(incomplete)]


Name = Annotated[str, typer.Option("--name", help="Which lab.", metavar="NAME", autocompletion=complete_name)]
Output = Annotated[str, typer.Option("--output", "-o", help="table or json.", metavar="FORMAT")]


def state_of(name: str) -> "StateDirectory":
    """The lab's state directory, where this user's data lie."""
    from pullscope.lab import state

    return state.StateDirectory(name, state.data_home(os.environ))


def clock() -> "Clock":
    """The machine's."""
    from pullscope.base.clock import SystemClock

    return SystemClock()


def user_config() -> "UserConfig":
    """The kubeconfig files of this user."""
    from pullscope.lab import state, userconfig

    return userconfig.UserConfig(userconfig.paths(os.environ), state.data_home(os.environ), clock())


def wants_json(output: str) -> bool:
    """Whether `-o json` was given. Raises UsageError for a format that is none."""
    if output not in ("table", "json"):
        raise UsageError(f"invalid format: {output}", hint="the formats are table and json")
    return output == "json"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do it in an event loop of its own, after ephemeral labs that have ended were removed."""
    import asyncio

    from pullscope.lab import lifecycle, state

    async def all_of_it() -> T:
        with closing(work):
            await lifecycle.sweep(state.data_home(os.environ), user_config())
            return await work

    try:
        return asyncio.run(all_of_it())
    except asyncio.CancelledError:  # by `signals.end_tidily`
        raise KeyboardInterrupt from None
