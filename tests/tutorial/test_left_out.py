"""What happens without the steps that the tutorial leaves out: why each of them is there."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.oc.conftest import Oc

from pullscope.base.clock import SystemClock
from pullscope.clusters.cluster import connect
from pullscope.kube.api import Object
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig
from pullscope.tutorial import samples, walk
from pullscope.tutorial.lookout import Lookout
from pullscope.tutorial.steps import IMAGE, NAME, PROJECT
from pullscope.tutorial.steps import Oc as Typed
from pullscope.verify import pods

LOGS = ("logs", f"deployment/{NAME}")
DELETE = ("delete", "deployment", NAME, "--cascade=foreground")


class Walk:
    """Somebody who does the walk up to the first build, in a folder with the sample files."""

    def __init__(self, oc: Oc, lookout: Lookout, folder: Path) -> None:
        self.oc = oc
        self.lookout = lookout
        self.folder = folder

    async def build(self) -> str:
        return await self.oc.done("start-build", NAME, f"--from-dir={self.folder / 'deployment'}", "--follow", "--wait")

    async def apply(self) -> str:
        return await self.oc.done("apply", "-f", str(self.folder / samples.MANIFEST))

    async def pod(self) -> Object:
        found = await self.lookout.pod("settled")
        assert found is not None
        return found


@asynccontextmanager
async def walking(folder: Path) -> AsyncIterator[Walk]:
    samples.write(folder)
    async with assembly.running(LabConfig(tutorial=True)) as lab, connect(lab.kubeconfig) as cluster:
        oc = Oc(lab.kubeconfig, PROJECT)
        await oc.done("new-project", PROJECT)
        for step in (walk.CLUSTER.steps[2], walk.OWN.steps[1]):
            assert isinstance(step.action, Typed)
            await oc.done(*step.action.command.replace('"', "").split()[1:])
        yield Walk(oc, Lookout(cluster, SystemClock()), folder)


async def test_each_step_has_its_reason(tmp_path: Path) -> None:
    async with walking(tmp_path) as user:
        await user.build()
        await _without_the_patch(user)
        await _with_new_apps_deployment(user)
        await user.oc.done("patch", "bc", NAME, "-p", f'{{"spec":{{"output":{{"to":{{"name":"{NAME}:v1"}}}}}}}}')
        await user.build()
        await _without_deleting_first(user)
        await _without_a_stream(user)


async def _without_the_patch(user: Walk) -> None:
    """There is no v1."""
    await user.apply()
    assert pods.status(await user.pod()) == "ErrImagePull"
    assert "not found" in (await user.oc("get", "istag", f"{NAME}:v1")).stderr
    await user.oc.done(*DELETE)


async def _with_new_apps_deployment(user: Walk) -> None:
    """Its image is a digest that follows the builds: no image can be stale, and nobody applies anything."""
    await user.oc.done("new-app", NAME)
    assert await user.lookout.pod("running")
    assert "node.war" in await user.oc.done(*LOGS)
    samples.change(user.folder, "registry.war")
    await user.build()
    fresh = await user.lookout.pod("running")
    assert fresh is not None
    [container] = fresh["spec"]["containers"]
    assert re.search(rf"/{NAME}@sha256:[0-9a-f]{{64}}$", container["image"])
    assert "registry.war" in await user.oc.done("logs", fresh["metadata"]["name"])
    await user.oc.done(*DELETE)


async def _without_deleting_first(user: Walk) -> None:
    """An unchanged `oc apply` starts no pod, and `crictl rmi` refuses what a container uses."""
    await user.apply()
    first = await user.pod()
    assert "unchanged" in await user.apply()
    listed = await user.oc.done("get", "pod", "-l", f"app={NAME}", "-o", "name")
    assert listed.split() == [f"pod/{first['metadata']['name']}"]
    rmi = ("debug", "node/crc", "--", "chroot", "/host", "crictl", "rmi", IMAGE)
    refused = await user.oc(*rmi)
    assert refused.exit == 1
    assert "in use" in refused.stderr + refused.stdout
    await user.oc.done(*DELETE)
    assert "Deleted: " in await user.oc.done(*rmi)


async def _without_a_stream(user: Walk) -> None:
    """A build fails at once, until there is one again."""
    await user.oc.done("delete", "is", NAME)
    failed = await user.oc("start-build", NAME, f"--from-dir={user.folder / 'deployment'}", "--wait")
    assert failed.exit == 1
    assert "failed: InvalidOutputReference: Output image could not be resolved." in failed.stderr
    await user.oc.done("create", "imagestream", NAME)
    assert "Push successful" in await user.build()
