"""Quantities: reading, canonical text, order and sums."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import quantity


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0Ki", "0"),
        ("1000m", "1"),
        ("0.5", "500m"),
        (".5", "500m"),
        ("5.", "5"),
        ("+5", "5"),
        ("-1.5", "-1500m"),
        ("1024", "1024"),
        ("1024Mi", "1Gi"),
        ("1000Ki", "1000Ki"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1.0001Mi", "1048680857600u"),
        ("1000k", "1M"),
        ("100E", "100E"),
        ("1000E", "1000E"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("1500e0", "1500"),
        ("15e2", "1500"),
        ("1e-3", "1e-3"),
        ("0.1n", "1n"),
        ("-0.1n", "-1n"),
        ("12E", "12E"),
    ],
)
def test_canonical(text: str, canonical: str) -> None:
    assert quantity.canonical(text) == canonical


_MISMATCH = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_SUFFIX = "unable to parse quantity's suffix"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", _MISMATCH),
        ("Gi", _MISMATCH),
        (".", _MISMATCH),
        ("1.2.3", _MISMATCH),
        ("1 Gi", _MISMATCH),
        ("1Gib", _MISMATCH),
        ("1e", _SUFFIX),
        ("1ki", _SUFFIX),
        ("1KiB", _MISMATCH),
        ("1e999999999", _SUFFIX),
        ("1e+", _SUFFIX),
    ],
)
def test_complaints_are_upstreams(text: str, message: str) -> None:
    with pytest.raises(quantity.InvalidQuantityError, match=r".") as refused:
        quantity.parse(text)
    assert str(refused.value) == message


def test_order_and_sums() -> None:
    half, one = quantity.parse("500m"), quantity.parse("1")
    assert half < one
    assert one <= quantity.parse("1000m")
    assert str(half + half) == "1"
    assert str(quantity.parse("0") + quantity.parse("1Gi")) == "1Gi"
    assert str(quantity.parse("1Gi") - quantity.parse("512Mi")) == "512Mi"


_texts = st.builds(
    "{}{}{}".format,
    st.integers(-(10**12), 10**12),
    st.sampled_from(["", ".5", ".125"]),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "e3", "E-2"]),
)


@given(_texts)
def test_canonical_keeps_the_value_and_settles(text: str) -> None:
    parsed = quantity.parse(text)
    again = quantity.parse(str(parsed))
    assert again.value == parsed.value
    # A binary amount without a suffix reads as decimal: it settles at the second time, upstream's too.
    assert quantity.canonical(str(again)) == str(again)
    assert (parsed.value * 10**9).denominator == 1
    assert isinstance(parsed.value, Fraction)


@given(st.text(alphabet="0123456789.+-eEinumkKMGTPB "))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(quantity.InvalidQuantityError):
        assert str(quantity.parse(text))
