"""Where a report goes: to standard output, or into a file that `--output-file` names."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from pullscope.base import files
from pullscope.base.errors import UsageError

Render = Callable[[TextIO], None]


def check(output_file: Path | None) -> None:
    """Before anything is done: whether the file can be written. Raises UsageError."""
    if output_file is not None and not output_file.absolute().parent.is_dir():
        raise UsageError(f"cannot write {output_file}: there is no such directory")
    if output_file is not None and output_file.is_dir():
        raise UsageError(f"cannot write {output_file}: it is a directory", hint="name a file in it")


def write(render: Render, output_file: Path | None) -> None:
    """Have the report written on standard output, or into the file, which is whole then or as it was."""
    if output_file is None:
        render(sys.stdout)
        sys.stdout.flush()
    elif output_file.exists() and not output_file.is_file():  # a pipe or a device: nothing takes its place
        with output_file.open("w", encoding="utf-8", newline="\n") as file:
            render(file)
    else:
        with files.replacing(output_file.resolve()) as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
            render(text)
            text.flush()
            text.detach()
