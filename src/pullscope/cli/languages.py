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


def chosen(named: Named | None, environment: Mapping[str, str], system: str = "") -> "Language":
    """The language that was named; else that of LC_ALL, LC_MESSAGES or LANG, whichever is set first; else the system's.

    `system`: what the system calls its locale where these variables are not used, as Windows does: `Japanese_Japan`.
    """
    if named is not None:
        return "ja" if named is Named.JA else "en"
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), system)
    return "ja" if said.lower().startswith(("ja_", "ja.", "ja-", "japanese")) or said == "ja" else "en"
