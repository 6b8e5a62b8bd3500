"""The errors of the wire: one shape out, and back in again."""

import json

import pytest

from pullscope.oci import errors
from pullscope.oci.errors import ErrorCode

CODES = [value for value in vars(errors).values() if isinstance(value, ErrorCode)]


@pytest.mark.parametrize("code", CODES, ids=lambda code: f"{code.code}-{code.status}")
def test_round_trip(code: ErrorCode) -> None:
    raised = code.error({"Tag": "v1"})
    read = errors.decode(raised.status, raised.body())
    assert read is not None
    assert vars(read) == vars(raised)


def test_body_is_the_specs() -> None:
    assert json.loads(errors.NAME_UNKNOWN.error().body()) == {
        "errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known to registry"}]
    }
    assert str(errors.DENIED.error(message="not yours")) == "DENIED: not yours"


def test_every_code_of_the_spec_is_there() -> None:
    spec = {
        "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
        "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED",
        "UNSUPPORTED", "TOOMANYREQUESTS",
    }  # fmt: skip
    assert spec <= {code.code for code in CODES}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"errors":[]}', b'{"errors":[1]}', b'{"errors":{}}', b'{"errors":null}',
        b'{"errors":[{"message":"x"}]}', b'{"errors":[{"code":5}]}', b'{"errors":[{"code":"X","message":{}}]}', b"\xff",
    ],
)  # fmt: skip
def test_what_is_not_of_the_shape_is_none(body: bytes) -> None:
    assert errors.decode(500, body) is None


def test_a_long_message_is_cut() -> None:
    read = errors.decode(500, errors.UNAVAILABLE.error(message="x" * 100_000).body())
    assert read is not None
    assert len(read.message) == 512
