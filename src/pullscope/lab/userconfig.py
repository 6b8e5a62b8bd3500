"""The user's kubeconfig files: add a lab's contexts to them, and take them away again.

What was there stays as it was. A file that was made for a lab goes with the last lab in it. Which files those are, and
which ones a lab is in, is remembered in the user's data directory: KUBECONFIG may be another one when the lab stops.
"""

import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pullscope.base import files
from pullscope.base.clock import Clock
from pullscope.base.errors import PullscopeError
from pullscope.lab import kubeconfig
from pullscope.lab.kubeconfig import Access, Document

_TRIES = 100
_PAUSE_SECONDS = 0.02


class LockedKubeconfigError(PullscopeError):
    """Another program is changing the file: client-go's lock, a file `config.lock` beside it, stays there."""


@dataclass(frozen=True)
class Added:
    """Which file has the contexts now, and whether the administrator's is the current one."""

    path: Path
    current: bool


def paths(environment: Mapping[str, str]) -> list[Path]:
    """The files that kubectl reads, the one to write last: the last of KUBECONFIG, else ~/.kube/config (as crc does)."""
    named = [Path(each) for each in environment.get("KUBECONFIG", "").split(os.pathsep) if each]
    return named or [Path.home() / ".kube" / "config"]


@dataclass(frozen=True)
class UserConfig:
    """The files that kubectl reads, the one to write last. `home` is where Pullscope keeps this user's data."""

    files: Sequence[Path]
    home: Path
    clock: Clock

    def check(self) -> None:
        """Raise MalformedKubeconfigError now rather than after a lab was started."""
        for path in self.files:
            _read(path)

    async def add(self, access: Access) -> Added:
        """Add the lab to the last of the files; its context becomes the current one when none of them names one.

        Raises MalformedKubeconfigError, LockedKubeconfigError.
        """
        current = next((name for path in self.files if (name := _read(path).get("current-context"))), "")
        path = self.files[-1]
        async with _changing(path, self.clock) as target:
            known = self._known()
            before = known.get(target, _Known(made=not target.exists()))
            self._remember({**known, target: replace(before, contexts=before.contexts | {access.context})})
            _write(target, kubeconfig.merge(_read(path), access, make_current=not current))
        return Added(path, current in ("", access.context))

    async def remove(self, context: str) -> None:
        """Take the lab out of every file that has it; `context` is its administrator's. Raises as `add`."""
        having = [path for path, known in self._known().items() if context in known.contexts]
        for path in dict.fromkeys([*(path.resolve() for path in self.files), *having]):
            if kubeconfig.unmerge(_read(path), context) != _read(path):
                async with _changing(path, self.clock) as target:
                    self._take_out(context, target)
            self._forget(context, path)

    async def forget(self, access: Access) -> None:
        """Take out what `oc login` wrote for the lab, which is about to be no more. Raises as `add`."""
        for path in dict.fromkeys([*(path.resolve() for path in self.files), *self._known()]):
            if kubeconfig.without_logins(_read(path), access) != _read(path):
                async with _changing(path, self.clock) as target:
                    _write(target, kubeconfig.without_logins(_read(target), access))

    def _take_out(self, context: str, target: Path) -> None:
        rest, known = kubeconfig.unmerge(_read(target), context), self._known().get(target)
        if known is not None and known.made and kubeconfig.is_empty(rest):
            target.unlink()
        else:
            _write(target, rest)

    @property
    def _record(self) -> Path:
        return self.home / "kubeconfigs.json"

    def _known(self) -> "dict[Path, _Known]":
        """What is remembered. Nothing, when the record is damaged: then an empty file stays."""
        try:
            record = json.loads(self._record.read_bytes())
            return {
                Path(path): _Known(bool(each["made"]), frozenset(each["contexts"])) for path, each in record.items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def _forget(self, context: str, path: Path) -> None:
        """The lab is not in the file any more; nothing needs to be known of a file without labs."""
        known = self._known()
        if path in known:
            left = known.pop(path)
            left = replace(left, contexts=left.contexts - {context})
            self._remember({**known, path: left} if left.contexts else known)

    def _remember(self, known: "Mapping[Path, _Known]") -> None:
        record = {str(path): {"made": each.made, "contexts": sorted(each.contexts)} for path, each in known.items()}
        files.write_atomic(self._record, json.dumps(record).encode())


@dataclass(frozen=True)
class _Known:
    """A kubeconfig that has labs: whether it was made for them, and their administrators' contexts."""

    made: bool
    contexts: frozenset[str] = frozenset()


def _read(path: Path) -> Document:
    return kubeconfig.parse(path.read_bytes() if path.exists() else b"", path)


def _write(target: Path, config: Document) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    files.write_atomic(target, kubeconfig.render(config), mode=mode)


@asynccontextmanager
async def _changing(path: Path, clock: Clock) -> AsyncIterator[Path]:
    """Keep kubectl and its like away, by the lock file that client-go uses. Gives the file itself where `path` is a link."""
    target = _made_ready(path)
    lock = target.with_name(f"{target.name}.lock")
    await _take(lock, target, clock)
    try:
        yield target
    finally:
        lock.unlink(missing_ok=True)


def _made_ready(path: Path) -> Path:
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


async def _take(lock: Path, target: Path, clock: Clock) -> None:
    for _ in range(_TRIES):
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
        except FileExistsError:
            await clock.sleep(_PAUSE_SECONDS)
        else:
            return
    hint = f"try again; if no such program runs, remove {lock}"
    raise LockedKubeconfigError(f"another program is changing {target}", hint=hint)
