"""A disk that is full, as far as this process can see."""

import contextlib
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Within the block the kernel lets no file grow beyond `size` bytes: EFBIG in place of a full disk's ENOSPC.

    Never for a whole test: pytest itself writes files after a test, its own output first of all.
    """
    resource = pytest.importorskip("resource", reason="limits on file sizes need a POSIX system")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
