"""The steps as data: they are the page's, in both languages and both shells."""

import re
from pathlib import Path

import pytest

from pullscope.tutorial import performance, samples
from pullscope.tutorial.findings import case_of
from pullscope.tutorial.steps import Chapter
from pullscope.verify.cases import article

DOCS = Path(__file__).parents[2] / "docs"
ACTIONS = [step.action for chapter in performance.CHAPTERS for step in chapter.steps]


def blocks(page: str, language: str) -> str:
    text = (DOCS / page).read_text(encoding="utf-8")
    return "".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("page", ["tutorial.md", "tutorial.ja.md"])
@pytest.mark.parametrize(
    "command", sorted({action.command for action in ACTIONS if "{password}" not in action.command})
)
def test_every_command_is_on_the_page(command: str, page: str) -> None:
    assert f" {command}" in blocks(page, "console")


@pytest.mark.parametrize("page", ["tutorial.md", "tutorial.ja.md"])
@pytest.mark.parametrize("command", sorted({action.powershell for action in ACTIONS if action.powershell}))
def test_every_command_of_powershell_is_on_the_page(command: str, page: str) -> None:
    assert f"PS> {command}\n" in blocks(page, "powershell")


def test_the_pages_have_the_same_commands_of_powershell() -> None:
    assert blocks("tutorial.ja.md", "powershell") == blocks("tutorial.md", "powershell")


def test_there_is_a_chapter_for_each_case() -> None:
    made = [chapter for chapter in performance.CHAPTERS if chapter.case]
    assert sorted(chapter.case for chapter in made) == [case.id for case in article.SIX]
    assert all(bool(chapter.war) == (case_of(chapter).expected.outcome == "running") for chapter in made)


@pytest.mark.parametrize("chapter", performance.CHAPTERS, ids=lambda chapter: chapter.title.en)
def test_every_sentence_is_in_both_languages(chapter: Chapter) -> None:
    for text in (chapter.title, chapter.about, *(step.why for step in chapter.steps)):
        assert text.en.isascii()
        assert re.search("[\u3040-\u30ff\u4e00-\u9fff]|Always", text.ja)


@pytest.mark.parametrize("page", ["tutorial.md", "tutorial.ja.md"])
def test_the_manifest_on_the_page_is_that_of_the_samples(page: str) -> None:
    assert blocks(page, "yaml")
    assert blocks(page, "yaml") in samples.files()[samples.MANIFEST].decode()
