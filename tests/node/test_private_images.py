"""Images behind a password, as recorded on a real kubelet 1.36: pods a to k of ground-truth's private-reverify."""

import base64
import json
from typing import Any

import pytest
from tests.node.fakes import image
from tests.node.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import Object

PRIVATE = "127.0.0.1:5003/m/private:v1"
REQUIRED = "authentication required"


@pytest.fixture
async def private(world: World) -> World:
    """Pod `a` pulled the private image with the secret `good`."""
    world.images.registry[PRIVATE] = image(PRIVATE, "private")
    world.images.passwords[PRIVATE] = "pass"
    for name, password in (("good", "pass"), ("bad", "wrong"), ("same", "pass")):
        await secret(world, name, password)
    await pod(world, "a", "IfNotPresent", "good")
    assert await reason(world, "a") is None
    return world


async def secret(world: World, name: str, password: str) -> None:
    auths = {"auths": {"127.0.0.1:5003": {"username": "user", "password": password}}}
    data = {".dockerconfigjson": base64.b64encode(json.dumps(auths).encode()).decode()}
    body = {"metadata": {"name": name}, "type": "kubernetes.io/dockerconfigjson", "data": data}
    await world.api.create(resources.SECRETS, NS, body)


async def pod(world: World, name: str, policy: str, *secrets: str, ref: str = PRIVATE) -> Object:
    spec: dict[str, Any] = {"imagePullSecrets": [{"name": given} for given in secrets]} if secrets else {}
    return await world.run(name=name, container={"image": ref, "imagePullPolicy": policy}, **spec)


async def reason(world: World, name: str) -> str | None:
    """Why the pod waits; None when it runs."""
    state = (await world.container(name))["state"]
    return None if "running" in state else str(state["waiting"]["reason"])


@pytest.mark.parametrize(
    ("policy", "secrets", "waits_for"),
    [
        pytest.param("IfNotPresent", [], "ErrImagePull", id="b"),
        pytest.param("Never", [], "ErrImageNeverPull", id="c"),
        pytest.param("Never", ["good"], None, id="d"),
        pytest.param("IfNotPresent", ["bad"], "ErrImagePull", id="e"),
        pytest.param("IfNotPresent", ["same"], None, id="f"),
        pytest.param("IfNotPresent", ["bad", "good"], None, id="one of two"),
    ],
)
async def test_who_may_use_the_nodes_copy(
    private: World, policy: str, secrets: list[str], waits_for: str | None
) -> None:
    await pod(private, "x", policy, *secrets)
    assert await reason(private, "x") == waits_for
    if waits_for == "ErrImagePull":
        assert REQUIRED in (await private.container("x"))["state"]["waiting"]["message"]


async def test_g_by_digest_it_is_the_same_image(private: World) -> None:
    by_digest = image(PRIVATE, "private").repo_digests[0]
    private.images.node[by_digest] = image(PRIVATE, "private")
    await pod(private, "g", "IfNotPresent", ref=by_digest)
    assert await reason(private, "g") == "ErrImagePull"


async def test_hi_what_others_put_on_the_node_is_free(world: World) -> None:
    world.images.load(image(PRIVATE, "preloaded"))
    world.images.passwords[PRIVATE] = "pass"
    await pod(world, "h", "Never")
    await pod(world, "i", "IfNotPresent")
    assert [await reason(world, name) for name in "hi"] == [None, None]


async def test_k_what_was_pulled_without_a_password_is_free(world: World) -> None:
    world.images.registry[PRIVATE] = image(PRIVATE, "public")
    await pod(world, "j", "Always")
    await pod(world, "k", "Never")
    assert await reason(world, "k") is None


async def test_the_kubelet_remembers_across_a_restart(private: World) -> None:
    (record,) = (private.root / "image_manager" / "pulled").iterdir()
    content = json.loads(record.read_text())
    assert content["imageRef"] == image(PRIVATE, "private").id
    ((name, credentials),) = content["credentialMapping"].items()
    assert name == "127.0.0.1:5003/m/private"
    (recorded,) = credentials["kubernetesSecrets"]
    assert (recorded["namespace"], recorded["name"]) == (NS, "good")
    assert recorded["credentialHash"] == "cb54b00fb550d4a17c448149caa29f38f4d5a44fb87c752e43db8160af3a032a"
    await private.restart(private.kubelet.options)
    await pod(private, "x", "Never")
    assert await reason(private, "x") == "ErrImageNeverPull"


async def test_a_secret_that_is_missing_is_told_of_and_the_pull_goes_on(world: World) -> None:
    world.images.registry[PRIVATE] = image(PRIVATE, "public")
    await pod(world, "x", "Always", "nosuch")
    assert await reason(world, "x") is None
    assert (
        "FailedToRetrieveImagePullSecret x2 Unable to retrieve some image pull secrets (nosuch); "
        "attempting to pull the image may not succeed."
    ) in await world.told()


async def test_a_secret_that_cannot_be_read_stops_the_pull(world: World) -> None:
    body = {"metadata": {"name": "broken"}, "type": "kubernetes.io/dockerconfigjson"}
    data = {".dockerconfigjson": base64.b64encode(b'{"auths": {"h": {"auth": "eA=="}}}').decode()}
    await world.api.create(resources.SECRETS, NS, {**body, "data": data})
    await pod(world, "x", "Always", "broken")
    assert await reason(world, "x") == "unable to parse auth field, must be formatted as base64(username:password)"
    assert world.images.calls == []
