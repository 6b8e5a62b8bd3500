"""Images behind a password, as recorded on a real kubelet 1.36: pods a to k of ground-truth's private-reverify."""

import json
from typing import Any

import pytest
from tests import pullsecrets
from tests.node.fakes import image
from tests.node.world import NS, Steady, World

from pullscope.cri.api import AuthConfig
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.node.context import NodeOptions
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.node.records import Records
from pullscope.pull import keyring

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
    body = pullsecrets.made(name, {"127.0.0.1:5003": {"username": "user", "password": password}})
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


async def broken_secret(world: World) -> str:
    """A secret that the API takes and no kubelet can read; returns what kubelets say of it."""
    body = pullsecrets.made("broken", {"h": {"auth": "eA=="}})
    await world.api.create(resources.SECRETS, NS, body)
    return "unable to parse auth field, must be formatted as base64(username:password)"


async def test_a_secret_that_cannot_be_read_stops_the_pull(world: World) -> None:
    why = await broken_secret(world)
    await pod(world, "x", "Always", "broken")
    assert await reason(world, "x") == why
    assert world.images.calls == []
    assert [text for text in await world.told() if "Scheduled" not in text] == [f"Failed x2 Error: {why}"]


@pytest.mark.parametrize("policy", ["Never", "IfNotPresent"])
async def test_a_secret_that_cannot_be_read_is_no_matter_where_none_is_needed(world: World, policy: str) -> None:
    world.images.load(image(PRIVATE, "preloaded"))
    await broken_secret(world)
    await pod(world, "x", policy, "broken")
    assert await reason(world, "x") is None


async def test_a_secret_that_cannot_be_read_does_not_hide_that_an_image_is_absent(world: World) -> None:
    await broken_secret(world)
    await pod(world, "x", "Never", "broken")
    assert await reason(world, "x") == "ErrImageNeverPull"


async def test_a_secret_that_cannot_be_read_hides_a_private_image(private: World) -> None:
    why = await broken_secret(private)
    await pod(private, "x", "Never", "broken")
    await pod(private, "y", "IfNotPresent", "good", "broken")
    assert [await reason(private, name) for name in "xy"] == [why, why]


async def test_before_1_35_an_image_that_is_there_is_everybodys(private: World) -> None:
    await broken_secret(private)
    await private.restart(NodeOptions(random=Steady(), config=KubeletConfig((1, 34))))
    await pod(private, "x", "Never")
    await pod(private, "y", "IfNotPresent", "broken")
    assert [await reason(private, name) for name in "xy"] == [None, None]


async def test_before_1_35_what_another_release_remembers_is_left_alone(private: World) -> None:
    await private.stop()
    await Records(private.root, private.clock).begin(PRIVATE)
    begun = private.root / "image_manager" / "pulling"
    await private.restart(NodeOptions(random=Steady(), config=KubeletConfig((1, 34))))
    assert len([*begun.iterdir()]) == 1
    await private.restart(NodeOptions(random=Steady()))
    assert [*begun.iterdir()] == []


async def test_a_public_image_that_a_secret_pulled_is_asked_for_again(world: World) -> None:
    """The record names the secret whether or not the registry had wanted it."""
    world.images.registry[PRIVATE] = image(PRIVATE, "public")
    await secret(world, "good", "pass")
    await pod(world, "a", "IfNotPresent", "good")
    await pod(world, "b", "Never")
    assert await reason(world, "b") == "ErrImageNeverPull"
    await pod(world, "c", "IfNotPresent")
    await pod(world, "d", "Never")
    assert [await reason(world, name) for name in "cd"] == [None, None]


async def test_another_name_of_a_pulled_image_must_be_pulled_too(private: World) -> None:
    """Records are kept by the image's id: a secret's pull makes of the same image elsewhere one that kubelets pulled."""
    elsewhere = "r.test/public:v1"
    private.images.node[elsewhere] = image(PRIVATE, "private")
    await pod(private, "x", "Never", ref=elsewhere)
    assert await reason(private, "x") == "ErrImageNeverPull"


async def test_a_rotated_secret_may_use_what_its_former_self_pulled(private: World) -> None:
    kept = await private.api.get(resources.SECRETS, NS, "good")
    data = pullsecrets.data({"127.0.0.1:5003": {"username": "user", "password": "rotated"}})
    await private.api.update(resources.SECRETS, NS, {**kept, "data": data})
    await pod(private, "x", "Never", "good")
    assert await reason(private, "x") is None


async def test_a_secret_that_was_made_anew_and_differs_may_not(private: World) -> None:
    await private.api.delete(resources.SECRETS, NS, "good")
    await secret(private, "good", "other")
    await pod(private, "x", "Never", "good")
    assert await reason(private, "x") == "ErrImageNeverPull"


async def test_the_nodes_own_credentials_are_tried_after_the_pods(private: World) -> None:
    own = keyring.of_config({"auths": {"127.0.0.1:5003": {"username": "node", "password": "pass"}}})
    await private.restart(NodeOptions(random=Steady(), credentials=own))
    private.images.auths.clear()
    await pod(private, "x", "IfNotPresent", "bad")
    assert await reason(private, "x") is None
    assert private.images.auths == [AuthConfig("user", "wrong"), AuthConfig("node", "pass")]
    await pod(private, "y", "Never")
    assert await reason(private, "y") is None
