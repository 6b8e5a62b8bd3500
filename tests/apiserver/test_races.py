"""Writers at the same time, over a state file: each is checked against what is really there, and none is lost."""

import asyncio
from pathlib import Path

import pytest
from tests.apiserver.support import pod

from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions
from pullscope.kube.status import ApiError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


async def test_patches_all_arrive(api: Api) -> None:
    await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}})
    patches = [api.patch(resources.CONFIG_MAPS, "demo", "c", {"data": {f"k{index}": "v"}}) for index in range(20)]
    await asyncio.gather(*patches)
    assert len((await api.get(resources.CONFIG_MAPS, "demo", "c"))["data"]) == 20


async def test_one_of_many_creators_wins(api: Api) -> None:
    creations = [api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}}) for _ in range(5)]
    results = await asyncio.gather(*creations, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["ApiError"] * 4 + ["dict"]


async def test_a_status_is_written_while_the_pod_is_being_deleted(api: Api) -> None:
    await api.create(resources.PODS, "demo", pod(nodeName="crc"))
    running = {"status": {"phase": "Running"}}
    status = api.patch(resources.PODS, "demo", "web", running, subresource="status")
    _, marked, _ = await asyncio.gather(status, api.delete(resources.PODS, "demo", "web"), status_again(api))
    assert "deletionTimestamp" in marked["metadata"]
    left = await api.get(resources.PODS, "demo", "web")
    assert (left["status"]["phase"], "deletionTimestamp" in left["metadata"]) == ("Running", True)
    await api.delete(resources.PODS, "demo", "web", DeleteOptions(grace_period_seconds=0))


async def test_a_pod_goes_although_its_status_is_being_written(api: Api) -> None:
    for attempt in range(10):
        name = f"p{attempt}"
        await api.create(resources.PODS, "demo", pod(name, nodeName="crc"))
        phases = [{"status": {"phase": phase}} for phase in ("Running", "Pending", "Running")]
        writes = [api.patch(resources.PODS, "demo", name, patch, subresource="status") for patch in phases]
        gone = api.delete(resources.PODS, "demo", name, DeleteOptions(grace_period_seconds=0))
        _, answer, *_ = await asyncio.gather(writes[0], gone, *writes[1:], return_exceptions=True)
        assert isinstance(answer, dict), answer
        assert answer["metadata"]["name"] == name
    assert (await api.list(resources.PODS, "demo")).items == []


async def status_again(api: Api) -> None:
    await api.patch(resources.PODS, "demo", "web", {"status": {"podIP": "10.0.0.1"}}, subresource="status")


async def test_who_names_a_version_loses_to_who_was_faster(api: Api) -> None:
    made = await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}})
    writes = [api.update(resources.CONFIG_MAPS, "demo", {**made, "data": {"a": str(index)}}) for index in range(3)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    reasons = [result.reason for result in results if isinstance(result, ApiError)]
    assert reasons == ["Conflict", "Conflict"]
