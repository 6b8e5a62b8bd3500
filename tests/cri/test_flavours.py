"""The embedded runtime with the words and the rules of containerd; those of CRI-O are everywhere else."""

from pathlib import Path

import pytest
from tests.cri.world import world

from pullscope.cri.api import ContainerState, CriError


async def test_with_containerds_rules_an_image_in_use_loses_its_names_only(tmp_path: Path) -> None:
    async with world(tmp_path, flavour="containerd") as w:
        await w.push(w.name())
        container = await w.started(w.name())
        await w.logged(2)
        await w.runtime.remove_image(w.name())
        assert (await w.runtime.list_images(), w.held() != set()) == ([], True)
        assert (await w.runtime.container_status(container)).state is ContainerState.RUNNING
        session = await w.runtime.exec(container, ["ls", "/deployments"], stdin=False, tty=False)
        assert [data async for _, data in session.output()] == [b"node.war\n"]
        await w.runtime.remove_container(container)
        assert (w.held(), list((tmp_path / "node" / "trees").iterdir())) == (set(), [])


async def test_errors_in_containerds_words(tmp_path: Path) -> None:
    async with world(tmp_path, flavour="containerd") as w:
        with pytest.raises(CriError) as refused:
            await w.runtime.pull_image(w.name())
        resolve = f'failed to resolve reference "{w.name()}"'
        assert refused.value.code == "NotFound"
        assert (
            refused.value.message == f'failed to pull and unpack image "{w.name()}": {resolve}: {w.name()}: not found'
        )
