"""The API server over HTTPS, as kubectl wants it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.apiserver import kubectl as kubectls
from tests.apiserver.kubectl import Kubectl

from pullscope.apiserver.server import ApiServer


@pytest.fixture
async def kubectl(server: ApiServer, tmp_path: Path) -> AsyncIterator[Kubectl]:
    async with kubectls.of(server, tmp_path, namespace="demo") as made:
        yield made
