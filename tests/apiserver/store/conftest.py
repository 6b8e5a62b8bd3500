"""An empty store, in memory and in a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pullscope.apiserver.store.store import Store


@pytest.fixture(params=["memory", "file"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(tmp_path / "state.db" if request.param == "file" else None, history=50)
    yield opened
    await opened.close()
