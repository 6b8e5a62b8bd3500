"""The toolbox's shell language: what it reads, and what it refuses by name."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.runtime.toolbox import grammar
from pullscope.runtime.toolbox.grammar import Command, GrammarError


def plain(command: Command) -> tuple[str, list[str]]:
    """The joint and the words, variables as `<NAME>`."""
    words = ["".join(f"<{part.text}>" if part.variable else part.text for part in word) for word in command.words]
    return command.joint, [*(f"{name}:=" for name, _ in command.assignments), *words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("   # nothing\n\n", []),
        ("echo a  b", [(";", ["echo", "a", "b"])]),
        ("a;b && c || d\ne", [(";", ["a"]), (";", ["b"]), ("&&", ["c"]), ("||", ["d"]), (";", ["e"])]),
        ("a;", [(";", ["a"])]),
        ("echo 'a b' \"c d\" e\\ f ''", [(";", ["echo", "a b", "c d", "e f", ""])]),
        ('echo "\\$A \\x" \'$B\' \\$C', [(";", ["echo", "$A \\x", "$B", "$C"])]),
        ('echo $A${B}c"$D"$? $', [(";", ["echo", "<A><B>c<D><?>", "$"])]),
        ("echo a#b # c", [(";", ["echo", "a#b"])]),
        ("echo a\\\n b", [(";", ["echo", "a", "b"])]),
        ("A=1 B='x y' env A=2", [(";", ["A:=", "B:=", "env", "A=2"])]),
        ('echo "*" \'?\' \\[', [(";", ["echo", "*", "?", "["])]),
        ("echo if", [(";", ["echo", "if"])]),
    ],
)  # fmt: skip
def test_commands(text: str, expected: list[tuple[str, list[str]]]) -> None:
    assert [plain(command) for command in grammar.parse(text)] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a | b", r"pipes \(\|\) are not supported"),
        ("a > b", r"redirections \(>\)"),
        ("a < b", "redirections"),
        ("a & b", "commands in the background"),
        ("(a)", "subshells"),
        ("echo `a`", "command substitution"),
        ("echo $(a)", "command substitution"),
        ('echo "`a`"', "command substitution"),
        ("ls *.war", r"patterns \(\*\)"),
        ("if true; then a; fi", "if is not supported"),
        ("while :; do a; done", "while is not supported"),
        ("echo ${A:-b}", "parameter expansion"),
        ("echo 'a", "unterminated"),
        ('echo "a', "unterminated"),
        ("&& a", "unexpected '&&'"),
        ("a || ", "unexpected 'end of text'"),
        ("a && ; b", "unexpected ';'"),
    ],
)
def test_what_it_does_not_have_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(GrammarError, match=message):
        grammar.parse(text)


@given(st.text(alphabet="ab $\"'\\;&|\n#{}=<>*", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(GrammarError):
        grammar.parse(text)
