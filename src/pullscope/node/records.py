"""Records of what the kubelet pulled with which credentials, as files that outlive it.

`pull.access` decides with them. The files are upstream's: `<root>/image_manager/pulled/sha256-<hash of the image id>` and
`pulling/sha256-<hash of the image's name>`, JSON of kubelet.config.k8s.io/v1beta1 (pkg/kubelet/images/pullmanager/fs_pullrecords.go,
Kubernetes v1.36). All are read once; a file that cannot be read counts as a pull with unknown credentials, the safe side.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pullscope.base import files
from pullscope.base.clock import Clock
from pullscope.content import streams
from pullscope.cri.api import Image
from pullscope.kube import meta
from pullscope.pull import access
from pullscope.pull.access import Credentials, PulledRecord, SecretRecord
from pullscope.pull.keyring import Credential
from pullscope.pull.verification import PRELOADED, Verification

_API_VERSION = "kubelet.config.k8s.io/v1beta1"


class Records:
    """The records of one node. `begin` must be followed by exactly one `delivered` or `failed`.

    What a method changed is on the disk when it returns: OSError is raised when it cannot be. `checks` counts what came of `verify`, in upstream's words (pullmanager/metrics.go).
    """

    def __init__(self, root: Path, clock: Clock, policy: Verification = PRELOADED) -> None:
        self._policy = policy
        self._pulled_dir = root / "image_manager" / "pulled"
        self._pulling_dir = root / "image_manager" / "pulling"
        self._clock = clock
        self._unsaved: dict[Path, bytes | None] = {}
        self._saving = asyncio.Lock()
        self.checks: Counter[str] = Counter()
        for directory in (self._pulled_dir, self._pulling_dir):
            directory.mkdir(parents=True, exist_ok=True)
            files.remove_unfinished(directory)
        read = {path.name: _read_pulled(path) for path in self._pulled_dir.glob("sha256-*")}
        self._pulled = {record.image_ref: record for record in read.values() if record}
        self._unreadable = {name for name, record in read.items() if record is None}
        intents = map(_read_intent, self._pulling_dir.glob("sha256-*"))
        self._under_way = Counter({image: 0 for image in intents if image})  # intents, and how many pulls have them now

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

    async def verify(self, image: str, image_id: str, name: str, offered: Sequence[Credential]) -> bool:
        """Whether the pod may use the image that is there; `image` is the pod's text, `name` without tag and digest."""
        record = self._pulled.get(image_id)
        if record is None and _path(self._pulled_dir, image_id).name in self._unreadable:
            record = PulledRecord(image_id)
        wanted = access.Wanted(image, name, offered, intended=image in self._under_way)
        match access.verify(record, wanted, self._policy):
            case access.Allowed(remember):
                if remember is not None:
                    self._merge(image_id, name, remember)
                    await self._save()
                self.checks["credentialRecordFound" if record else "credentialPolicyAllowed"] += 1
                return True
            case access.MustPull():
                self.checks["mustAuthenticate"] += 1
                return False

    async def begin(self, image: str) -> None:
        """A pull of `image` begins."""
        self._under_way[image] += 1
        if self._under_way[image] == 1:
            self._put(self._pulling_dir, image, {"kind": "ImagePullIntent", "image": image})
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

    def _end(self, image: str) -> None:
        self._under_way[image] -= 1
        if self._under_way[image] <= 0:
            del self._under_way[image]
            self._unsaved[_path(self._pulling_dir, image)] = None

    def _merge(self, image_id: str, name: str, credentials: Credentials | None) -> None:
        old = self._pulled.get(image_id)
        new = access.merged(old, image_id, name, credentials)
        if new is not old:
            self._pulled[image_id] = new
            self._put(self._pulled_dir, image_id, self._pulled_json(new))

    def _pulled_json(self, record: PulledRecord) -> dict[str, Any]:
        return {
            "kind": "ImagePulledRecord",
            "lastUpdatedTime": meta.timestamp(self._clock.now()),
            "imageRef": record.image_ref,
            "credentialMapping": {name: _credentials_json(those) for name, those in record.credentials.items()},
        }

    def _put(self, directory: Path, key: str, content: dict[str, Any]) -> None:
        data = json.dumps({"apiVersion": _API_VERSION, **content}, separators=(",", ":")).encode()
        self._unsaved[_path(directory, key)] = data

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


def _write(changes: Mapping[Path, bytes | None]) -> None:
    for path, data in changes.items():
        if data is None:
            path.unlink(missing_ok=True)
        else:
            files.write_atomic(path, data, mode=0o600)


def _path(directory: Path, key: str) -> Path:
    return directory / f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"


def _credentials_json(credentials: Credentials) -> dict[str, Any]:
    if credentials.node_pods_accessible:
        return {"nodePodsAccessible": True}
    return {
        "kubernetesSecrets": [
            {"uid": s.uid, "namespace": s.namespace, "name": s.name, "credentialHash": s.credential_hash}
            for s in credentials.secrets
        ]
    }


def _read_pulled(path: Path) -> PulledRecord | None:
    content = _read(path)
    if not isinstance(content.get("imageRef"), str):
        return None
    try:
        mapping = {name: _credentials(those) for name, those in (content.get("credentialMapping") or {}).items()}
    except (AttributeError, KeyError, TypeError):
        mapping = {}
    return PulledRecord(content["imageRef"], mapping)


def _credentials(content: dict[str, Any]) -> Credentials:
    secrets = tuple(
        SecretRecord(secret["namespace"], secret["name"], secret["uid"], secret["credentialHash"])
        for secret in content.get("kubernetesSecrets") or []
    )
    return Credentials(bool(content.get("nodePodsAccessible")), secrets)


def _read_intent(path: Path) -> str | None:
    image = _read(path).get("image")
    return image if isinstance(image, str) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
