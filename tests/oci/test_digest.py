"""Digests: what is verified is what is accepted."""

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.oci.digest import Digest, DigestError


@given(st.binary(), st.sampled_from(["sha256", "sha512"]))
def test_round_trip(data: bytes, algorithm: str) -> None:
    digest = Digest.of(data, algorithm=algorithm)
    assert Digest.parse(str(digest)) == digest
    assert digest.hex == hashlib.new(algorithm, data).hexdigest()


@given(st.text())
def test_never_crashes(text: str) -> None:
    with contextlib.suppress(DigestError):
        assert str(Digest.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid checksum digest format"),
        ("sha256", "invalid checksum digest format"),
        ("sha256:" + "z" * 64, "invalid checksum digest format"),
        ("sha256:" + "A" * 64, "invalid checksum digest format"),
        ("sha256:" + "a" * 63, "invalid checksum digest length"),
        ("sha256:../../" + "a" * 58, "invalid checksum digest format"),
        ("sha384:" + "a" * 96, "unsupported digest algorithm"),
    ],
)
def test_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(DigestError, match=message):
        Digest.parse(text)
