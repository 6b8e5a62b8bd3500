"""The world that tests of the embedded runtime live in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.cri.world import World, world


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made
