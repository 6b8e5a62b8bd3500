"""What tests see of a lab. Everything blocks until it is done, and may be called from any thread but the lab's own."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pullscope.base.clock import Clock
from pullscope.base.errors import UsageError
from pullscope.content.memory import MemoryStore
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig
from pullscope.lab.userconfig import UserConfig
from pullscope.registry.faults import Fault
from pullscope.testing import background, images, kubectl, namespaces
from pullscope.testing.background import Background
from pullscope.testing.images import Files, Image
from pullscope.testing.node import Node


@contextlib.contextmanager
def running(config: LabConfig) -> Iterator["Lab"]:
    """A lab that is ready, as long as the block. Raises what keeps it from starting, and LabEndedError for an early end."""
    made = Background(config)
    lab = made.start()
    try:
        yield Lab(made, lab, config.clock)
    finally:
        made.stop()


class Lab:
    """A running lab. What is asked of one that has ended raises LabEndedError.

    `nodes` are in the order of their names, `node` is the first of them.
    """

    def __init__(self, made: Background, lab: assembly.Lab, clock: Clock) -> None:
        self._background = made
        self._lab = lab
        self._clock = clock
        self.nodes: Sequence[Node] = [Node(made, kubelet) for kubelet in lab.nodes]
        self.node = self.nodes[0]

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig whose current context is this lab's, as administrator."""
        return self._lab.kubeconfig

    @property
    def developer_context(self) -> str:
        """The context of that kubeconfig in which one is the user `developer`, without rights on nodes."""
        return self._lab.access.developer_context

    @property
    def server(self) -> str:
        """The API server's URL."""
        return self._lab.server

    @property
    def registry(self) -> str:
        """The registry's `host:port`, with which the names of its images begin. It speaks plain HTTP."""
        return self._lab.registry

    @property
    def failure(self) -> BaseException | None:
        """What ended the lab too early; None as long as it is there."""
        return self._background.failure

    @contextlib.contextmanager
    def in_kubeconfig(self, path: Path) -> Iterator[None]:
        """The lab's contexts in another kubeconfig, as long as the block. What else is in that file stays as it is."""
        user = UserConfig([path], self.kubeconfig.parent, self._clock)
        background.apart(user.add(self._lab.access))
        try:
            yield
        finally:
            background.apart(user.remove(self._lab.access.context))

    def kubectl(self, *arguments: object, stdin: str | Mapping[str, Any] | None = None) -> str:
        """What the real kubectl prints, pointed at this lab. `stdin` is text, or one object as a dict.

        Raises KubectlError when it fails, MissingKubectlError when there is none.
        """
        __tracebackhide__ = True  # what a failed test shows is its own line
        self._background.check()
        return kubectl.run(self.kubeconfig, [str(argument) for argument in arguments], stdin)

    def push(self, files: Files, name: str) -> Image:
        """Make an image of the probe with `files` under /deployments, and push it to the lab's registry as `name`.

        The probe's program prints the name of each .war that it finds there, and stays. `files` is a directory, or a dict
        of names and bytes, or the name of one .war whose content does not matter. Needs no container engine.
        """
        store, reference = MemoryStore(), images.name_in(self.registry, name)
        root = images.make(store, files, reference.repository)
        self._background.call(images.push(reference, store, root))
        return Image(str(reference), str(root.digest))

    def untag(self, image: str | Image) -> None:
        """Take a tag away from the registry: who pulls it is told that there is none. Raises ManifestUnknownError."""
        self._background.call(images.untag(images.name_in(self.registry, str(image))))

    def requests(self, repository: str = "", *, since: int = 0) -> list[dict[str, Any]]:
        """What the registry was asked, of one repository or of all, oldest first: the records with a `seq` above `since`."""
        return self._background.call(images.requests(self.registry, repository, since))

    @contextlib.contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        """Let the registry go wrong, as long as the block. Raises UsageError for a fault that makes no sense."""
        active = self._background.call(self._lab.registry_faults.add(fault))
        try:
            yield
        finally:
            with contextlib.suppress(UsageError):  # it is over already
                self._background.call(self._lab.registry_faults.clear([active.id]))

    def create_namespace(self, purpose: str) -> str:
        """A new namespace with a name of its own that begins with `purpose`, in which pods are admitted."""
        return self._background.call(namespaces.create(self._lab.api, self._clock, purpose))

    def delete_namespace(self, name: str) -> None:
        """Delete the namespace, and return when it is gone with all that was in it."""
        self._background.call(namespaces.delete(self._lab.api, self._clock, name))

    def events(self, namespace: str) -> str:
        """The namespace's events, one a line, what was told last at the end."""
        return self._background.call(namespaces.events(self._lab.api, namespace))
