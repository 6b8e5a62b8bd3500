"""Fixtures of the runtime's tests; those of `tests/cri` use them too."""

from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def no_space_beyond() -> Iterator[Callable[[int], None]]:
    """Call it with a size in bytes: from then on no file can grow beyond it, as on a disk that is full."""
    resource = pytest.importorskip("resource", reason="limits on file sizes are Unix's")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
