"""A build context: the files of a directory that a build may take, whoever put them there.

A directory that was uploaded is nobody's friend: links are followed only as far as they stay inside, devices and names
that no image should have are refused by name. Nothing outside of the root is ever read.
"""

import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path

from pullscope.base.errors import UsageError
from pullscope.images.dockerfile import globs
from pullscope.images.dockerfile.globs import Ignored, PatternError
from pullscope.images.layers import Entry

IGNORE_FILE = ".dockerignore"


class ContextError(UsageError):
    """The build context does not have what is asked of it; the message names the path."""


class Context:
    """The files below `root`, without those that its `.dockerignore` (or `ignore_file`) leaves out. Raises ContextError."""

    def __init__(self, root: Path, ignore_file: str = IGNORE_FILE) -> None:
        if not root.is_dir():
            raise ContextError(
                f"{root} is not a directory", hint="name the directory that holds the files of the image"
            )
        self._root = root.resolve()
        ignore = _inside(self._root, self._root / ignore_file)
        text = ignore.read_text(errors="replace") if ignore is not None and ignore.is_file() else ""
        try:
            self._ignored = Ignored(text.splitlines())
        except PatternError as error:
            raise ContextError(f"{ignore_file}: {error}") from error
        self._files = {path: file for path, file in _walk(self._root, self._root, "") if path not in self._ignored}
        self.files = sorted(self._files)
        """All paths, relative and with slashes."""

    def placed(self, into: str) -> list[Entry]:
        """All files, below the directory `into` of an image. Raises ContextError when there are none."""
        if not self._files:
            raise ContextError(
                f"{self._root} has no files", hint="put the files of the image there, for example app.war"
            )
        return [self.entry(path, f"{into}/{path}") for path in self.files]

    def text(self, path: str) -> str:
        """A text file of the context. Raises ContextError when it is not there or no UTF-8."""
        # A Dockerfile may leave itself out of what COPY sees, and is read all the same.
        file = self._files.get(path) or _inside(self._root, self._root / path)
        if file is None or not file.is_file():
            raise ContextError(f"the build context has no {path}", hint="the paths are relative to the directory given")
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ContextError(f"{path} is not UTF-8") from error

    def matching(self, pattern: str) -> list[tuple[str, list[str]]]:
        """What a source of COPY names: each match with its files, relative to it (a file by the empty path).

        Raises PatternError.
        """
        wanted = posixpath.normpath(posixpath.join("/", pattern)).lstrip("/")
        if not wanted:
            return [("", self.files)] if self._files else []
        matcher = globs.compiled(wanted)
        found: dict[str, list[str]] = {}
        for path in self.files:
            parts = path.split("/")
            if count := matcher.first(parts):
                found.setdefault("/".join(parts[:count]), []).append("/".join(parts[count:]))
        return sorted(found.items())

    def entry(self, path: str, target: str, mode: int | None = None) -> Entry:
        """The file `path` as an entry of a layer at `target`; its mode is 644 or 755 unless said."""
        file = self._files[path]
        executable = bool(file.stat().st_mode & stat.S_IXUSR)
        return Entry(target.lstrip("/"), file, mode if mode is not None else 0o755 if executable else 0o644)


def _walk(root: Path, directory: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(directory.iterdir()):
        name = prefix + path.name
        _check_name(name)
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(root, path, f"{name}/")
        elif stat.S_ISLNK(mode):
            target = _inside(root, path)
            if target is None or not target.is_file():
                raise ContextError(
                    f"the link {name} leads to no file of the build context", hint="put the file itself there"
                )
            yield name, target
        elif stat.S_ISREG(mode):
            yield name, path
        else:
            raise ContextError(f"{name} is neither a file nor a directory", hint="move it away")


def _inside(root: Path, path: Path) -> Path | None:
    """Where `path` really is, when that is below `root`."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):  # missing, or a circle of links
        return None
    return real if real.is_relative_to(root) else None


def _check_name(name: str) -> None:
    last = name.rpartition("/")[2]
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ContextError(f"the name {name!r} is not UTF-8", hint="rename it") from error
    if not name.isprintable() or "\\" in name:
        raise ContextError(f"the name {name!r} has characters that no image should have", hint="rename it")
    if last.startswith(".wh."):
        raise ContextError(f"{name} would hide files of the base image: names with .wh. do", hint="rename it")
