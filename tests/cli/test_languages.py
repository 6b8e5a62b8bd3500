"""Which language people are told in."""

import pytest

from pullscope.cli import languages
from pullscope.cli.languages import Named


@pytest.mark.parametrize(
    ("named", "environment", "system", "language"),
    [
        (Named.JA, {"LANG": "en_US.UTF-8"}, "", "ja"),
        (Named.EN, {"LANG": "ja_JP.UTF-8"}, "", "en"),
        (None, {"LANG": "ja_JP.UTF-8"}, "", "ja"),
        (None, {"LC_ALL": "C.UTF-8", "LANG": "ja_JP.UTF-8"}, "", "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "ja_JP", "LANG": "C"}, "", "ja"),
        (None, {}, "Japanese_Japan", "ja"),
        (None, {"LANG": "C"}, "ja_JP", "en"),
        (None, {"LANG": "jam"}, "", "en"),
        (None, {}, "", "en"),
    ],
)
def test_chosen(named: Named | None, environment: dict[str, str], system: str, language: str) -> None:
    assert languages.chosen(named, environment, system) == language
