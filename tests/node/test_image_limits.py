"""Pulls side by side or one after the other, so many in a second, and a kubelet from before credentials were checked."""

import asyncio
from pathlib import Path

import pytest
from tests.node.fakes import FakeImages, image

from pullscope.base.clock import ManualClock
from pullscope.kube.events import Note
from pullscope.node.images import ImageManager, Outcome, Request
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.node.meters import Meters
from pullscope.node.records import Records
from pullscope.pull import policy
from pullscope.pull.policy import PullPolicy

NAMES = [f"r.test/app:{number}" for number in range(3)]
SECRET = {
    "metadata": {"name": "s", "namespace": "ns", "uid": "u"},
    "type": "kubernetes.io/dockercfg",
    "data": {".dockercfg": "eyJyLnRlc3QiOnsidXNlcm5hbWUiOiJtZSIsInBhc3N3b3JkIjoic2VjcmV0In19"},  # me:secret for r.test
}


class Node:
    def __init__(self, root: Path, config: KubeletConfig) -> None:
        self.clock = ManualClock()
        self.service = FakeImages()
        self.service.registry = {name: image(name, name) for name in NAMES}
        self.notes: list[str] = []
        self.root = root
        records = Records(root, self.clock, config.verification)
        meters = Meters("crc", self.clock)
        self.manager = ImageManager(self.service, records, self.clock, lambda: None, meters, config)

    async def say(self, note: Note) -> None:
        self.notes.append(note.message)

    async def ensure(self, name: str, pull_policy: PullPolicy = "IfNotPresent", *, secret: bool = False) -> Outcome:
        request = Request(name, name, pull_policy, [SECRET] if secret else [])
        return await self.manager.ensure_image_exists(request, self.say)

    async def until(self, *, said: int, begun: int) -> None:
        while len(self.notes) < said or len(self.pulling) < begun:
            await asyncio.to_thread(lambda: None)  # threads write records

    async def intended(self, number: int) -> None:
        """Wait until so many pulls are on the disk as begun."""
        while len(list((self.root / "image_manager" / "pulling").glob("sha256-*"))) < number:
            await asyncio.to_thread(lambda: None)  # threads write records

    @property
    def pulling(self) -> list[str]:
        return [name for call, name in self.service.calls if call == "pull"]


@pytest.mark.parametrize(("at_once", "begun"), [(1, 1), (2, 2), (None, 3)])
async def test_so_many_pulls_side_by_side(tmp_path: Path, at_once: int | None, begun: int) -> None:
    node = Node(tmp_path, KubeletConfig(at_once=at_once))
    gate = node.service.gate = asyncio.Event()
    pulls = [asyncio.create_task(node.ensure(name)) for name in NAMES]
    await node.until(said=len(NAMES), begun=begun)
    assert len(node.pulling) == begun
    assert sorted(node.notes) == [f'Pulling image "{name}"' for name in NAMES]
    await node.intended(len(NAMES))  # also those that wait for their turn
    node.clock.advance(2)
    gate.set()
    await asyncio.gather(*pulls)
    assert sorted(node.pulling) == NAMES
    waited = [message for message in node.notes if "in 0s (2s including waiting)" in message]
    assert len(waited) == len(NAMES) - begun


async def test_more_in_a_second_than_allowed_fail(tmp_path: Path) -> None:
    node = Node(tmp_path, KubeletConfig(qps=1, burst=2))
    outcomes = [await node.ensure(name) for name in NAMES]
    assert [isinstance(outcome, policy.UsePulled) for outcome in outcomes] == [True, True, False]
    refused = outcomes[2]
    assert isinstance(refused, policy.Refuse)
    assert (refused.reason, refused.message) == ("ErrImagePull", "pull QPS exceeded")
    assert node.notes[-1] == f'Failed to pull image "{NAMES[2]}": pull QPS exceeded'
    node.clock.advance(10)
    assert isinstance(await node.ensure(NAMES[2]), policy.UsePulled)


@pytest.mark.parametrize("release", [(1, 34), (1, 35)])
async def test_before_credentials_were_checked_what_is_there_was_everybodys(
    tmp_path: Path, release: tuple[int, int]
) -> None:
    node = Node(tmp_path, KubeletConfig(release))
    node.service.passwords[NAMES[0]] = "secret"
    assert isinstance(await node.ensure(NAMES[0], secret=True), policy.UsePulled)
    outcome = await node.ensure(NAMES[0], "Never")
    if release == (1, 34):
        assert isinstance(outcome, policy.UseLocal)
        assert node.notes[-1] == f'Container image "{NAMES[0]}" already present on machine'
        assert list((tmp_path / "image_manager").glob("*/sha256-*")) == []
    else:
        assert isinstance(outcome, policy.Refuse)
        assert outcome.reason == "ErrImageNeverPull"
        assert len(list((tmp_path / "image_manager").glob("*/sha256-*"))) == 1
