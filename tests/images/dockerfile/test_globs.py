"""Patterns of files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.images.dockerfile import globs
from pullscope.images.dockerfile.globs import Ignored, PatternError


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.war", "a.war", True),
        ("*.war", "x/a.war", False),
        ("**/*.war", "x/y/a.war", True),
        ("**/*.war", "a.war", True),
        ("a/**", "a/b/c", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[ab].txt", "b.txt", True),
        ("[^ab].txt", "b.txt", False),
        (r"\*.txt", "a.txt", False),
        (r"\*.txt", "*.txt", True),
        ("a+b.(1)", "a+b.(1)", True),
    ],
)
def test_patterns(pattern: str, path: str, *, matches: bool) -> None:
    assert bool(globs.compiled(pattern).fullmatch(path)) is matches


@pytest.mark.parametrize("pattern", ["[", "[a", "[z-a]"])
def test_bad_patterns_are_named(pattern: str) -> None:
    with pytest.raises(PatternError, match="syntax error in pattern"):
        globs.compiled(pattern)


def test_later_lines_win_and_directories_take_their_files_along() -> None:
    ignored = Ignored(["# notes", "", "target/", "!target/app.war", "*.md", "!README.md", "/secret"])
    left_out = [
        path for path in ("target/x", "target/app.war", "a.md", "README.md", "secret/k", "s") if path in ignored
    ]
    assert left_out == ["target/x", "a.md", "secret/k"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_pattern_breaks(pattern: str, path: str) -> None:
    try:
        assert (path in Ignored([pattern])) in (True, False)
    except PatternError:
        return
