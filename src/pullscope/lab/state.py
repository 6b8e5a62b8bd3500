"""A lab's state directory: where it is, what lies in it, and whether the lab is running.

A running lab holds the lock in its directory; the operating system lets go of it when the process ends, however it ends.
So there are no stale process ids: `run.json` counts only while the lock is held.
"""

import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from pullscope.base import files
from pullscope.base.errors import DamagedFileError, PullscopeError
from pullscope.lab import names, settings
from pullscope.lab.settings import Settings

_T = TypeVar("_T")


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
    internal_registry: int


@dataclass(frozen=True)
class Run:
    """A running lab, as its process tells it: its id, and where (and with which token) it takes commands."""

    pid: int
    control_port: int
    control_token: str


class StateDirectory:
    """The directory of the lab `name`. Nothing is made before `create`."""

    def __init__(self, name: str, home: Path) -> None:
        names.check(name)
        self.name = name
        self.home = home
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
        """Remove everything, and what an interrupted `delete` left. A lab is never seen half deleted."""
        aside = self.root.with_name(f".{self.name}.{secrets.token_hex(4)}")
        with suppress(FileNotFoundError):  # another command has
            self.root.rename(aside)
        for leftover in self.root.parent.glob(f".{self.name}.*"):
            shutil.rmtree(leftover)

    def lock(self) -> "Lock":
        """Take the lock, to be released by its holder. Raises AlreadyRunningError."""
        return Lock(self.root / "lock", self.name)

    @property
    def is_running(self) -> bool:
        """Whether some process holds the lock."""
        try:
            self.lock().release()
        except AlreadyRunningError:
            return True
        except FileNotFoundError:
            pass
        return False

    def read_ports(self) -> Ports | None:
        """Raises DamagedFileError."""
        hint = "remove it: the lab then looks for free ports again"
        return self._read("ports.json", _ports, hint)

    def write_ports(self, ports: Ports) -> None:
        self._write("ports.json", asdict(ports))

    def read_settings(self) -> Settings | None:
        """What the lab was made with; None when it was not made yet. Raises OtherReleaseError, DamagedFileError."""
        hint = f"`pullscope delete{names.option(self.name)}` removes the lab"
        values = self._read("lab.json", dict, hint)
        if values is None and not (self.root / "credentials.json").exists():
            return None
        settings.check_release(self.name, (values or {}).get("release"))
        return self._read("lab.json", settings.parse, hint)

    def write_settings(self, made_with: Settings) -> None:
        self._write("lab.json", settings.document(made_with))

    @property
    def is_ephemeral(self) -> bool:
        """Whether the lab, of whatever release, is to be deleted when it does not run."""
        try:
            return bool(self._read("lab.json", lambda values: values["ephemeral"], ""))
        except DamagedFileError:
            return False

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


def all_labs(home: Path) -> Iterator[StateDirectory]:
    """Every lab whose directory is there."""
    for path in sorted((home / "labs").glob("*")):
        if names.is_name(path.name):
            yield StateDirectory(path.name, home)


def _ports(values: dict[str, Any]) -> Ports:
    return Ports(*(int(values[key]) for key in ("api", "registry", "internal_registry")))


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
