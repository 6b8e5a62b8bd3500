"""`pullscope registry fault`: its words, and a lab that it makes go wrong."""

import pytest

from pullscope.base.errors import UsageError
from pullscope.cli import registryfault


def test_words_are_read() -> None:
    words = ["status=503", "latency=200ms", "bandwidth=100k", "cut-after=1Mi", "wrong-digest", "rate-limit=100"]
    assert registryfault.effects_of(words) == {
        "status": 503,
        "latency": 0.2,
        "bandwidth": 100_000,
        "cut_after": 1 << 20,
        "wrong_digest": True,
        "rate_limit": 100,
    }
    switches = ["hang", "reset", "refuse", "no-repository"]
    assert registryfault.effects_of(switches) == {
        "hang": True,
        "reset": True,
        "refuse": True,
        "no_repository": True,
    }


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("500", "there is no fault '500'"),
        ("status", "status needs a value, as status=…"),
        ("hang=3", "hang takes no value"),
        ("latency=2", "'2' is no time"),
        ("latency=-1s", "'-1s' is no time"),
        ("bandwidth=fast", "'fast' is no size"),
        ("status=²", "'²' is no number"),
    ],
)
def test_words_that_make_no_sense(word: str, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        registryfault.effects_of([word])
    assert refused.value.message == text


def test_a_word_counts_once() -> None:
    with pytest.raises(UsageError, match="status is given twice"):
        registryfault.effects_of(["status=503", "status=500"])


def test_limits_that_would_limit_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="there is no fault that --times could limit"):
        registryfault.fault(times=3)
    with pytest.raises(UsageError, match="there is no fault that --repository could limit"):
        registryfault.fault([], repository="team/app")
    with pytest.raises(UsageError, match="--for limits what begins, and --clear ends it"):
        registryfault.fault(["1"], time="3s", clear=True)


def test_faults_are_shown_with_what_is_left() -> None:
    found = [{"id": 1, "fault": "status=503 of a/b", "left": 2, "seconds": 30.0}, {"id": 2, "fault": "hang"}]
    assert registryfault.table(found, "") == "1  status=503 of a/b (2 times, for 30s)\n2  hang"
    assert registryfault.table(found[1:], "Cleared: ") == "Cleared: 2  hang"
    assert registryfault.table([], "") == "No faults."
