"""Dockerfiles and build contexts of people who mean harm: none takes much time or memory."""

from pathlib import Path

import pytest

from pullscope.images.context import Context
from pullscope.images.dockerfile import building, lines, steps, words
from pullscope.images.dockerfile.building import Recipe
from pullscope.images.dockerfile.lines import DockerfileError

DOUBLED = "".join("ENV A=$A$A\n" for _ in range(60))
MANY = "".join(f"ENV V{number}=$A\n" for number in range(100))


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (f"ENV A=x\n{DOUBLED}", 23, "the instructions come to too much"),
        (f"ENV A={'x' * 100_000}\n{MANY}", 43, "the instructions come to too much"),
        ("ENV " + " ".join(f"V{number}=1" for number in range(6_000)), 2, "the instructions come to too much"),
        ("EXPOSE " + "1-65535 " * 100, 2, "the instructions come to too much"),
        ("COPY " + "--chmod=1 " * 5_000 + "a b", 2, "more than 10 flags"),
        ("LABEL a=" + "${A:-" * 2_000 + "}" * 2_000, 2, "too many variables inside of each other"),
    ],
)
def test_texts(text: str, line: int, why: str) -> None:
    source = lines.read(f"FROM scratch\n{text}\n")
    with pytest.raises(DockerfileError, match=f"^Dockerfile:{line}: .*{why}"):
        steps.outcome(source, {}, {})


def test_a_base_that_doubles() -> None:
    source = lines.read("ARG A=x\n" + DOUBLED.replace("ENV", "ARG") + "FROM $A\n")
    with pytest.raises(DockerfileError, match="it comes to more than 1048576 characters"):
        steps.base(source, {})


def test_words() -> None:
    with pytest.raises(words.WordError, match="it comes to more than"):
        words.process('"' + "$A" * 100 + '"', {"A": "x" * 100_000}, "\\")


def test_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        (tmp_path / str(number)).touch()
    monkeypatch.setattr(building, "_MOST_LOOKS", 99)
    recipe = Recipe(lines.read("FROM scratch\n" + "COPY . /\n" * 10), Context(tmp_path))
    with pytest.raises(DockerfileError, match=r"^Dockerfile:11: too many files are copied too often"):
        building.planned(recipe, {}, lambda _: False)
