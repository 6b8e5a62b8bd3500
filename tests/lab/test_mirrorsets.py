"""Mirror sets at work in a whole lab: what nodes pull and what imports find, from the next pull on."""

import pytest
from tests.lab import world

from pullscope.cri.api import CriError
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.pull import mirrorsets

DIGESTS, TAGS = resources.IMAGE_DIGEST_MIRROR_SETS, resources.IMAGE_TAG_MIRROR_SETS
SOURCE = "127.0.0.1:1/far"  # nothing listens there
REFUSED = f"RegistryUnavailable: unable to pull image: initializing source docker://{SOURCE}/"
BLOCKED = f"registry {SOURCE} is blocked in /etc/containers/registries.conf or /etc/containers/registries.conf.d"


def mirror_set(lab: Lab, resource: Resource, source: str = SOURCE, policy: str = mirrorsets.ALLOW) -> Object:
    field, _ = mirrorsets.LISTS[resource.kind]
    entry = {"source": source, "mirrors": [f"{lab.registry}/near"], "mirrorSourcePolicy": policy}
    return {"metadata": {"name": policy.lower()}, "spec": {field: [entry]}}


async def refusal(lab: Lab, image: str) -> str:
    with pytest.raises(CriError) as raised:
        await lab.nodes[0].images.pull_image(image)
    return str(raised.value)


async def imported(lab: Lab, image: str) -> Object:
    images = [{"from": {"kind": "DockerImage", "name": image}, "to": {"name": "v1"}}]
    wanted = {"metadata": {"name": "app"}, "spec": {"import": True, "images": images}}
    done = await lab.api.create(resources.IMAGE_STREAM_IMPORTS, "default", wanted)
    [result] = done["status"]["images"]
    return dict(result["status"])


async def test_what_the_sets_say_holds_from_the_next_pull_on() -> None:
    async with assembly.running(LabConfig()) as lab:
        pull = lab.nodes[0].images.pull_image
        by_tag = f"{SOURCE}/app:v1"
        by_digest = f"{SOURCE}/app@{await world.push(lab.registry, f'{lab.registry}/near/app:v1', 'app.war')}"
        assert (await refusal(lab, by_tag)).startswith(REFUSED)

        await lab.api.create(DIGESTS, None, mirror_set(lab, DIGESTS))
        await pull(by_digest)
        assert (await refusal(lab, by_tag)).startswith(REFUSED)
        assert (await imported(lab, by_tag))["status"] == "Failure"

        await lab.api.create(TAGS, None, mirror_set(lab, TAGS))
        assert (await world.running(lab, "app", by_tag, lab.node))["image"] == by_tag
        assert await imported(lab, by_tag) == {"metadata": {}, "status": "Success"}
        missing = await refusal(lab, f"{SOURCE}/missing:v1")
        assert f"(Mirrors also failed: [{lab.registry}/near/missing:v1: reading manifest v1 in " in missing
        assert f"manifest unknown]): {SOURCE}/missing:v1: pinging container registry 127.0.0.1:1: " in missing

        # One says that the source may be asked, the other that it may not: neither has an effect.
        await lab.api.create(TAGS, None, mirror_set(lab, TAGS, policy=mirrorsets.NEVER))
        assert (await refusal(lab, f"{SOURCE}/app:v1")).startswith(REFUSED)
        for resource in (DIGESTS, TAGS):
            await lab.api.delete(resource, None, mirrorsets.ALLOW.lower())
        await pull(by_tag)
        assert f"{SOURCE}/missing:v1: {BLOCKED}" in await refusal(lab, f"{SOURCE}/missing:v1")
