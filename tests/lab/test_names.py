"""Names of labs, contexts and nodes."""

import pytest

from pullscope.base.errors import UsageError
from pullscope.lab import names


@pytest.mark.parametrize("name", ["default", "a", "0", "a-b", "a" * 32, "developers", "x-developer-1"])
def test_a_plain_word_is_a_name(name: str) -> None:
    names.check(name)


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "A", "-a", "a-", "a" * 33, "a b", ".", "developer", "x-developer", "ü", "a\n"]
)
def test_what_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a lab"):
        names.check(name)


def test_contexts_and_options_are_named_after_the_lab() -> None:
    assert (names.context("default"), names.option("default")) == ("pullscope", "")
    assert (names.context("x"), names.option("x")) == ("pullscope-x", " --name x")
    assert names.developer_context("pullscope-x") == "pullscope-x-developer"


def test_nodes_are_numbered_after_the_first() -> None:
    assert names.of_nodes(1) == ("crc",)
    assert names.of_nodes(3) == ("crc", "crc-2", "crc-3")
    assert len(names.of_nodes(names.MOST_NODES)) == names.MOST_NODES


@pytest.mark.parametrize("count", [-1, 0, names.MOST_NODES + 1])
def test_no_lab_has_that_many(count: int) -> None:
    with pytest.raises(UsageError, match=f"a lab cannot have {count} nodes"):
        names.of_nodes(count)
