"""What a real API server made of images and policies, row by row as recorded beside it (`tests/data/recordings`).

`apply` is done as kubectl does it: the patch that brings the object to what the file says now, and takes away what it said
last time and says no more.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.apiserver.support import deployment, pod, refusal

from pullscope.apiserver.schemas import types
from pullscope.kube import resources
from pullscope.kube.api import Api, Object, PatchType
from pullscope.oc import threeway

RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "recordings" / "crio" / "defaulting.json")
    .read_text(encoding="utf-8")
    .replace("REGISTRY", "127.0.0.1:5001")
    .replace("DIGEST", "sha256:" + "a" * 64)
)


def of(kind: str, container: Object) -> Object:
    """An object of that kind with that container; its name is `app`."""
    made = pod() if kind == "Pod" else deployment("app")
    (only,) = made["spec"]["containers"] if kind == "Pod" else made["spec"]["template"]["spec"]["containers"]
    only.clear()
    only |= {"name": "app", **container}
    return made


@pytest.mark.parametrize(("image", "policy"), RECORDED["pods"])
async def test_the_policy_of_a_pod(api: Api, image: str, policy: str) -> None:
    made = await api.create(resources.PODS, "demo", of("Pod", {"image": image}))
    assert made["spec"]["containers"][0]["imagePullPolicy"] == policy


@pytest.mark.parametrize(("kind", "container", "why"), RECORDED["refused"])
async def test_what_is_refused(api: Api, kind: str, container: Object, why: str) -> None:
    resource = resources.PODS if kind == "Pod" else resources.DEPLOYMENTS
    made = of(kind, container)
    refused = await refusal(api.create(resource, "demo", made))
    where = f"{kind}." if resource.group == "" else f"{kind}.{resource.group}"
    assert refused.message == f'{where.rstrip(".")} "{made["metadata"]["name"]}" is invalid: {why}'


async def test_the_policy_of_a_deployment_is_defaulted_once(api: Api) -> None:
    schema = types.of("apps/v1", "Deployment")
    assert schema is not None
    applied: Object = {}
    for step in RECORDED["deployment"]:
        if not applied:
            applied = of("Deployment", step["apply"])
            await api.create(resources.DEPLOYMENTS, "demo", applied)
        elif "apply" in step:
            wanted, current = of("Deployment", step["apply"]), await api.get(resources.DEPLOYMENTS, "demo", "app")
            await patched(api, threeway.patch(applied, wanted, current, schema))
            applied = wanted
        elif "set image" in step:
            containers = [{"name": "app", "image": step["set image"]}]
            await patched(api, {"spec": {"template": {"spec": {"containers": containers}}}})
        else:
            await patched(api, step["patch"])
        (container,) = (await api.get(resources.DEPLOYMENTS, "demo", "app"))["spec"]["template"]["spec"]["containers"]
        assert f"{container['image']} {container['imagePullPolicy']}" == step["shows"], step


async def patched(api: Api, patch: Any) -> None:
    """Change the Deployment by a JSON patch (a list) or a strategic merge patch."""
    kind: PatchType = "json" if isinstance(patch, list) else "strategic"
    await api.patch(resources.DEPLOYMENTS, "demo", "app", patch, type=kind)
