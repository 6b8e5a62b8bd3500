"""Records of pulls: kept in upstream's files, read again, never trusted when they cannot be read."""

import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fulldisk import files_end_at

from pullscope.base.clock import ManualClock
from pullscope.cri.api import Image
from pullscope.node.records import Records
from pullscope.pull.access import Allowed, Exempt, Unreadable
from pullscope.pull.keyring import Credential, Secret
from pullscope.pull.verification import Mode, Verification

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
    return isinstance(await records.verify(IMAGE, ID, NAME, offered), Allowed | Exempt)


def files(root: Path, kind: str) -> list[Path]:
    return list((root / "image_manager" / kind).iterdir())


async def test_a_pull_leaves_a_record_under_the_images_id(tmp_path: Path, records: Records) -> None:
    await pulled(records, None)
    (path,) = files(tmp_path, "pulled")
    assert path.name == f"sha256-{hashlib.sha256(ID.encode()).hexdigest()}"
    assert path.read_text() == (
        '{"kind":"ImagePulledRecord","apiVersion":"kubelet.config.k8s.io/v1beta1","lastUpdatedTime":"2026-01-01T00:00:00Z",'
        f'"imageRef":"{ID}","credentialMapping":{{"r/app":{{"nodePodsAccessible":true}}}}}}\n'
    )
    assert files(tmp_path, "pulling") == []


async def test_a_pull_with_a_secret_leaves_whose_it_was(tmp_path: Path, records: Records) -> None:
    await pulled(records, MINE)
    (path,) = files(tmp_path, "pulled")
    secret = f'{{"uid":"uid","namespace":"ns","name":"s","credentialHash":"{MINE.hash}"}}'
    assert f'"credentialMapping":{{"r/app":{{"kubernetesSecrets":[{secret}]}}}}}}' in path.read_text()


async def test_the_nodes_own_credential_opens_the_image_to_all(records: Records) -> None:
    await pulled(records, MINE)
    await pulled(records, Credential("node", "pass"))
    assert await allowed(records)
    await pulled(records, MINE)
    assert await allowed(records)


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
    assert path.name == f"sha256-{hashlib.sha256(IMAGE.encode()).hexdigest()}"
    text = f'{{"kind":"ImagePullIntent","apiVersion":"kubelet.config.k8s.io/v1beta1","image":"{IMAGE}"}}\n'
    assert path.read_text() == text
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


RECORD = {
    "kind": "ImagePulledRecord",
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "lastUpdatedTime": "2026-01-01T00:00:00Z",
    "imageRef": ID,
    "credentialMapping": {NAME: {"nodePodsAccessible": True}},
}
BROKEN = [
    pytest.param(b"", id="empty"),
    pytest.param(b"not json", id="no JSON"),
    pytest.param(b"[" * 100_000, id="deep"),
    pytest.param([], id="a list"),
    pytest.param({}, id="no kind"),
    pytest.param({**RECORD, "apiVersion": "kubelet.config.k8s.io/v2"}, id="another version"),
    pytest.param({**RECORD, "kind": "ImagePullIntent"}, id="another kind"),
    pytest.param({**RECORD, "imageRef": 1}, id="no id"),
    pytest.param({**RECORD, "lastUpdatedTime": "yesterday"}, id="no time"),
    pytest.param({**RECORD, "more": 1}, id="a field that is not known"),
    pytest.param({**RECORD, "credentialMapping": {NAME: "x"}}, id="no credentials"),
    pytest.param({**RECORD, "credentialMapping": {NAME: {"nodePodsAccessible": "yes"}}}, id="no boolean"),
    pytest.param({**RECORD, "credentialMapping": {NAME: {"kubernetesSecrets": {}}}}, id="no list of secrets"),
    pytest.param({**RECORD, "credentialMapping": {NAME: {"kubernetesSecrets": ["s"]}}}, id="no secret"),
]


