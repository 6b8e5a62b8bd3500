"""Keys and names that only the API server checks."""

from collections.abc import Callable

import pytest

from pullscope.apiserver import syntax

Rule = Callable[[str], list[str]]


@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        (syntax.path_segment, ["a", "a.b", "...", "web.18ea0de3e53a2daf"]),
        (syntax.config_key, ["a", "A.b_c-d", ".dockerconfigjson", "x" * 253]),
        (syntax.environment_name, ["A", "a.b-c:d", "1", "A B"]),
        (syntax.port_name, ["http", "p1", "1p", "a-b"]),
    ],
)
def test_what_is_fine(rule: Rule, texts: list[str]) -> None:
    assert [rule(text) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize(
    ("rule", "text", "words"),
    [
        (syntax.path_segment, ".", "may not be '.'"),
        (syntax.path_segment, "a/b", "may not contain '/'"),
        (syntax.config_key, "..", "must not be '..'"),
        (syntax.config_key, "..a", "must not start with '..'"),
        (syntax.config_key, "a b", "a valid config key must consist of"),
        (syntax.config_key, "x" * 254, "must be no more than 253 bytes"),
        (syntax.environment_name, "A=B", "printable ASCII characters other than '='"),
        (syntax.environment_name, "ä", "printable ASCII characters other than '='"),
        (syntax.port_name, "a" * 16, "must be no more than 15 characters"),
        (syntax.port_name, "HTTP", "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
        (syntax.port_name, "80", "must contain at least one letter (a-z)"),
        (syntax.port_name, "a--b", "must not contain consecutive hyphens"),
        (syntax.port_name, "-a", "must not begin or end with a hyphen"),
    ],
)
def test_what_is_wrong(rule: Rule, text: str, words: str) -> None:
    assert any(words in complaint for complaint in rule(text))


def test_ports() -> None:
    assert [syntax.port_number(number) for number in (1, 65535)] == [[], []]
    assert all(syntax.port_number(number) for number in (0, -1, 65536))
