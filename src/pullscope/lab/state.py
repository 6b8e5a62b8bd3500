"""A lab's state directory: where it is, what lies in it, and whether the lab is running.

A running lab holds the lock in its directory; the operating system lets go of it when the process ends, however it ends.
So there are no stale process ids: `run.json` counts only while the lock is held.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from pullscope.base import files
from pullscope.base.errors import DamagedFileError, PullscopeError, UsageError

_T = TypeVar("_T")

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


class AlreadyRunningError(PullscopeError):
    """The lab's lock is held by another process."""


def data_home(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where programs keep a user's data: PULLSCOPE_HOME, else the platform's place."""
    if environment.get("PULLSCOPE_HOME"):
        return Path(environment["PULLSCOPE_HOME"])
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "pullscope"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "pullscope"
    xdg = environment.get("XDG_DATA_HOME")
    return (Path(xdg) if xdg else Path.home() / ".local" / "share") / "pullscope"


@dataclass(frozen=True)
class Ports:
    """The ports that a lab had last: it tries them first when it comes up again."""

    api: int
    registry: int


@dataclass(frozen=True)
class Run:
    """A running lab, as its process tells it: its id, and where (and with which token) it takes commands."""

    pid: int
    control_port: int
    control_token: str


class StateDirectory:
    """The directory of the lab `name`. Nothing is made before `create`."""

    def __init__(self, name: str, home: Path) -> None:
        if not _NAME.fullmatch(name):
            hint = "use at most 32 lower case letters, digits and dashes, a letter or digit at both ends"
            raise UsageError(f"{name!r} is no name for a lab", hint=hint)
        self.name = name
        self.root = home / "labs" / name

    @property
    def log(self) -> Path:
        """What the background process writes."""
        return self.root / "lab.log"

    @property
    def exists(self) -> bool:
        return self.root.is_dir()

    def create(self) -> None:
        """Make the directory, readable by its owner alone."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def delete(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.root)

    def lock(self) -> "Lock":
        """Take the lock, to be released by its holder. Raises AlreadyRunningError."""
        return Lock(self.root / "lock", self.name)

    @property
    def is_running(self) -> bool:
        """Whether some process holds the lock."""
        if not self.exists:
            return False
        try:
            self.lock().release()
        except AlreadyRunningError:
            return True
        return False

    def read_ports(self) -> Ports | None:
        """Raises DamagedFileError."""
        hint = "remove it: the lab then looks for free ports again"
        return self._read("ports.json", lambda values: Ports(int(values["api"]), int(values["registry"])), hint)

    def write_ports(self, ports: Ports) -> None:
        self._write("ports.json", asdict(ports))

    def read_run(self) -> Run | None:
        """How to reach the running process; None when it has not come that far, or is gone. Raises DamagedFileError."""
        return self._read(
            "run.json",
            lambda values: Run(int(values["pid"]), int(values["control_port"]), str(values["control_token"])),
            f"end the process `pullscope.lab --name {self.name}` by its id, then `pullscope up` brings the lab back",
        )

    def write_run(self, run: Run) -> None:
        self._write("run.json", asdict(run))

    def clear_run(self) -> None:
        (self.root / "run.json").unlink(missing_ok=True)

    def _read(self, name: str, meant: Callable[[dict[str, Any]], _T], hint: str) -> _T | None:
        path = self.root / name
        if not path.exists():
            return None
        try:
            return meant(json.loads(path.read_bytes()))
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedFileError(path, error, hint=hint) from error

    def _write(self, name: str, values: dict[str, Any]) -> None:
        files.write_atomic(self.root / name, json.dumps(values).encode(), mode=0o600)


class Lock:
    """A file that one process at a time holds open and locked."""

    def __init__(self, path: Path, name: str) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except OSError as error:
            os.close(self._handle)
            hint = "`pullscope status` shows it, `pullscope stop` ends it"
            raise AlreadyRunningError(f"the lab {name} is already running", hint=hint) from error

    def release(self) -> None:
        os.close(self._handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
