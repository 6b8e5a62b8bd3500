"""Find what a command's name means in a container: a file, by a path or along PATH, and whether it is a toolbox word."""

from collections.abc import Container

from pullscope.oci import toolbox
from pullscope.runtime.rootfs import Found, Root


def program(root: Root, name: str, *, search: str, directory: str) -> Found | None:
    """The file of a command; `search` is PATH, `directory` the working directory. None when there is none."""
    names = [name] if "/" in name else [f"{part or '.'}/{name}" for part in search.split(":")]
    for candidate in names:
        try:
            found = root.find(candidate, directory)
        except OSError:  # a loop of links, a name that cannot be
            continue
        if found.host.is_file():
            return found
    return None


def word(found: Found, extra: Container[str] = ()) -> str | None:
    """The toolbox word, or one of `extra`, that the image marks with this file; None when it is any other file."""
    name = found.path.rpartition("/")[2]
    if name not in toolbox.WORDS and name not in extra:
        return None
    with found.host.open("rb") as file:
        return name if file.read(len(toolbox.MARK) + 1) == toolbox.MARK else None
