"""What a probe found out keeps exactly those cases from being made, or proven, that depend on it."""

import pytest

from pullscope.verify.cases import article
from pullscope.verify.probing import Known


@pytest.mark.parametrize(
    ("known", "unsupported", "failed"),
    [
        (Known(), "", ""),
        (Known(policy="changed"), "3456", ""),
        (Known(deletion="kept"), "135", ""),
        (Known(mirror="cached"), "", "12567"),
        (Known(policy="changed", deletion="kept", mirror="cached"), "13456", "27"),
    ],
)
def test_obstacles(known: Known, unsupported: str, failed: str) -> None:
    found = {case.id: known.obstacle(case) for case in article.CASES}
    told = {
        kind: "".join(case for case, each in found.items() if each and each.kind == kind)
        for kind in ("unsupported", "failed")
    }
    assert told == {"unsupported": unsupported, "failed": failed}
