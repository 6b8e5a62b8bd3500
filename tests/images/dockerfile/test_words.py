"""Quotes, escapes and variables."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.images.dockerfile import words

VARIABLES = {"A": "1", "LONG": "a b", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$A${A}x", "11x"),
        ("'$A'", "$A"),
        ("\"$A 'b'\"", "1 'b'"),
        (r"\$A", "$A"),
        (r'"\$A \n"', r"$A \n"),
        ("$LONG", "a b"),
        ("$", "$"),
        ("$.x", "$.x"),
        ("$MISSING", ""),
        ("${MISSING:-word $A}", "word 1"),
        ("${EMPTY:-word}", "word"),
        ("${EMPTY-word}", ""),
        ("${A:+yes}${EMPTY:+no}", "yes"),
        ("${A:?why}", "1"),
    ],
)
def test_words_are_processed(text: str, expected: str) -> None:
    assert words.process(text, VARIABLES, "\\") == expected


@pytest.mark.parametrize("text", ["'a", '"a', "${", "${A", "${A#x}", "${}", "${EMPTY:?why}"])
def test_what_has_no_end_is_refused(text: str) -> None:
    with pytest.raises(words.WordError):
        words.process(text, VARIABLES, "\\")


def test_blanks_inside_quotes_do_not_part_words() -> None:
    assert words.split(r"""a="b c" 'd e' f\ g""", "\\") == ['a="b c"', "'d e'", r"f\ g"]


@given(st.lists(st.text(st.characters(exclude_characters="$", exclude_categories=("Cc", "Cs", "Z"))).map(str.strip)))
def test_quoted_words_come_back(texts: list[str]) -> None:
    line = " ".join(shlex.quote(text) for text in texts)
    assert [words.process(word, {}, "\\") for word in words.split(line, "\\")] == texts


@given(st.text(max_size=40))
def test_nothing_else_is_ever_raised(text: str) -> None:
    for word in words.split(text, "\\"):
        try:
            words.process(word, VARIABLES, "\\")
        except words.WordError:
            continue
