"""A lab in this very event loop: it is ready, it works, and it leaves nothing behind."""

import asyncio
import gc
import ssl
import threading
from pathlib import Path

import aiohttp
import pytest

from pullscope.base.errors import PullscopeError
from pullscope.kube import resources
from pullscope.lab import assembly, kubeconfig
from pullscope.lab.config import LabConfig, Seams


def open_files() -> set[str]:
    """What this process has open, as far as the platform tells."""
    listing = Path("/proc/self/fd")
    return {str(each.readlink()) for each in listing.iterdir() if each.exists()} if listing.exists() else set()


async def test_a_lab_is_ready_when_the_block_begins_and_gone_when_it_ends(tmp_path: Path) -> None:
    gc.collect()
    threads, files, tasks = threading.active_count(), open_files(), asyncio.all_tasks()
    async with assembly.running(LabConfig()) as lab:
        (node,) = (await lab.api.list(resources.NODES)).items
        assert node["metadata"]["name"] == lab.node == "crc"
        scratch = lab.kubeconfig.parent
        access = kubeconfig.access_in(lab.kubeconfig)
        trusting = ssl.create_default_context(cadata=access.ca.decode())
        headers = {"Authorization": f"Bearer {access.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(f"{lab.server}/api/v1/nodes", ssl=trusting) as answer:
                assert [each["metadata"]["name"] for each in (await answer.json())["items"]] == ["crc"]
            async with session.get(
                f"{lab.server}/api/v1/nodes", ssl=trusting, headers={"Authorization": "Bearer x"}
            ) as answer:
                assert answer.status == 401
            async with session.get(f"http://{lab.registry}/v2/pullscope/probe/tags/list") as answer:
                assert (await answer.json())["tags"] == ["base"]
    await asyncio.get_running_loop().shutdown_default_executor()
    gc.collect()
    assert not scratch.exists()
    assert asyncio.all_tasks() == tasks
    assert threading.active_count() <= threads
    assert open_files() <= files
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(lab.registry.rpartition(":")[2]))


async def test_it_stops_while_a_client_watches() -> None:
    async with assembly.running(LabConfig()) as lab:
        access = kubeconfig.access_in(lab.kubeconfig)
        session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {access.token}"})
        trusting = ssl.create_default_context(cadata=access.ca.decode())
        watch = await session.get(f"{lab.server}/api/v1/pods?watch=true&resourceVersion=0", ssl=trusting)
    async with asyncio.timeout(5):
        assert await watch.read() == b""
    await session.close()


async def test_an_error_in_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(PullscopeError, match="mine"):
        async with assembly.running(LabConfig()):
            raise PullscopeError("mine")


async def test_a_part_that_fails_ends_the_lab() -> None:
    class BrokenError(Exception):
        pass

    def broken(service: object) -> object:
        class Runtime:
            def __getattr__(self, name: str) -> object:
                return getattr(service, name)

            async def version(self) -> object:
                raise BrokenError

        return Runtime()

    with pytest.raises(BrokenError):
        async with assembly.running(LabConfig(seams=Seams(runtime=broken))):  # type: ignore[arg-type] # the part that is used
            pass


async def test_a_durable_lab_keeps_its_objects_and_its_authority(tmp_path: Path) -> None:
    config = LabConfig(root=tmp_path)
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept"}}
    async with assembly.running(config) as lab:
        await lab.api.create(resources.CONFIG_MAPS, "default", config_map)
        first = lab.access
    async with assembly.running(config) as lab:
        assert (await lab.api.get(resources.CONFIG_MAPS, "default", "kept"))["metadata"]["name"] == "kept"
        assert (lab.access.ca, lab.access.token) == (first.ca, first.token)
