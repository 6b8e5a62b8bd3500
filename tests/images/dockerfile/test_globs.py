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
        ("a*b*c", "aXbYbZc", True),
        ("a*b*c", "acb", False),
        ("a*a", "a", False),
        ("a*[0-9]*z", "ab5-z", True),
        ("**", "a/b", True),
        ("a/**", "a", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("**/**/b", "b", True),
        ("**/a/*", "a/x/a/y", True),
        ("a**z", "ab/cz", True),
        ("**.war", "x/a.war", True),
        ("**.war", "x/a.jar", False),
    ],
)
def test_patterns(pattern: str, path: str, *, matches: bool) -> None:
    assert bool(globs.compiled(pattern).first(path.split("/"))) is matches


def test_directories_match_before_their_files() -> None:
    assert globs.compiled("target").first(["target", "a", "b"]) == 1
    assert globs.compiled("a/**").first(["a", "b", "c"]) == 2
    assert globs.compiled("a**c").first(["ab", "c", "d"]) == 2


@pytest.mark.parametrize(
    "pattern", ["a*" * 200 + "b", "**/" + "a*" * 200 + "/**/b", "**/a/" * 40 + "b", "[ab]*" * 100 + "c"]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    assert globs.compiled(pattern).first(["a" * 255] * 40 + ["c"]) == 0


@pytest.mark.parametrize("pattern", ["a**" * 3 + "b", "a**b*c*d", "x" * 5000, "a/" * 200 + "a"])
def test_what_would_take_long_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"too (long|many wildcards)"):
        globs.compiled(pattern)


def test_a_dockerignore_has_an_end() -> None:
    with pytest.raises(PatternError, match="more than 1000 patterns"):
        Ignored(["a"] * 1001)


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
