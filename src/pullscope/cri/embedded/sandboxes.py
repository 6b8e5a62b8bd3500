"""Pod sandboxes: a name, an address and a log directory for the containers of one pod.

There is no pod network (docs/fidelity.md): a sandbox has an address of its own, and nothing answers there.
"""

import ipaddress
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pullscope.base import clock as clocks
from pullscope.base.clock import Clock
from pullscope.cri.api import ContainerEventType, CriError, PodSandbox, PodSandboxConfig, PodSandboxState
from pullscope.cri.embedded.events import Events
from pullscope.cri.embedded.state import State

_KIND = "sandbox"

# OpenShift's default cluster network, of which each node has a part; the first addresses of a part are the node's own.
NETWORK = ipaddress.IPv4Network("10.128.0.0/14")
_FIRST = 4


class Sandboxes:
    """All sandboxes, those of an earlier process too: their containers are gone, so they are not ready."""

    def __init__(self, state: State, events: Events, clock: Clock, network: ipaddress.IPv4Network) -> None:
        self._state = state
        self._events = events
        self._clock = clock
        self._network = network
        self._given = 0
        self._taken: set[str] = set()
        self._sandboxes = {sandbox.id: sandbox for sandbox in map(_decode, state.all(_KIND))}
        self._put(*(replace(sandbox, state=PodSandboxState.NOT_READY) for sandbox in self))

    def __iter__(self) -> Iterator[PodSandbox]:
        return iter([*self._sandboxes.values()])

    def get(self, sandbox_id: str) -> PodSandbox | None:
        """The sandbox of that id."""
        return self._sandboxes.get(sandbox_id)

    def status(self, sandbox_id: str) -> PodSandbox:
        """The sandbox of that id. Raises CriError (NotFound)."""
        sandbox = self._sandboxes.get(sandbox_id)
        if sandbox is None:
            text = f'could not find pod "{sandbox_id}": PodSandbox with ID starting with {sandbox_id} not found'
            raise CriError(f"{text}: ID does not exist", code="NotFound")
        return sandbox

    def ready(self, sandbox_id: str) -> PodSandbox:
        """The sandbox of that id, in which a container can be made. Raises CriError."""
        sandbox = self._sandboxes.get(sandbox_id)
        if sandbox is None:
            raise CriError(f"specified sandbox not found: {sandbox_id}", code="NotFound")
        if sandbox.state is not PodSandboxState.READY:
            raise CriError(f"CreateContainer failed as the sandbox was stopped: {sandbox_id}")
        return sandbox

    def run(self, config: PodSandboxConfig) -> PodSandbox:
        """Make a sandbox. Raises CriError when there is no address left."""
        address = "" if config.host_network else self._free_address()
        made = PodSandbox(
            secrets.token_hex(32), config, PodSandboxState.READY, clocks.nanoseconds(self._clock), address
        )
        self._put(made)
        self._taken.add(address)
        for kind in (ContainerEventType.CREATED, ContainerEventType.STARTED):
            self._events.tell(made.id, kind, made)
        return made

    def stop(self, sandbox: PodSandbox) -> None:
        """It is not ready any more; its containers must have been stopped."""
        if sandbox.state is PodSandboxState.READY:
            self._put(replace(sandbox, state=PodSandboxState.NOT_READY))
            self._taken.discard(sandbox.ip)
            self._events.tell(sandbox.id, ContainerEventType.STOPPED, sandbox)

    def remove(self, sandbox: PodSandbox) -> None:
        """Forget it; its containers must have been removed."""
        self._state.delete(_KIND, sandbox.id)
        del self._sandboxes[sandbox.id]
        self._events.tell(sandbox.id, ContainerEventType.DELETED, sandbox)

    def _put(self, *sandboxes: PodSandbox) -> None:
        self._state.put(_KIND, {sandbox.id: sandbox for sandbox in sandboxes})
        self._sandboxes.update({sandbox.id: sandbox for sandbox in sandboxes})

    def _free_address(self) -> str:
        """The next one after the last that was given, so that a pod's successor does not get its address."""
        size = self._network.num_addresses - 1 - _FIRST
        for step in range(size):
            number = (self._given + step) % size
            address = str(self._network[_FIRST + number])
            if address not in self._taken:
                self._given = number + 1
                return address
        raise CriError(f"no IP addresses available in {self._network}")


def _decode(value: dict[str, Any]) -> PodSandbox:
    config = PodSandboxConfig(**value["config"])
    return PodSandbox(**{**value, "config": config, "state": PodSandboxState(value["state"])})
