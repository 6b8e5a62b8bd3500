"""`world`: a kubelet at work, its image on the node."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.node.world import World
from tests.node.world import world as make_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(tmp_path) as made:
        await made.start()
        yield made
