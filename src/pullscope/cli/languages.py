"""The language of what is told to people: as an option, else as the user's environment says."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pullscope.pull.flow import Language


class Named(StrEnum):
    """The languages that there are."""

    EN = "en"
    JA = "ja"


Lang = Annotated[
    Named | None, typer.Option("--lang", help="The language. [that of your environment, else en]", show_default=False)
]


def chosen(named: Named | None, environment: Mapping[str, str]) -> "Language":
    """The language that was named; else that of LC_ALL, LC_MESSAGES or LANG, whichever is set first."""
    if named is not None:
        return "ja" if named is Named.JA else "en"
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return "ja" if said.startswith("ja") else "en"
