"""What the real oc printed, run by run: `tests/data/oc/screens.json`, recorded with oc of release 4.22 level.

`HOST` stands for the server's address. `answers` are what the server had said where the screen is nothing but that.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[1] / "data" / "oc" / "screens.json"
_AGO = r"(?:Less than a second|About an? (?:minute|hour)|\d+ (?:second|minute|hour|month|year)s?)"
# What differs from run to run: digests, addresses, names that a server makes, times.
_VOLATILE = (
    (r"sha256:[0-9a-f]{64}", "DIGEST"),
    (r"127\.0\.0\.1:\d+|default-route-openshift-image-registry\.apps-crc\.testing|HOST", "HOST"),
    (r"(openshift|crc)-debug-\w{5}", r"\1-debug-NAME"),
    (rf"image [0-9a-f]{{7}} \({_AGO} old\)", "image ID (OLD)"),
    (rf"{_AGO} ago", "AGO"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
)


@dataclass(frozen=True)
class Screen:
    """How a command ended, and what it wrote."""

    exit: int
    stdout: str
    stderr: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def settled(self) -> "Screen":
        """The same without what differs from run to run."""
        return Screen(self.exit, settled(self.stdout), settled(self.stderr))


def settled(text: str) -> str:
    for pattern, word in _VOLATILE:
        text = re.sub(pattern, word, text)
    return text


def recorded() -> dict[str, Screen]:
    """All of them, by the name of the run."""
    return {run: Screen(**told) for run, told in json.loads(_FILE.read_text(encoding="utf-8")).items()}
