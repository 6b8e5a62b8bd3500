"""Causes that take a lab of their own: several nodes, and an admission plugin."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.why import bench
from tests.why.bench import Bench

from pullscope.kube import resources
from pullscope.lab.config import LabConfig
from pullscope.testing import lab as labs


@pytest.fixture
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """A bench in the lab that the test's parameter describes."""
    running = labs.running(request.param)
    lab = await asyncio.to_thread(running.__enter__)
    try:
        async with bench.opened(lab, "why") as opened:
            yield opened
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.mark.parametrize("here", [LabConfig(nodes=2)], indirect=True)
async def test_nodes_have_different_images_under_one_tag(here: Bench) -> None:
    """The first node has the tag from before; the other one pulls it now."""
    name = "why/nodes:v1"
    here.lab.node.pull(here.lab.push("node.war", name))
    await here.deploy(here.lab.push("registry.war", name), resource=resources.DAEMON_SETS, policy="IfNotPresent")
    found = await here.until(lambda those: {each.verdict for each in those} == {"stale", "up to date"})
    [finding] = [each for each in found if each.verdict == "stale"]
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("nodes-differ", "certain")
    assert finding.container.node == here.lab.node.name
    await here.mend(finding)
    await here.fine()


@pytest.mark.parametrize("here", [LabConfig(always_pull_images=True)], indirect=True)
async def test_admission_made_the_policy_always(here: Bench) -> None:
    """The node has the image, the registry does not, and IfNotPresent would have started it."""
    image = here.lab.push("registry.war", "why/always:v1")
    here.lab.node.pull(image)
    here.lab.untag(image)
    await here.deploy(image, policy="IfNotPresent")
    finding = await here.finding("failing")
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("always-pull-images", "certain")
    assert finding.causes[0].mends[0].command == f"docker push {image}"
    here.lab.push("registry.war", "why/always:v1")
    await here.type(finding.causes[-1].mends[0].command)
    await here.fine()
