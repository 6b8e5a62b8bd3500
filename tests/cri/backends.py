"""What the contract of `cri.api` is tested over. A backend that speaks gRPC to a real runtime joins here."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.cri.world import world

from pullscope.cri.api import ImageService, RuntimeService


class Runtime(ImageService, RuntimeService, Protocol):
    """Both services of one node."""


@dataclass
class Backend:
    """A node, and a registry that it can pull from. `push` makes an image of the probe there; `words` says whether
    containers of it have a shell."""

    runtime: Runtime
    registry: str
    push: Callable[..., object]
    logs: Path


@asynccontextmanager
async def embedded(root: Path) -> AsyncIterator[Backend]:
    async with world(root) as made:
        yield Backend(made.runtime, made.registry, made.push, root / "logs")


BACKENDS: dict[str, Callable[[Path], AbstractAsyncContextManager[Backend]]] = {"embedded": embedded}
