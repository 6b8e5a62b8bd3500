"""What starting a container means: its arguments, environment, root and program, out of image and configuration.

Upstream: CRI-O 1.37 server/container_create.go for how command and args replace the image's, crun's words for what cannot be
found. Nothing runs here; files are only looked at.
"""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.cri.api import ContainerConfig, CriError, Mount, PodSandboxConfig
from pullscope.oci.documents import ImageConfig
from pullscope.runtime import lookup
from pullscope.runtime.program import Program
from pullscope.runtime.rootfs import Root, Volume
from pullscope.runtime.toolbox.context import Context, Flush, at_once

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # what OCI runtimes take without one


@dataclass(frozen=True)
class Held:
    """Nothing is executed: the image is for another platform."""


@dataclass(frozen=True)
class RunWord:
    """A word of the toolbox."""

    word: str
    args: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    root: Root
    working_dir: str
    hostname: str
    user: str

    def context(self, clock: Clock, write: Callable[[int, bytes], None], flush: Flush = at_once) -> Context:
        """What the word has at hand when it writes there."""
        return Context(
            self.root, dict(self.env), self.working_dir, clock, write, flush, hostname=self.hostname, user=self.user
        )


Launch = Held | RunWord | Program


def decide(image: ImageConfig, tree: Path, sandbox: PodSandboxConfig, config: ContainerConfig) -> Launch:
    """How to start an executable image whose tree is `tree`. Raises CriError: there is no such program, no such mount."""
    args = arguments(image, config)
    env = environment(image, sandbox, config)
    root = Root(tree, tuple(volume(mount) for mount in config.mounts))
    working_dir = config.working_dir or image.working_dir or "/"
    found = lookup.program(root, args[0], search=env["PATH"], directory=working_dir)
    if found is None:
        raise CriError(not_found(args[0]))
    word = lookup.word(found)
    if word is not None:
        return RunWord(word, args[1:], tuple(env.items()), root, working_dir, sandbox.hostname, image.user)
    return Program(found.host, root, args, tuple(env.items()), working_dir, config.memory_limit)


def command(running: RunWord | Program, words: Sequence[str], image: ImageConfig, sandbox: PodSandboxConfig) -> RunWord:
    """How to exec `words` beside what runs in a container. Raises CriError: only words of the toolbox can be."""
    env = dict(running.env)
    found = lookup.program(running.root, words[0], search=env["PATH"], directory=running.working_dir) if words else None
    word = lookup.word(found) if found else None
    if word is None:
        raise CriError(not_found(words[0]) if words else "no command specified")
    return RunWord(word, tuple(words[1:]), running.env, running.root, running.working_dir, sandbox.hostname, image.user)


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
