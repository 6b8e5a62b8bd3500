"""Records of what the kubelet pulled with which credentials, as files that outlive it.

`pull.access` decides with them. The files are upstream's (`recordfiles`): `<root>/image_manager/pulled/sha256-<hash of the image
id>` and `pulling/sha256-<hash of the image's name>`. All are read once; where one cannot be read, credentials are asked for
whatever the policy, the safe side. An image that goes leaves its record until images are collected.

Upstream: pkg/kubelet/images/pullmanager/image_pull_manager.go and fs_pullrecords.go, Kubernetes v1.36.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar, assert_never

from pullscope.base import files
from pullscope.base.clock import Clock
from pullscope.content import streams
from pullscope.cri.api import Image
from pullscope.node import recordfiles
from pullscope.node.recordfiles import Pulled, UnreadableError
from pullscope.pull import access
from pullscope.pull.access import Allowed, Credentials, Exempt, MustPull, Unreadable
from pullscope.pull.keyring import Credential
from pullscope.pull.verification import PRELOADED, Verification

_Read = TypeVar("_Read")


class Records:
    """The records of one node. `begin` must be followed by exactly one `delivered` or `failed`.

    What a method changed is on the disk when it returns: OSError is raised when it cannot be. `checks` counts what came of
    `verify`, in upstream's words (pullmanager/metrics.go).
    """

    def __init__(self, root: Path, clock: Clock, policy: Verification = PRELOADED) -> None:
        self._policy = policy
        self._pulled_dir = root / "image_manager" / "pulled"
        self._pulling_dir = root / "image_manager" / "pulling"
        self._clock = clock
        self._unsaved: dict[Path, bytes | None] = {}
        self._saving = asyncio.Lock()
        self._unreadable: set[Path] = set()
        self.checks: Counter[str] = Counter()
        self._pulled: dict[str, Pulled] = {}
        self._under_way: Counter[str] = Counter()  # intents, and how many pulls have them now
        self._read_all()

    @property
    def pulled(self) -> int:
        """How many images have a record."""
        return len(self._pulled)

    @property
    def under_way(self) -> int:
        """How many images are being pulled, or were when a former kubelet ended."""
        return len(self._under_way)

    async def settle(self, images: Iterable[Image]) -> None:
        """At start: pulls that a former kubelet left under way and that did end count as pulled, by nobody knows whom."""
        left = set(self._under_way)
        for image in images:
            for name in left & {*image.repo_tags, *image.repo_digests}:
                self._merge(image.id, name.rpartition("@")[0] or name.rpartition(":")[0], None)
                self._end(name)
        await self._save()

    async def verify(
        self, image: str, image_id: str, name: str, offered: Sequence[Credential] | Unreadable
    ) -> access.Verdict:
        """Whether the pod may use the image that is there; `image` is the pod's text, `name` without tag and digest."""
        kept = self._pulled.get(image_id)
        if self._broken(image, image_id):
            self.checks["error"] += 1
            return MustPull()
        wanted = access.Wanted(image, name, offered, intended=image in self._under_way)
        verdict = access.verify(kept.record if kept else None, wanted, self._policy)
        self.checks[_result(verdict)] += 1
        if isinstance(verdict, Allowed) and verdict.remember is not None:
            self._merge(image_id, name, verdict.remember)
            await self._save()
        return verdict

    async def begin(self, image: str) -> None:
        """A pull of `image` begins."""
        self._under_way[image] += 1
        if self._under_way[image] == 1:
            self._put(recordfiles.path(self._pulling_dir, image), recordfiles.of_intent(image))
        await self._save()

    async def delivered(self, image: str, image_id: str, name: str, used: Credential | None) -> None:
        """The pull ended well, with that credential."""
        self._merge(image_id, name, access.recorded(used))
        self._end(image)
        await self._save()

    async def failed(self, image: str) -> None:
        """The pull ended, or will never be finished."""
        self._end(image)
        await self._save()

    async def prune(self, images: Collection[str], until: datetime) -> None:
        """Forget the images that are not among `images` (ids), which were seen at `until`: PruneUnknownRecords."""
        gone = [each for each, kept in self._pulled.items() if each not in images and kept.updated < until]
        for image_id in gone:
            del self._pulled[image_id]
            self._put(recordfiles.path(self._pulled_dir, image_id), None)
        await self._save()

    # --------------------------------------------------------------------- what is known

    def _broken(self, image: str, image_id: str) -> bool:
        """Whether a file that would say who pulled it cannot be read."""
        if image_id in self._pulled:
            return False
        here = {recordfiles.path(self._pulled_dir, image_id)}
        if image not in self._under_way:
            here.add(recordfiles.path(self._pulling_dir, image))
        return bool(here & self._unreadable)

    def _end(self, image: str) -> None:
        self._under_way[image] -= 1
        if self._under_way[image] <= 0:
            del self._under_way[image]
            self._put(recordfiles.path(self._pulling_dir, image), None)

    def _merge(self, image_id: str, name: str, credentials: Credentials | None) -> None:
        old = self._pulled.get(image_id)
        new = access.merged(old.record if old else None, image_id, name, credentials)
        if old is None or new is not old.record:
            self._pulled[image_id] = kept = Pulled(new, self._clock.now())
            self._put(recordfiles.path(self._pulled_dir, image_id), recordfiles.of_pulled(new, kept.updated))

    # --------------------------------------------------------------------- the disk

    def _read_all(self) -> None:
        """What a former kubelet left; what it wrote in an older version is written again by the next that saves."""
        for file, pulled in self._files(self._pulled_dir, recordfiles.read_pulled):
            if file == recordfiles.path(self._pulled_dir, pulled.record.image_ref):
                self._pulled[pulled.record.image_ref] = pulled
                if not pulled.current:
                    self._put(file, recordfiles.of_pulled(pulled.record, pulled.updated))
        for file, intent in self._files(self._pulling_dir, recordfiles.read_intent):
            if file == recordfiles.path(self._pulling_dir, intent.image):
                self._under_way[intent.image] = 0
                if not intent.current:
                    self._put(file, recordfiles.of_intent(intent.image))

    def _files(self, directory: Path, read: Callable[[Path], _Read]) -> Iterable[tuple[Path, _Read]]:
        directory.mkdir(parents=True, exist_ok=True)
        files.remove_unfinished(directory)
        for file in directory.glob("sha256-*"):
            try:
                yield file, read(file)
            except (UnreadableError, OSError):
                self._unreadable.add(file)

    def _put(self, file: Path, content: bytes | None) -> None:
        self._unreadable.discard(file)
        self._unsaved[file] = content

    async def _save(self) -> None:
        """Write what changed, one writer at a time so that the newest stays, beside the event loop: the disk is waited for."""
        if self._unsaved:
            async with self._saving:
                changes, self._unsaved = self._unsaved, {}
                try:
                    await streams.in_thread(_write, changes)
                except OSError:
                    self._unsaved = {**changes, **self._unsaved}  # the next writer tries again
                    raise


def _result(verdict: access.Verdict) -> str:
    match verdict:
        case Exempt():
            return "credentialPolicyAllowed"
        case Allowed():
            return "credentialRecordFound"
        case MustPull():
            return "mustAuthenticate"
        case Unreadable():
            return "error"
        case _:
            assert_never(verdict)


def _write(changes: Mapping[Path, bytes | None]) -> None:
    for path, data in changes.items():
        if data is None:
            path.unlink(missing_ok=True)
        else:
            files.write_atomic(path, data, mode=0o600)
