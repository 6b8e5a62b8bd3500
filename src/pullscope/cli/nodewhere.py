"""Whose nodes `pullscope node` is about, and what it tells of them, one part after the other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

Part = dict[str, Any]


@dataclass(frozen=True)
class Where:
    """A lab's name, or a cluster: a context or a kubeconfig. `access`: through a debug pod of `debug_image` on the node."""

    name: str
    context: str | None = None
    kubeconfig: Path | None = None
    access: bool = False
    debug_image: str = ""

    @property
    def in_lab(self) -> bool:
        return self.context is None and self.kubeconfig is None
