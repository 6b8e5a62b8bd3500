"""What crictl's commands work with: a node's CRI services, where their words go, and how they fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pullscope.cri.api import CriError, ImageService, RuntimeService
from pullscope.cri.crictl import speech
from pullscope.cri.crictl.flags import Parsed
from pullscope.pull.flavours import Flavour
from pullscope.runtime.toolbox.context import Context


@dataclass(frozen=True)
class Node:
    """A node's services. `config` gives the configuration of an image by its id (raises CriError), `images_changed` is told
    when the images did: the kubelet does not see what goes past it. `flavour` is the runtime whose answers these are.
    """

    images: ImageService
    runtime: RuntimeService
    config: Callable[[str], Mapping[str, Any]]
    images_changed: Callable[[], None]
    flavour: Flavour = "cri-o"


class CrictlError(Exception):
    """The command failed; the message is crictl's."""


class ExitError(CrictlError):
    """The same, said without its logger, as github.com/urfave/cli's Exit is."""


@dataclass(frozen=True)
class Call:
    """One command line at work."""

    node: Node
    context: Context
    given: Parsed

    def say(self, text: str) -> None:
        """Write a line, or lines, to stdout."""
        self.context.say(f"{text}\n")

    def failed(self, place: str, what: str, error: CriError, image: str) -> None:
        """Say what cri-client says of a failed call."""
        line = speech.failed_call(place, what, error.framed, image, now=self.context.clock.now())
        self.context.complain(line)
