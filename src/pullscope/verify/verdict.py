"""What the judge says: one of four words and one sentence. [pure]"""

from dataclasses import dataclass
from typing import Literal

Word = Literal["pass", "fail", "inconclusive", "not_applicable"]


@dataclass(frozen=True)
class Verdict:
    """`because` is one sentence without a full stop, and is never empty."""

    word: Word
    because: str


def passed(because: str) -> Verdict:
    """Expected, observed, and proven."""
    return Verdict("pass", because)


def failed(because: str) -> Verdict:
    """Something else than expected was seen, and it cannot be explained away."""
    return Verdict("fail", because)


def inconclusive(because: str) -> Verdict:
    """What was seen proves nothing about this case."""
    return Verdict("inconclusive", because)


def not_applicable(because: str) -> Verdict:
    """This cluster or registry does not let the case be made."""
    return Verdict("not_applicable", because)


def short(image_id: str) -> str:
    """The first 12 hex digits of a digest or of an imageID's digest, as crictl shows them."""
    return image_id.rpartition("@")[2].rpartition(":")[2][:12]
