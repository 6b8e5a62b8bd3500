"""The lab's secrets: made once, kept, readable by their owner alone."""

import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullscope.base.errors import DamagedFileError
from pullscope.lab import secrets

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_they_are_made_once(tmp_path: Path) -> None:
    made = secrets.load_or_create(tmp_path, NOW)
    assert secrets.load_or_create(tmp_path, NOW) == made
    assert re.fullmatch(r"\w{5}-\w{5}-\w{5}-\w{5}", made.credentials.kubeadmin_password)
    assert made.credentials.kubeadmin_token.startswith("sha256~")
    assert secrets.password() != secrets.password()


def test_a_certificate_that_runs_out_is_issued_anew_by_the_same_authority(tmp_path: Path) -> None:
    before = secrets.load_or_create(tmp_path, NOW)
    after = secrets.load_or_create(tmp_path, NOW + timedelta(days=380))
    assert after.server != before.server
    assert (after.authority, after.credentials) == (before.authority, before.credentials)


def test_a_half_written_pair_is_made_again(tmp_path: Path) -> None:
    before = secrets.load_or_create(tmp_path, NOW)
    (tmp_path / "authority.crt").unlink()
    assert secrets.load_or_create(tmp_path, NOW).authority != before.authority


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    secrets.load_or_create(tmp_path, NOW)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["credentials.json", "authority.crt", "authority.key", "service-account.key"])
@pytest.mark.parametrize("content", [b"", b"{}x", b'{"unknown": 1}', b"-----BEGIN CERTIFICATE-----"])
def test_what_a_kubeconfig_relies_on_is_named_when_damaged(tmp_path: Path, name: str, content: bytes) -> None:
    secrets.load_or_create(tmp_path, NOW)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedFileError, match="is damaged: ") as caught:
        secrets.load_or_create(tmp_path, NOW)
    assert str(tmp_path / name.partition(".")[0]) in caught.value.message
    assert "pullscope delete" in caught.value.hint


@pytest.mark.parametrize("name", ["server.crt", "server.key"])
def test_a_damaged_server_certificate_is_issued_anew(tmp_path: Path, name: str) -> None:
    before = secrets.load_or_create(tmp_path, NOW)
    (tmp_path / name).write_bytes(b"garbage")
    after = secrets.load_or_create(tmp_path, NOW)
    assert after.authority == before.authority
    assert secrets.load_or_create(tmp_path, NOW) == after
