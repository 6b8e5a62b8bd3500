"""EnsureImageExists, as rows with a sequence: per sync the calls to the runtime, the events, and what comes of it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.node.fakes import FakeImages, image

from pullscope.base.clock import ManualClock
from pullscope.cri.api import AuthConfig, CriError, Image
from pullscope.kube.events import Note
from pullscope.node.images import ImageManager, Request
from pullscope.node.meters import Meters
from pullscope.node.records import Records
from pullscope.pull import failures, policy
from pullscope.pull.keyring import Credential
from pullscope.pull.policy import PullPolicy

REF = "127.0.0.1:5001/m/app:v1"
STATUS, PULL = ("status", REF), ("pull", REF)


@dataclass
class Sync:
    """One sync: `after` seconds, then the calls, the reasons of the events, and the waiting reason (None: it may start)."""

    calls: list[tuple[str, str]]
    events: str
    reason: str | None = None
    after: float = 0.0
    registry: Image | failures.PullFailure | None = None


@dataclass
class Row:
    id: str
    policy: PullPolicy
    syncs: list[Sync]
    on_node: bool = False
    broken: CriError | None = None
    registry: Image | failures.PullFailure = field(default_factory=failures.ManifestUnknown)


SIZE = ("status", image(REF, "new").id)
NEW = image(REF, "new")

ROWS = [
    Row("always asks the registry and never the node", "Always", [Sync([PULL, SIZE], "Pulling Pulled")], True, registry=NEW),
    Row("if not present, absent", "IfNotPresent", [Sync([STATUS, PULL, SIZE], "Pulling Pulled")], registry=NEW),
    Row("if not present, present", "IfNotPresent", [Sync([STATUS], "Pulled")], True),
    Row("never, present", "Never", [Sync([STATUS], "Pulled")], True),
    Row(
        "never, absent: no back-off", "Never",
        [Sync([STATUS], "ErrImageNeverPull", "ErrImageNeverPull")] * 2,
    ),
    Row(
        "the runtime cannot say", "IfNotPresent", [Sync([STATUS], "InspectFailed", "ImageInspectError")] * 2,
        broken=CriError("down", code="Unavailable"),
    ),
    Row(
        "windows of 10, 20 and 40 s", "Always",
        [
            Sync([PULL], "Pulling Failed", "ErrImagePull"),
            Sync([], "BackOff", "ImagePullBackOff", after=9.9),
            Sync([PULL], "Pulling Failed", "ErrImagePull", after=0.1),
            Sync([], "BackOff", "ImagePullBackOff", after=19),
            Sync([PULL], "Pulling Failed", "ErrImagePull", after=1),
            Sync([], "BackOff", "ImagePullBackOff", after=39.9),
        ],
    ),
    Row(
        "the image comes back", "IfNotPresent",
        [
            Sync([STATUS, PULL], "Pulling Failed", "ErrImagePull"),
            Sync([STATUS], "BackOff", "ImagePullBackOff", after=5, registry=NEW),
            Sync([STATUS, PULL, SIZE], "Pulling Pulled", after=5),
            Sync([STATUS], "Pulled"),
        ],
    ),
    Row(
        "the registry is down", "Always",
        [
            Sync([PULL], "Pulling Failed", "RegistryUnavailable"),
            Sync([], "BackOff", "ImagePullBackOff"),
        ],
        registry=failures.ConnectionRefused("127.0.0.1:5001"),
    ),
]  # fmt: skip


class Node:
    def __init__(self, root: Path) -> None:
        self.clock = ManualClock()
        self.service = FakeImages()
        self.changes = 0
        self.notes: list[Note] = []
        self.meters = Meters("crc", self.clock)
        records = Records(root, self.clock)
        self.manager = ImageManager(self.service, records, self.clock, self._changed, self.meters)

    def _changed(self) -> None:
        self.changes += 1

    async def say(self, note: Note) -> None:
        self.notes.append(note)

    async def ensure(
        self, pull_policy: PullPolicy, ref: str = REF
    ) -> policy.UseLocal | policy.UsePulled | policy.Refuse:
        self.notes.clear()
        self.service.calls.clear()
        return await self.manager.ensure_image_exists(Request("uid", ref, pull_policy), self.say)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
async def test_ensure_image_exists(row: Row, tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.service.broken = row.broken
    node.service.registry[REF] = row.registry
    if row.on_node:
        node.service.load(image(REF, "old"))
    delivered = 0
    for sync in row.syncs:
        node.clock.advance(sync.after)
        if sync.registry:
            node.service.registry[REF] = sync.registry
        outcome = await node.ensure(row.policy)
        assert node.service.calls == sync.calls
        assert [note.reason for note in node.notes] == sync.events.split()
        assert (outcome.reason if isinstance(outcome, policy.Refuse) else None) == sync.reason
        delivered += PULL in sync.calls and sync.reason is None
        assert node.changes == delivered


async def test_which_image_is_used(tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.service.load(image(REF, "old"))
    node.service.registry[REF] = NEW
    local = await node.ensure("IfNotPresent")
    pulled = await node.ensure("Always")
    assert isinstance(local, policy.UseLocal)
    assert isinstance(pulled, policy.UsePulled)
    assert (local.image_id, pulled.image_id) == (image(REF, "old").id, NEW.id)


async def test_a_name_that_is_none_never_reaches_the_runtime(tmp_path: Path) -> None:
    node = Node(tmp_path)
    outcome = await node.ensure("Always", "127.0.0.1:5001/UPPER/Case:v1")
    assert isinstance(outcome, policy.Refuse)
    assert outcome.reason == "InvalidImageName"
    assert node.service.calls == []


async def test_a_name_without_tag_is_asked_for_as_latest(tmp_path: Path) -> None:
    node = Node(tmp_path)
    await node.ensure("Never", "busybox")
    assert node.service.calls == [("status", "docker.io/library/busybox:latest")]


async def test_an_error_the_runtime_named_keeps_its_frame(tmp_path: Path) -> None:
    """containerd's NotFound, as recorded: `rpc error: code = NotFound desc = …`; Unknown loses it."""
    node = Node(tmp_path)
    node.service.flavour = "containerd"
    outcome = await node.ensure("Always")
    assert isinstance(outcome, policy.Refuse)
    assert outcome.message.startswith("rpc error: code = NotFound desc = failed to pull and unpack image")


class Registry(FakeImages):
    """It tells everybody by name that it does not know them."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        self.auths.append(auth)
        raise CriError(f"{auth.username if auth else 'nobody'} is not known")


@pytest.mark.parametrize(
    ("users", "message"),
    [
        ([], "nobody is not known"),
        (["a"], "a is not known"),
        (["a", "a"], "a is not known"),
        (["a", "b", "a"], "[a is not known, b is not known]"),
    ],
)
async def test_each_credential_is_tried_and_what_they_met_is_told_once(
    tmp_path: Path, users: list[str], message: str
) -> None:
    """kuberuntime_image.go (PullImage) and utilerrors.NewAggregate."""
    clock, service, notes = ManualClock(), Registry(), list[Note]()
    manager = ImageManager(service, Records(tmp_path, clock), clock, lambda: None, Meters("crc", clock))

    async def say(note: Note) -> None:
        notes.append(note)

    own = {"127.0.0.1:5001": tuple(Credential(user, "p") for user in users)}
    outcome = await manager.ensure_image_exists(Request("uid", REF, "Always", own=own), say)
    assert isinstance(outcome, policy.Refuse)
    assert (outcome.reason, outcome.message) == ("ErrImagePull", message)
    assert [auth.username if auth else "nobody" for auth in service.auths] == (users or ["nobody"])
