"""Files that are either whole or not there."""

import contextlib
import os
import tempfile
from pathlib import Path

_UNFINISHED = ".new"


def write_atomic(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `data`: after a crash the old content or the new one is there, never a part.

    The directory must exist. Raises OSError (no space, no permission), which names the file, with the old one left as it
    was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        if isinstance(error, OSError) and error.filename in (None, name):
            error.filename = str(path)
        raise
    sync_directory(path.parent)


def remove_unfinished(directory: Path) -> None:
    """Remove what `write_atomic` left in `directory` when its process was killed. Only where nobody writes now."""
    for path in directory.glob(f".*{_UNFINISHED}"):
        path.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Make renames and new names in `path` durable. Windows has no such call: there it does nothing."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
