"""AlwaysPullImages, switched on: what becomes of pods, and of nothing else."""

from collections.abc import AsyncIterator

import pytest
from tests.apiserver.support import ADMIN, deployment, pod

from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.kube.status import ApiError

IMAGE = "registry.example/app:v1"


@pytest.fixture
async def strict() -> AsyncIterator[Api]:
    """An API with the plugin on, with a pod `old` that is older than the switch."""
    store, clock = Store.open(None), ManualClock()
    before = ApiServer(store, clock).client(ADMIN)
    await before.create(resources.NAMESPACES, None, {"metadata": {"name": "demo"}})
    await before.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    await before.create(resources.PODS, "demo", pod("old"))
    yield ApiServer(store, clock, always_pull_images=True).client(ADMIN)
    await store.close()


async def test_every_container_pulls_always(strict: Api) -> None:
    asked = pod(
        containers=[
            {"name": "a", "image": IMAGE, "imagePullPolicy": "Never"},
            {"name": "b", "image": IMAGE},
        ],
        initContainers=[{"name": "i", "image": IMAGE, "imagePullPolicy": "IfNotPresent"}],
    )
    spec = (await strict.create(resources.PODS, "demo", asked))["spec"]
    assert [each["imagePullPolicy"] for each in (*spec["initContainers"], *spec["containers"])] == ["Always"] * 3


async def test_what_is_no_pod_is_left_alone(strict: Api) -> None:
    made = await strict.create(resources.DEPLOYMENTS, "demo", deployment())
    assert made["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


async def test_an_update_without_a_new_image_is_let_through(strict: Api) -> None:
    changed = await strict.patch(resources.PODS, "demo", "old", {"metadata": {"labels": {"a": "b"}}})
    assert changed["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


async def test_a_new_image_in_an_old_pod_meets_the_rule_that_policies_do_not_change(strict: Api) -> None:
    """As upstream: the plugin changes the policy, and validation refuses the change."""
    patch = {"spec": {"containers": [{"name": "app", "image": "registry.example/app:v2"}]}}
    with pytest.raises(ApiError, match="pod updates may not change fields other than"):
        await strict.patch(resources.PODS, "demo", "old", patch, type="strategic")


async def test_status_writes_are_let_through(strict: Api) -> None:
    written = await strict.patch(resources.PODS, "demo", "old", {"status": {"phase": "Running"}}, subresource="status")
    assert written["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


async def test_a_pod_that_loses_its_spec_is_refused_in_words(strict: Api) -> None:
    with pytest.raises(ApiError) as refused:
        await strict.patch(resources.PODS, "demo", "old", {"spec": None})
    assert refused.value.code == 422
