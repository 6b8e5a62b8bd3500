"""The console that tables are printed on: the terminal's, or plain text of a fixed width in a pipe or a file."""

from typing import TextIO

from rich.console import Console

PLAIN_WIDTH = 120  # columns where there is no terminal to ask
LEAST_WIDTH = 80  # in less, columns would go missing: a narrower terminal wraps the lines itself


def console(file: TextIO, *, wide: bool = False) -> Console:
    """A console for `file`: colours and its width on a terminal, plain text of a fixed width elsewhere."""
    if file.isatty() and not wide:
        shown = Console(file=file, highlight=False)
        shown.width = max(shown.width, LEAST_WIDTH)
        return shown
    return Console(file=file, highlight=False, width=1000 if wide else PLAIN_WIDTH)
