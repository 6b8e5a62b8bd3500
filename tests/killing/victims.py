"""Server processes that can be killed at any moment and started again on the same directory.

`Servers` is the API server and the registry alone, up in half a second; `WholeLab` is what `pullscope up` starts.
"""

import asyncio
import contextlib
import json
import os
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp

from pullscope.lab import kubeconfig
from pullscope.lab.state import Ports, StateDirectory

TOKEN = "sha256~of-kubeadmin"
_REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Target:
    """Where a server answers: the API's URL and token, the registry's host and port."""

    server: str
    token: str
    registry: str
    trusted: ssl.SSLContext | None = None

    def session(self) -> aiohttp.ClientSession:
        """Asks the API as its administrator."""
        connector = aiohttp.TCPConnector(ssl=self.trusted) if self.trusted else None
        return aiohttp.ClientSession(
            self.server, headers={"Authorization": f"Bearer {self.token}"}, connector=connector
        )


class Victim(Protocol):
    """How one kind of server is started, and where it answers."""

    root: Path

    def command(self) -> list[str]: ...

    def environment(self) -> dict[str, str]: ...

    def target(self, ready: bytes) -> Target:
        """Where the server that printed this line answers."""


class Servers:
    """The API server and the registry in one process (`tests.killing.child`)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.killing.child", str(self.root), TOKEN]

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def target(self, ready: bytes) -> Target:
        told = json.loads(ready)
        return Target(told["server"], TOKEN, told["registry"])


class WholeLab:
    """A lab with two nodes, in a home of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        state = StateDirectory("killed", home)
        state.create()
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
            state.write_ports(Ports(*(each.getsockname()[1] for each in held)))
        self.root = state.root

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pullscope.lab", "--name", "killed", "--wanted", '{"nodes": 2}']

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PULLSCOPE_HOME": str(self._home)}

    def target(self, ready: bytes) -> Target:
        told = json.loads(ready)["ready"]
        access = kubeconfig.access_in(self.root / "kubeconfig")
        trusted = ssl.create_default_context(cadata=access.ca.decode())
        return Target(told["server"], access.token, told["registry"], trusted)


class Process:
    """One life of a victim."""

    def __init__(self, victim: Victim, process: asyncio.subprocess.Process) -> None:
        self._victim = victim
        self._process = process

    @classmethod
    async def start(cls, victim: Victim) -> "Process":
        with (victim.root / "errors.log").open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *victim.command(),
                env=victim.environment(),
                cwd=_REPOSITORY,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        return cls(victim, process)

    async def ready(self) -> Target | None:
        """Where it answers; None when it ended before it did."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return self._victim.target(line) if line.endswith(b"\n") else None

    async def kill(self) -> None:
        """End it as `kill -9` does, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    @property
    def killed(self) -> bool:
        """Whether it ended because it was killed, and not by itself."""
        return self._process.returncode is not None and self._process.returncode != 1
