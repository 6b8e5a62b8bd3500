"""What a lab is to be: where it keeps its state, which ports it takes, and what is put between its parts.

The seams are for tests and for faults on demand. Each is a function from a part to something with the same protocol,
called when the lab is assembled; the lab uses what it returns and nothing else. So a test can plant a lie ("Always
uses the cache": an ImageService whose `pull_image` answers from `image_status`) without any switch in the part itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pullscope.base.clock import Clock, SystemClock
from pullscope.lab import names
from pullscope.lab.places import ANY, Port
from pullscope.node.kubeletconfig import DEFAULT, KubeletConfig
from pullscope.node.nodestatus import MAX_PODS
from pullscope.pull.flavours import Flavour
from pullscope.pull.keyring import Keyring
from pullscope.pull.mirrors import Mirror

if TYPE_CHECKING:
    from aiohttp import web

    from pullscope.cri.api import ImageService, RuntimeService


@dataclass(frozen=True)
class Seams:
    """What is put around a part of the lab; by default nothing."""

    images: "Callable[[ImageService], ImageService]" = lambda service: service
    """Around each node's image cache, as its kubelet uses it."""
    runtime: "Callable[[RuntimeService], RuntimeService]" = lambda service: service
    """Around each node's container runtime, as its kubelet uses it."""
    registry: "Callable[[web.Application], web.Application]" = lambda application: application
    """Around the registry's HTTP application, before it is served: add a middleware, or wrap it in another one."""


@dataclass(frozen=True)
class LabConfig:
    """One lab. With `root` None everything is in memory or in a temporary directory that goes with the lab.

    `nodes` is how many it has, `max_pods` how many pods each of them takes; `always_pull_images` switches the admission
    plugin of that name on; `kubelet` and `runtime` are how each node's kubelet works, and whose words its runtime speaks,
    `image_disk` the bytes of the disk for its images (None: it is never full), `pinned_images` the patterns of those that stay.
    """

    root: Path | None = None
    name: str = names.DEFAULT
    nodes: int = 1
    max_pods: int = MAX_PODS
    always_pull_images: bool = False
    api_port: Port = ANY
    registry_port: Port = ANY
    internal_registry_port: Port = ANY
    mirrors: Sequence[Mirror] = ()
    tutorial: bool = False
    credentials: Keyring = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    kubelet: KubeletConfig = DEFAULT
    runtime: Flavour = "cri-o"
    image_disk: int | None = None
    pinned_images: Sequence[str] = ()
    seams: Seams = Seams()
