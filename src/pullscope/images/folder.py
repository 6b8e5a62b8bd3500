"""The files of a directory as entries of a layer. What an image cannot take along safely is refused by its name."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pullscope.base.errors import UsageError
from pullscope.images.layers import Entry


def entries(directory: Path, into: str) -> list[Entry]:
    """Every file below `directory`, placed under `into`; executable ones stay so. Raises UsageError.

    Modes are made 644 or 755, so that the same files give the same image whoever builds it.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is not a directory", hint="name the directory that holds the files of the image")
    found = [_entry(path, directory, into) for path in _walk(directory)]
    if not found:
        raise UsageError(f"{directory} has no files", hint="put the files of the image there, for example app.war")
    return found


def _walk(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(path)
        elif stat.S_ISREG(mode):
            yield path
        elif stat.S_ISLNK(mode):
            raise UsageError(f"{path} is a symbolic link", hint="put the file itself there")
        else:
            raise UsageError(f"{path} is neither a file nor a directory", hint="move it away")


def _entry(path: Path, directory: Path, into: str) -> Entry:
    relative = path.relative_to(directory).as_posix()
    try:
        relative.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"the name {relative!r} in {directory} is not UTF-8", hint="rename it") from error
    if not relative.isprintable() or "\\" in relative:
        raise UsageError(
            f"the name {relative!r} in {directory} has characters that no image should have", hint="rename it"
        )
    if any(part.startswith(".wh.") for part in relative.split("/")):
        raise UsageError(f"{path} would hide files of the base image: names with .wh. do", hint="rename it")
    return Entry(f"{into}/{relative}", path, 0o755 if os.access(path, os.X_OK) and os.name != "nt" else 0o644)
