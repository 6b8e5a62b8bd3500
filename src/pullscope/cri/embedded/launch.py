"""What starting a container means: its arguments, environment, root and program, out of image and configuration.

Upstream: CRI-O 1.37 server/container_create.go for how command and args replace the image's, crun's words for what cannot be
found. Nothing runs here; files are only looked at.
"""

import functools
import posixpath
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pullscope.base.clock import Clock
from pullscope.cri.api import ContainerConfig, CriError, Mount, PodSandboxConfig
from pullscope.oci.documents import ImageConfig
from pullscope.runtime import lookup
from pullscope.runtime.program import Program
from pullscope.runtime.rootfs import Root, Volume
from pullscope.runtime.toolbox import shell
from pullscope.runtime.toolbox.context import Context, Flush, Programs

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # what OCI runtimes take without one


@dataclass(frozen=True)
class Held:
    """Nothing is executed: the image is for another platform."""


@dataclass(frozen=True)
class Place:
    """Where a process runs: what a word of the toolbox sees of its container. `extra` are words besides the toolbox's own."""

    env: tuple[tuple[str, str], ...]
    root: Root
    working_dir: str
    hostname: str
    user: str
    extra: Programs = field(default_factory=dict)

    def context(
        self, clock: Clock, write: Callable[[int, bytes], None], flush: Flush | None = None, *, tty: bool
    ) -> Context:
        """What a word has at hand when it writes there; without `flush` nobody need keep up with it."""
        take_turns = functools.partial(clock.sleep, 0)
        directory, env = self.working_dir, dict(self.env)
        streams = (write, flush or take_turns)
        made = Context(self.root, env, directory, clock, *streams, self.hostname, self.user, extra=self.extra)
        if tty:
            made.open_terminal()
        return made


@dataclass(frozen=True)
class RunWord:
    """A word of the toolbox."""

    word: str
    args: tuple[str, ...]
    place: Place

    def run(self, context: Context) -> Coroutine[Any, Any, int]:
        """Run it there; returns its exit code. A failed write raises OSError."""
        return shell.run(self.word, context, self.args)


@dataclass(frozen=True)
class Unfound:
    """A command that cannot be started. CRI-O shows what the OCI runtime says of it on stderr, and its exit code 1."""

    message: str
    place: Place

    async def run(self, context: Context) -> int:
        """Say so."""
        context.complain(self.message)
        return 1


Launch = Held | RunWord | Program


def decide(
    image: ImageConfig, tree: Path, sandbox: PodSandboxConfig, config: ContainerConfig, *, extra: Programs
) -> Launch:
    """How to start an executable image whose tree is `tree`. Raises CriError: there is no such program, no such mount.

    `extra` are words besides the toolbox's own.
    """
    args = arguments(image, config)
    env = environment(image, sandbox, config)
    root = Root(tree, tuple(volume(mount) for mount in config.mounts))
    working_dir = config.working_dir or image.working_dir or "/"
    found = lookup.program(root, args[0], search=env["PATH"], directory=working_dir)
    if found is None:
        raise CriError(not_found(args[0]))
    word = lookup.word(found, extra)
    if word is not None:
        place = Place(tuple(env.items()), root, working_dir, sandbox.hostname, image.user, extra)
        return RunWord(word, args[1:], place)
    return Program(found.host, root, args, tuple(env.items()), working_dir, config.memory_limit)


def command(
    running: RunWord | Program, words: Sequence[str], image: ImageConfig, sandbox: PodSandboxConfig, *, extra: Programs
) -> RunWord | Unfound:
    """How to exec `words` beside what runs in a container. Raises CriError when there are none. `extra`: see `decide`."""
    if not words:
        raise CriError("no command specified")
    beside = running.place if isinstance(running, RunWord) else running
    place = Place(beside.env, beside.root, beside.working_dir, sandbox.hostname, image.user, extra)
    found = lookup.program(place.root, words[0], search=dict(place.env)["PATH"], directory=place.working_dir)
    if found is None:
        return Unfound(not_found(words[0]), place)
    word = lookup.word(found, extra)
    if word is None:
        return Unfound(f"exec {words[0]}: beside a program, this runtime starts words of its toolbox only", place)
    return RunWord(word, tuple(words[1:]), place)


def arguments(image: ImageConfig, config: ContainerConfig) -> tuple[str, ...]:
    """The command line: `command` replaces Entrypoint and Cmd, `args` replaces Cmd. Raises CriError when it is empty."""
    own = (*config.command, *config.args)
    found = own if config.command else (*image.entrypoint, *(config.args or image.cmd))
    if not found:
        raise CriError("no command specified")
    return found


def environment(image: ImageConfig, sandbox: PodSandboxConfig, config: ContainerConfig) -> dict[str, str]:
    """The image's variables, then the container's; HOSTNAME is the pod's."""
    found = {"PATH": _PATH, "HOSTNAME": sandbox.hostname}
    if config.tty:
        found["TERM"] = "xterm"
    for text in image.env:
        name, _, value = text.partition("=")
        found[name] = value
    return found | dict(config.envs)


def volume(mount: Mount) -> Volume:
    """A directory of the host; made where it is missing, as CRI-O does. Raises CriError."""
    path, host = posixpath.normpath(mount.container_path), Path(mount.host_path)
    if not path.startswith("/") or path.strip("/") == "":
        raise CriError(f"cannot mount at {mount.container_path!r}: not a path inside the container")
    if host.exists() and not host.is_dir():
        raise CriError(f"cannot mount the file {host} at {path}: this runtime mounts directories only")
    try:
        host.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CriError(f"cannot mount {host} at {path}: {error.strerror}") from error
    return Volume(f"/{path.lstrip('/')}", host, mount.readonly)


def not_found(name: str) -> str:
    """What crun says of a program that is not there."""
    return f"executable file `{name}` not found in $PATH: No such file or directory"
