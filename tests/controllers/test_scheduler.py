"""The scheduler at work over a state file, where a binding takes as long as the disk does."""

import asyncio
from pathlib import Path

import pytest
from tests.controllers.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


async def test_pods_that_come_together_do_not_take_the_same_place(world: World) -> None:
    """Several are being bound at a time, and each sees what those before it take."""
    await world.api.patch(
        resources.NODES, None, "crc", {"status": {"allocatable": {"pods": "3"}}}, subresource="status"
    )
    spec = {"containers": [{"name": "app", "image": "app:v1"}]}
    names = [f"p{number}" for number in range(8)]
    await asyncio.gather(*(world.make(resources.PODS, {"metadata": {"name": name}, "spec": spec}) for name in names))

    async def told() -> bool:
        return len(await world.said("FailedScheduling")) >= 5

    await world.until(resources.EVENTS, told)
    bound = await world.pods(3)
    await world.api.delete(resources.PODS, NS, bound[0]["metadata"]["name"], DeleteOptions(grace_period_seconds=0))
    await world.pods(3)
