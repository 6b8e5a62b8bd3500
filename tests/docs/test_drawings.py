"""The drawings in the documentation are the flowchart that the code decides by."""

from pathlib import Path

import pytest

from pullscope.pull import flow

PAGE = Path(__file__).parents[2] / "docs" / "pull-policy.md"


@pytest.mark.parametrize("chart", [flow.FLOW, flow.TUTORIAL], ids=["full", "tutorial"])
def test_the_page_draws_the_chart_of_the_code(chart: flow.Flow) -> None:
    assert f"```mermaid\n{chart.mermaid()}```" in PAGE.read_text(encoding="utf-8")
