"""The credentials with which a lab pulls from outside."""

import json
from pathlib import Path

import pytest

from pullscope.base.errors import UsageError
from pullscope.lab import pullsecret

SECRET = {"auths": {"registry.redhat.io": {"username": "u", "password": "p"}}}


def test_a_pull_secret_is_kept_with_the_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "nobody")
    root, given = tmp_path / "lab", tmp_path / "secret.json"
    root.mkdir()
    given.write_text(json.dumps(SECRET))
    first = pullsecret.keyring(root, str(given), {})
    given.unlink()
    assert [credential.username for credential in first["registry.redhat.io"]] == ["u"]
    assert pullsecret.keyring(root, None, {}) == first


def test_the_users_own_credentials_come_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    mine = {"auths": {"registry.redhat.io": {"username": "me", "password": "x"}, "quay.io": {"auth": "YTpi"}}}
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(mine))
    (tmp_path / "pull-secret.json").write_text(json.dumps(SECRET))
    found = pullsecret.keyring(tmp_path, None, {})
    assert [found[key][0].username for key in ("registry.redhat.io", "quay.io")] == ["u", "a"]


def test_what_is_no_pull_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("hello")
    with pytest.raises(UsageError, match=r"secret\.json has no credentials"):
        pullsecret.keyring(tmp_path, str(tmp_path / "secret.json"), {})
    assert not (tmp_path / "pull-secret.json").exists()
