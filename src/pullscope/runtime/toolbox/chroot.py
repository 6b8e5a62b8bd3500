"""`chroot`: run a word where another directory is the root. It comes with an image that marks it, not with every toolbox.

Upstream: GNU coreutils 9 chroot.c, without its options.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import replace

from pullscope.runtime import lookup
from pullscope.runtime.rootfs import Found, Root, Volume
from pullscope.runtime.toolbox import shell
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.programs import UsageError

_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127


async def run(context: Context, arguments: Sequence[str]) -> int:
    """`chroot DIRECTORY [WORD…]`, without a word a shell. A failed write raises OSError."""
    if not arguments:
        raise UsageError("missing operand")
    if arguments[0].startswith("-"):
        raise UsageError(f"unrecognized option '{arguments[0]}'")
    found = context.root.find(arguments[0], context.directory)
    if not found.host.is_dir():
        context.complain(f"chroot: cannot change root directory to '{arguments[0]}': {_why(found)}")
        return _FAILED
    words = arguments[1:] or ["/bin/sh"]
    inside = replace(context, root=below(context.root, found), directory="/", env=dict(context.env))
    program = lookup.program(inside.root, words[0], search=inside.env.get("PATH", ""), directory="/")
    if program is None:
        context.complain(f"chroot: failed to run command '{words[0]}': No such file or directory")
        return _NOT_FOUND
    word = lookup.word(program, inside.extra)
    if word is None:
        context.complain(f"chroot: failed to run command '{words[0]}': the toolbox starts its own words only")
        return _NOT_EXECUTABLE
    return await shell.run(word, inside, words[1:])


def below(root: Root, directory: Found) -> Root:
    """What is in a directory of `root` that was found, as a root of its own: the volumes in it included."""
    inside = f"{directory.path.rstrip('/')}/"
    volumes = (
        Volume(posixpath.join("/", volume.path.removeprefix(inside)), volume.host, volume.readonly)
        for volume in root.volumes
        if volume.path.startswith(inside)
    )
    return Root(directory.host, tuple(volumes))


def _why(found: Found) -> str:
    return "Not a directory" if found.host.exists() else "No such file or directory"
