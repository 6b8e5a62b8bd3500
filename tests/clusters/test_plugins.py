"""Auth providers of kubeconfigs: an OIDC token that is still good is shown, and what fails is one line."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pullscope.base.errors import UnreachableError
from pullscope.clusters import kubeconfig as kubeconfigs


def token(expires: int) -> str:
    parts = ({"alg": "none"}, {"exp": expires, "iss": "https://issuer.example.invalid"})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2ln"])


def oidc(folder: Path, **config: str) -> Path:
    provider = {"auth-provider": {"name": "oidc", "config": config}}
    document: dict[str, Any] = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://example.test"}}],
        "users": [{"name": "u", "user": provider}],
    }
    path = folder / "config"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


async def test_a_token_that_is_still_good_is_shown(tmp_path: Path) -> None:
    good = token(4102444800)
    access = await kubeconfigs.load(oidc(tmp_path, **{"id-token": good}), None)
    assert access.authorization == f"Bearer {good}"


async def test_a_token_that_cannot_be_renewed_is_one_line(tmp_path: Path) -> None:
    config = {"id-token": token(1), "refresh-token": "r", "idp-issuer-url": "http://127.0.0.1:1"}
    with pytest.raises(UnreachableError, match="cannot be used: its credentials: ") as caught:
        await kubeconfigs.load(oidc(tmp_path, **config), None)
    assert "\n" not in str(caught.value)
