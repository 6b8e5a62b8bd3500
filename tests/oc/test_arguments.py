"""Flags and words, as pflag takes them."""

import pytest

from pullscope.oc import arguments
from pullscope.oc.arguments import Flags
from pullscope.oc.errors import OcError

FLAGS = Flags(values=("o/output", "f/filename"), switches=("w/watch", "t/tty"))


def test_flags_stand_anywhere_before_two_dashes() -> None:
    given = ["pods", "-n", "demo", "-oyaml", "x", "--watch=false", "-f", "a", "--filename=b", "--", "-c", "--", "d"]
    parsed = arguments.parse(given, FLAGS)
    assert (parsed.words, parsed.after) == (["pods", "x"], ["-c", "--", "d"])
    assert (parsed.text("namespace"), parsed.text("output"), parsed.all("filename")) == ("demo", "yaml", ["a", "b"])
    assert (parsed.on("watch"), parsed.on("tty"), parsed.on("tty", default=True)) == (False, False, True)


def test_short_flags_stand_together() -> None:
    parsed = arguments.parse(["-wtn=demo", "-"], FLAGS)
    assert (parsed.on("watch"), parsed.on("tty"), parsed.text("namespace")) == (True, True, "demo")
    assert parsed.words == ["-"]


def test_the_first_word_may_end_the_flags() -> None:
    parsed = arguments.parse(["-n", "demo", "pod", "ls", "-l"], Flags(leading=True))
    assert parsed.words == ["pod", "ls", "-l"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--nope"], "unknown flag: --nope"),
        (["-wx"], "unknown shorthand flag: 'x' in -wx"),
        (["--output"], "flag needs an argument: --output"),
        (["-wo"], "flag needs an argument: 'o' in -wo"),
        (
            ["--watch=maybe"],
            'invalid argument "maybe" for "--watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
    ],
)
def test_what_is_wrong_is_said_in_pflags_words(given: list[str], message: str) -> None:
    with pytest.raises(OcError) as refused:
        arguments.parse(given, FLAGS)
    assert refused.value.message == message
