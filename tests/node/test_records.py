"""Records of pulls: kept in upstream's files, read again, never trusted when they cannot be read."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from tests.fulldisk import files_end_at

from pullscope.base.clock import ManualClock
from pullscope.cri.api import Image
from pullscope.node.records import Records
from pullscope.pull.keyring import Credential, Secret

IMAGE, NAME, ID = "r/app:v1", "r/app", "0" * 64
MINE = Credential("user", "pass", Secret("uid", "ns", "s"))
OTHER = Credential("other", "pass", Secret("uid2", "ns", "t"))


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path, ManualClock())


async def pulled(records: Records, used: Credential | None) -> None:
    await records.begin(IMAGE)
    await records.delivered(IMAGE, ID, NAME, used)


async def allowed(records: Records, *offered: Credential) -> bool:
    return await records.verify(IMAGE, ID, NAME, offered)


def files(root: Path, kind: str) -> list[Path]:
    return list((root / "image_manager" / kind).iterdir())


async def test_a_pull_leaves_a_record_under_the_images_id(tmp_path: Path, records: Records) -> None:
    await pulled(records, None)
    (path,) = files(tmp_path, "pulled")
    assert path.name == f"sha256-{hashlib.sha256(ID.encode()).hexdigest()}"
    assert json.loads(path.read_text()) == {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "ImagePulledRecord",
        "lastUpdatedTime": "2026-01-01T00:00:00Z",
        "imageRef": ID,
        "credentialMapping": {NAME: {"nodePodsAccessible": True}},
    }
    assert files(tmp_path, "pulling") == []


async def test_who_pulled_may_use_and_others_may_not(records: Records) -> None:
    assert await allowed(records)
    await pulled(records, MINE)
    assert (await allowed(records, MINE), await allowed(records, OTHER), await allowed(records)) == (True, False, False)


async def test_records_are_read_again(tmp_path: Path, records: Records) -> None:
    await pulled(records, MINE)
    again = Records(tmp_path, ManualClock())
    assert (await allowed(again, MINE), await allowed(again, OTHER)) == (True, False)


async def test_the_same_credential_in_another_secret_is_remembered(tmp_path: Path, records: Records) -> None:
    await pulled(records, MINE)
    twin = Credential("user", "pass", Secret("uid3", "ns2", "x"))
    assert await allowed(records, twin)
    (path,) = files(tmp_path, "pulled")
    (credentials,) = json.loads(path.read_text())["credentialMapping"].values()
    assert [secret["name"] for secret in credentials["kubernetesSecrets"]] == ["s", "x"]


async def test_a_pull_under_way_counts_as_pulled(tmp_path: Path, records: Records) -> None:
    await records.begin(IMAGE)
    await records.begin(IMAGE)
    assert not await allowed(records, MINE)
    (path,) = files(tmp_path, "pulling")
    assert json.loads(path.read_text())["image"] == IMAGE
    await records.failed(IMAGE)
    assert not await allowed(records, MINE)
    await records.failed(IMAGE)
    assert await allowed(records, MINE)
    assert files(tmp_path, "pulling") == []


@pytest.mark.parametrize("name", [IMAGE, "r/app@sha256:" + "a" * 64])
async def test_a_pull_that_ended_unseen_belongs_to_nobody(tmp_path: Path, records: Records, name: str) -> None:
    await records.begin(name)
    again = Records(tmp_path, ManualClock())
    await again.settle([Image(ID, (IMAGE,), ("r/app@sha256:" + "a" * 64,))])
    assert files(tmp_path, "pulling") == []
    assert len(files(tmp_path, "pulled")) == 1
    assert not await allowed(again, MINE)


async def test_a_pull_that_never_ended_stays_under_way_until_the_next_one_has(tmp_path: Path, records: Records) -> None:
    await records.begin(IMAGE)
    again = Records(tmp_path, ManualClock())
    await again.settle([])
    assert len(files(tmp_path, "pulling")) == 1
    assert not await allowed(again, MINE)
    await again.begin(IMAGE)
    await again.failed(IMAGE)
    assert files(tmp_path, "pulling") == []
    assert await allowed(again, MINE)


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"{}", b'{"imageRef": 1}'])
async def test_a_record_that_cannot_be_read_lets_nobody_in(tmp_path: Path, records: Records, content: bytes) -> None:
    await pulled(records, None)
    files(tmp_path, "pulled")[0].write_bytes(content)
    again = Records(tmp_path, ManualClock())
    assert not await allowed(again, MINE)
    await again.begin(IMAGE)
    await again.delivered(IMAGE, ID, NAME, None)
    assert await allowed(again)


async def test_a_record_with_broken_credentials_lets_nobody_in(tmp_path: Path, records: Records) -> None:
    await pulled(records, None)
    files(tmp_path, "pulled")[0].write_text(json.dumps({"imageRef": ID, "credentialMapping": {NAME: "x"}}))
    assert not await allowed(Records(tmp_path, ManualClock()), MINE)


async def test_saving_does_not_hold_up_the_loop_and_the_newest_stays(tmp_path: Path, records: Records) -> None:
    await asyncio.gather(*(pulled(records, Credential("user", str(n), Secret(str(n), "ns", "s"))) for n in range(20)))
    again = Records(tmp_path, ManualClock())
    for number in range(20):
        assert await allowed(again, Credential("user", str(number), Secret(str(number), "ns", "s")))
    assert files(tmp_path, "pulling") == []


async def test_what_a_killed_kubelet_was_writing_is_removed(tmp_path: Path, records: Records) -> None:
    await pulled(records, MINE)
    (path,) = files(tmp_path, "pulled")
    path.with_name(f".{path.name}.abcdefgh.new").write_bytes(b"{")
    assert await allowed(Records(tmp_path, ManualClock()), MINE)
    assert files(tmp_path, "pulled") == [path]


async def test_what_a_full_disk_did_not_take_is_written_later(tmp_path: Path, records: Records) -> None:
    await records.begin(IMAGE)
    with files_end_at(10), pytest.raises(OSError, match="File too large"):
        await records.delivered(IMAGE, ID, NAME, MINE)
    assert files(tmp_path, "pulled") == []
    await records.begin("r/another:v1")
    assert await allowed(Records(tmp_path, ManualClock()), MINE)
