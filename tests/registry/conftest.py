"""The registry that most tests here talk to: in memory, and on disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.registry.serving import Served, serving


@pytest.fixture(params=["memory", "disk"])
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path / "registry" if request.param == "disk" else None) as running:
        yield running
