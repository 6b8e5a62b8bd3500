"""Where a lab listens."""

from dataclasses import dataclass

ADDRESS = "127.0.0.1"
API_PORT = 6443
REGISTRY_PORT = 5000
INTERNAL_REGISTRY_PORT = 5001


@dataclass(frozen=True)
class Port:
    """A port to listen on. `number` 0 is any free one; `exact` means that one or an error, else the next free one."""

    number: int = 0
    exact: bool = False


ANY = Port()
