"""The image stream `openshift/tools`: it leads to an image in the lab's registry, also when that is elsewhere next time."""

from pathlib import Path

import aiohttp

from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.lab import assembly, tools
from pullscope.lab.config import LabConfig


async def test_the_stream_follows_the_registry(tmp_path: Path) -> None:
    references = []
    for _ in range(2):
        async with assembly.running(LabConfig(root=tmp_path)) as lab:
            stream = await _stream(lab)
            references.append(stream["status"]["tags"][0]["items"][0]["dockerImageReference"])
            assert references[-1].startswith(f"{lab.registry}/pullscope/tools@sha256:")
            async with aiohttp.ClientSession() as session:
                await tools.provide(session, lab.registry, lab.api)
            assert await _stream(lab) == stream  # once is enough
    assert references[0].partition("@")[2] == references[1].partition("@")[2]


async def _stream(lab: assembly.Lab) -> Object:
    return await lab.api.get(resources.IMAGE_STREAMS, tools.NAMESPACE, tools.STREAM)