@pytest.mark.parametrize("mode", ["NeverVerify", "NeverVerifyPreloadedImages"])
@pytest.mark.parametrize("content", BROKEN)
async def test_a_record_that_cannot_be_read_lets_nobody_in(tmp_path: Path, content: object, mode: Mode) -> None:
    """Not even where nothing is verified: upstream looks at the policy after the record."""
    await pulled(Records(tmp_path, ManualClock()), None)
    files(tmp_path, "pulled")[0].write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    again = Records(tmp_path, ManualClock(), Verification(mode))
    assert not await allowed(again, MINE)
    assert again.checks == {"error": 1}
    await pulled(again, None)
    assert await allowed(again)


async def test_an_intent_that_cannot_be_read_lets_nobody_in(tmp_path: Path, records: Records) -> None:
    await records.begin(IMAGE)
    files(tmp_path, "pulling")[0].write_bytes(b"{")
    again = Records(tmp_path, ManualClock())
    assert not await allowed(again, MINE)
    assert again.checks == {"error": 1}
    await again.begin(IMAGE)
    await again.failed(IMAGE)
    assert await allowed(again)


async def test_a_record_under_another_images_name_says_nothing(tmp_path: Path, records: Records) -> None:
    await pulled(records, MINE)
    (path,) = files(tmp_path, "pulled")
    path.write_text(json.dumps({**RECORD, "imageRef": "1" * 64}))
    again = Records(tmp_path, ManualClock())
    assert await allowed(again)
    assert isinstance(await again.verify(IMAGE, "1" * 64, NAME, ()), Exempt)


async def test_records_of_an_older_version_are_written_anew(tmp_path: Path, records: Records) -> None:
    await pulled(records, MINE)
    await records.begin(IMAGE)
    before = {path: path.read_text() for kind in ("pulled", "pulling") for path in files(tmp_path, kind)}
    for path, text in before.items():
        path.write_text(text.replace("v1beta1", "v1alpha1"))
    again = Records(tmp_path, ManualClock())
    assert await allowed(again, MINE)
    await again.settle([])
    assert {path: path.read_text() for path in before} == before


async def test_service_accounts_of_credential_providers_let_nobody_in(tmp_path: Path, records: Records) -> None:
    await pulled(records, None)
    account = {"uid": "u", "namespace": "ns", "name": "default"}
    mapping = {NAME: {"kubernetesServiceAccounts": [account]}}
    files(tmp_path, "pulled")[0].write_text(json.dumps({**RECORD, "credentialMapping": mapping}))
    assert not await allowed(Records(tmp_path, ManualClock()), MINE)


async def test_images_that_are_gone_are_forgotten_when_images_are_collected(tmp_path: Path) -> None:
    clock = ManualClock()
    records = Records(tmp_path, clock)
    await pulled(records, MINE)
    began = clock.now()
    clock.advance(1)
    await records.begin("r/b:v1")
    await records.delivered("r/b:v1", "1" * 64, "r/b", MINE)
    await records.prune([ID], began + timedelta(seconds=1))
    assert records.pulled == 2
    await records.prune([], began + timedelta(seconds=1))
    assert (records.pulled, await allowed(records)) == (1, True)
    assert len(files(tmp_path, "pulled")) == 1


@pytest.mark.parametrize(
    ("mode", "offered", "result"),
    [
        ("NeverVerify", MINE, "credentialPolicyAllowed"),
        ("AlwaysVerify", MINE, "credentialRecordFound"),
        ("AlwaysVerify", OTHER, "mustAuthenticate"),
    ],
)
async def test_what_came_of_it_is_counted(tmp_path: Path, mode: Mode, offered: Credential, result: str) -> None:
    records = Records(tmp_path, ManualClock(), Verification(mode))
    await pulled(records, MINE)
    await allowed(records, offered)
    assert records.checks == {result: 1}


async def test_secrets_that_cannot_be_read_decide_nothing_where_others_do(records: Records) -> None:
    broken = Unreadable("illegal base64 data at input byte 0")
    assert await records.verify(IMAGE, ID, NAME, broken) == Exempt()
    await pulled(records, MINE)
    assert await records.verify(IMAGE, ID, NAME, broken) == broken
    assert records.checks == {"credentialPolicyAllowed": 1, "error": 1}


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
