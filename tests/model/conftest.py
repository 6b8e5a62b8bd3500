"""The place of the lives of one node."""

from collections.abc import Iterator

import pytest
from tests.model.places import Place


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.close()
