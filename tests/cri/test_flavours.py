"""The embedded runtime with the words and the rules of containerd, where CRI-O's are everywhere else; names in both."""

import json
import re
from pathlib import Path

import pytest
from tests.cri.world import world
from tests.lab.outside import Refusing

from pullscope.cri.api import ContainerState, CriError
from pullscope.node import nodestatus
from pullscope.pull.flavours import Flavour

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


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
        before = len(w.asked())
        await w.runtime.pull_image(w.name())
        assert "GET blob 200" in w.asked()[before:]  # only images keep what was downloaded
        await w.runtime.remove_image(w.name())
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


@pytest.mark.parametrize(("runtime", "flavour"), [("crio", "cri-o"), ("containerd", "containerd")])
async def test_of_seven_names_of_an_image(runtime: str, flavour: Flavour, tmp_path: Path) -> None:
    """What a pod's status and node.status.images tell of them, as recorded; there the images were loaded by an archive."""
    recorded = json.loads((RECORDINGS / runtime / "names.json").read_text(encoding="utf-8"))
    async with world(tmp_path, flavour=flavour) as w:
        for name in recorded["names"]:
            ref = name.replace("REGISTRY", w.registry)
            await w.push(ref)
            await w.runtime.pull_image(ref)
        made = await w.container(await w.sandbox(), recorded["pod"].replace("REGISTRY", w.registry))
        status = await w.runtime.container_status(made)
        (image,) = nodestatus.images(await w.runtime.list_images(), 50)

        def masked(text: str) -> str:
            return re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", text.replace(w.registry, "REGISTRY"))

        assert masked(status.image) == recorded["image"]
        pulled = "REGISTRY/many/name0@DIGEST"  # where containerd's recording has an id: it was loaded from an archive
        assert masked(status.image_ref) == (recorded["imageID"] if flavour == "cri-o" else pulled)
        shown = [f"REGISTRY/many/name{number}@DIGEST" for number in range(5)]  # the first five: digests before tags
        assert [masked(name) for name in image["names"]] == shown
        assert shown == recorded["node"] or flavour == "containerd"


async def test_what_cri_o_said_of_each_answer_over_http(tmp_path: Path) -> None:
    recorded = json.loads((RECORDINGS / "crio" / "http-errors.json").read_text(encoding="utf-8"))
    refusing = Refusing()
    await refusing.start()
    async with world(tmp_path) as w:
        for pull in recorded["pulls"]:
            with pytest.raises(CriError) as refused:
                await w.runtime.pull_image(pull["image"].replace("REGISTRY", refusing.host))
            initializing = f"initializing source docker://{pull['image']}: {pull['why']}"
            artifact = f"artifact err: image reference: get manifest from ref: create image source: {pull['why']}"
            either = "unable to pull image or OCI artifact: pull image err"
            said = refused.value.message.replace(refusing.host, "REGISTRY")
            assert said == f"{either}: {initializing}; {artifact}", pull["answer"]
    await refusing.go()
