"""What a terminal makes of typed bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.runtime.toolbox import discipline
from pullscope.runtime.toolbox.discipline import Echo, Effect, Read, Signal


def typed(*pieces: bytes) -> tuple[bytes, bytes, list[Effect]]:
    """The line in the end, all that was shown, and all else that was to be done."""
    line, shown, others = b"", b"", list[Effect]()
    for piece in pieces:
        taken = discipline.take(line, piece)
        line = taken.line
        for effect in taken.effects:
            if isinstance(effect, Echo):
                shown += effect.data
            else:
                others.append(effect)
    return line, shown, others


BACK = b"\b \b"


@pytest.mark.parametrize(
    ("keys", "line", "shown", "effects"),
    [
        pytest.param(b"ls\r", b"", b"ls\r\n", [Read(b"ls\n")], id="return is a newline"),
        pytest.param(b"a\nb", b"b", b"a\r\nb", [Read(b"a\n")], id="so is a newline"),
        pytest.param(b"ax\x7f\x08b", b"b", b"ax" + 2 * BACK + b"b", [], id="backspace and delete erase"),
        pytest.param(b"\x7f", b"", b"", [], id="there is nothing to erase"),
        pytest.param("aあ\x7f".encode(), b"a", "aあ".encode() + 2 * BACK, [], id="a wide character goes at once"),
        pytest.param("é\x7f".encode(), b"", "é".encode() + BACK, [], id="so does one of two bytes"),
        pytest.param("e\u0301\x7f".encode(), b"e", "e\u0301".encode(), [], id="an accent takes no column"),
        pytest.param(b"a\x1b[\x7f\x7f", b"a", b"a^[[" + 3 * BACK, [], id="an escape is shown in two columns"),
        pytest.param(b"a\tb\x15", b"", b"a b" + 3 * BACK, [], id="^U erases the line"),
        pytest.param(b"one two  \x17x", b"one x", b"one two  " + 5 * BACK + b"x", [], id="^W erases a word"),
        pytest.param(b"abc\x12", b"abc", b"abc^R\r\nabc", [], id="^R shows the line again"),
        pytest.param(b"abc\x03d", b"d", b"abc^Cd", [Signal(130)], id="^C"),
        pytest.param(b"\x1c", b"", b"^\\", [Signal(131)], id="^backslash"),
        pytest.param(b"\x04", b"", b"", [Read(b"")], id="^D on an empty line is the end"),
        pytest.param(b"ab\x04", b"", b"ab", [Read(b"ab")], id="^D elsewhere lets through what there is"),
        pytest.param(b"a\x11\x13\x16\x1ab", b"ab", b"ab", [], id="what is left out does nothing"),
        pytest.param(b"\xff\x7f", b"", b"\xff" + BACK, [], id="what is not text can be erased too"),
    ],
)
def test_keys(keys: bytes, line: bytes, shown: bytes, effects: list[Effect]) -> None:
    assert typed(keys) == (line, shown, effects)


def test_a_line_has_an_end() -> None:
    line, shown, effects = typed(b"x" * 5000 + b"\r")
    assert (line, shown) == (b"", b"x" * 4095 + b"\a" * 905 + b"\r\n")
    assert effects == [Read(b"x" * 4095 + b"\n")]


@given(st.lists(st.binary(max_size=8)))
def test_it_does_not_matter_how_keys_come_together(pieces: list[bytes]) -> None:
    assert typed(*pieces) == typed(b"".join(pieces))


@given(st.binary(), st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"]), max_size=20))
def test_what_is_erased_was_never_typed(before: bytes, text: str) -> None:
    line, _, _ = typed(before)
    again, _, _ = typed(before, text.encode(), b"\x7f" * len(text))
    assert again == line


@given(st.binary())
def test_output_returns_at_each_line_end(output: bytes) -> None:
    shown = discipline.shown(output)
    assert shown.replace(b"\r\n", b"\n") == output
    assert shown.count(b"\r\n") == output.count(b"\n")
