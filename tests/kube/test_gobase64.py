"""Base64 as Go reads it: what it takes, and where it says that a text is wrong."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import gobase64


@pytest.mark.parametrize("padded", [True, False])
@given(st.binary(max_size=40))
def test_what_was_written_is_read(padded: bool, data: bytes) -> None:
    text = base64.b64encode(data).decode()
    given_text = text if padded else text.rstrip("=")
    broken = "\r\n".join(given_text[start : start + 7] for start in range(0, len(given_text), 7)) + "\n"
    assert gobase64.decode(broken, padded=padded) == data


@pytest.mark.parametrize(
    ("text", "padded", "place"),
    [
        ("YQ", True, 0),
        ("YQ=", True, 3),
        ("YQ==YQ==", True, 4),
        ("Y===", True, 1),
        ("YWFh*A==", True, 4),
        ("YWFhY", False, 4),
        ("%%", False, 0),
        ("YQ==", False, 2),
    ],
)
def test_where_it_is_wrong(text: str, padded: bool, place: int) -> None:
    with pytest.raises(gobase64.CorruptInputError) as refused:
        gobase64.decode(text, padded=padded)
    assert str(refused.value) == f"illegal base64 data at input byte {place}"
