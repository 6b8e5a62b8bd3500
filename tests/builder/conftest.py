"""Pods of builds, with a registry and without one."""

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.builder.pod import Make, pod_of
from tests.registry.serving import serving

from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes the pod of a build with this spec; there is no registry."""
    async with aiohttp.ClientSession() as session:
        yield functools.partial(pod_of, tmp_path, session, "127.0.0.1:1")


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes the pod of a build with this spec; its registry has the probe as `pullscope/probe:base`."""
    async with serving(None) as served, aiohttp.ClientSession() as session:
        name = reference.parse(f"{served.address}/pullscope/probe:base")
        store = MemoryStore()
        await transfer.push(RegistryClient(session, served.address), name, store, probe.base(store))
        yield functools.partial(pod_of, tmp_path, session, served.address)
