"""Records of pulls: kept in upstream's files, read again, never trusted when they cannot be read."""

import hashlib
import json
from pathlib import Path

import pytest

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


def pulled(records: Records, used: Credential | None) -> None:
    records.begin(IMAGE)
    records.delivered(IMAGE, ID, NAME, used)


def allowed(records: Records, *offered: Credential) -> bool:
    return records.verify(IMAGE, ID, NAME, offered)


def files(root: Path, kind: str) -> list[Path]:
    return list((root / "image_manager" / kind).iterdir())


def test_a_pull_leaves_a_record_under_the_images_id(tmp_path: Path, records: Records) -> None:
    pulled(records, None)
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


def test_who_pulled_may_use_and_others_may_not(records: Records) -> None:
    assert allowed(records)
    pulled(records, MINE)
    assert (allowed(records, MINE), allowed(records, OTHER), allowed(records)) == (True, False, False)


def test_records_are_read_again(tmp_path: Path, records: Records) -> None:
    pulled(records, MINE)
    again = Records(tmp_path, ManualClock())
    assert (allowed(again, MINE), allowed(again, OTHER)) == (True, False)


def test_the_same_credential_in_another_secret_is_remembered(tmp_path: Path, records: Records) -> None:
    pulled(records, MINE)
    twin = Credential("user", "pass", Secret("uid3", "ns2", "x"))
    assert allowed(records, twin)
    (path,) = files(tmp_path, "pulled")
    (credentials,) = json.loads(path.read_text())["credentialMapping"].values()
    assert [secret["name"] for secret in credentials["kubernetesSecrets"]] == ["s", "x"]


def test_a_pull_under_way_counts_as_pulled(tmp_path: Path, records: Records) -> None:
    records.begin(IMAGE)
    records.begin(IMAGE)
    assert not allowed(records, MINE)
    (path,) = files(tmp_path, "pulling")
    assert json.loads(path.read_text())["image"] == IMAGE
    records.failed(IMAGE)
    assert not allowed(records, MINE)
    records.failed(IMAGE)
    assert allowed(records, MINE)
    assert files(tmp_path, "pulling") == []


@pytest.mark.parametrize("name", [IMAGE, "r/app@sha256:" + "a" * 64])
def test_a_pull_that_ended_unseen_belongs_to_nobody(tmp_path: Path, records: Records, name: str) -> None:
    records.begin(name)
    again = Records(tmp_path, ManualClock())
    again.settle([Image(ID, (IMAGE,), ("r/app@sha256:" + "a" * 64,))])
    assert files(tmp_path, "pulling") == []
    assert len(files(tmp_path, "pulled")) == 1
    assert not allowed(again, MINE)


def test_a_pull_that_never_ended_stays_under_way_until_the_next_one_has(tmp_path: Path, records: Records) -> None:
    records.begin(IMAGE)
    again = Records(tmp_path, ManualClock())
    again.settle([])
    assert len(files(tmp_path, "pulling")) == 1
    assert not allowed(again, MINE)
    again.begin(IMAGE)
    again.failed(IMAGE)
    assert files(tmp_path, "pulling") == []
    assert allowed(again, MINE)


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"{}", b'{"imageRef": 1}'])
def test_a_record_that_cannot_be_read_lets_nobody_in(tmp_path: Path, records: Records, content: bytes) -> None:
    pulled(records, None)
    files(tmp_path, "pulled")[0].write_bytes(content)
    again = Records(tmp_path, ManualClock())
    assert not allowed(again, MINE)
    again.begin(IMAGE)
    again.delivered(IMAGE, ID, NAME, None)
    assert allowed(again)


def test_a_record_with_broken_credentials_lets_nobody_in(tmp_path: Path, records: Records) -> None:
    pulled(records, None)
    files(tmp_path, "pulled")[0].write_text(json.dumps({"imageRef": ID, "credentialMapping": {NAME: "x"}}))
    assert not allowed(Records(tmp_path, ManualClock()), MINE)
