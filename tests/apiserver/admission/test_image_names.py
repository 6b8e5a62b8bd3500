"""Bare names of local image streams in pods and workloads."""

from typing import Any

import pytest
from tests.apiserver.support import DEPLOYMENTS, PODS, Http

from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.oci.digest import Digest

DIGEST = str(Digest.of(b"x"))
REFERENCE = f"image-registry.test/demo/app@{DIGEST}"


@pytest.fixture
async def stream(api: Api) -> None:
    """The stream `app` with an image under `v1`, whose names are local."""
    await api.create(
        resources.IMAGE_STREAMS, "demo", {"metadata": {"name": "app"}, "spec": {"lookupPolicy": {"local": True}}}
    )
    mapping = {
        "metadata": {"name": "app"},
        "image": {"metadata": {"name": DIGEST}, "dockerImageReference": REFERENCE},
        "tag": "v1",
    }
    await api.create(resources.IMAGE_STREAM_MAPPINGS, "demo", mapping)


def spec(image: str) -> dict[str, Any]:
    return {"containers": [{"name": "app", "image": image}], "initContainers": [{"name": "first", "image": image}]}


@pytest.mark.usefixtures("stream")
@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("app:v1", REFERENCE),
        (f"app@{DIGEST}", REFERENCE),
        ("app", "app"),
        ("app:v2", "app:v2"),
        ("other:v1", "other:v1"),
        ("registry.test/app:v1", "registry.test/app:v1"),
    ],
)
async def test_a_pods_image_is_what_its_stream_says(wire: Http, image: str, expected: str) -> None:
    pod = {"metadata": {"name": "p"}, "spec": spec(image)}
    made = (await wire.send("POST", PODS, pod)).body
    assert [made["spec"][field][0]["image"] for field in ("containers", "initContainers")] == [expected, expected]


@pytest.mark.usefixtures("stream")
async def test_a_workloads_image_is_looked_up_when_it_changes(wire: Http, api: Api) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": spec("app:v2")}
    deployment = {"metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}
    await wire.send("POST", DEPLOYMENTS, deployment)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "app:v1"}]}}}}
    kind = "application/strategic-merge-patch+json"
    made = (await wire.send("PATCH", f"{DEPLOYMENTS}/d", patch, content_type=kind)).body
    assert made["spec"]["template"]["spec"]["containers"][0]["image"] == REFERENCE


async def test_streams_whose_names_are_not_local_mean_nothing(wire: Http, stream: None) -> None:
    path = "/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app"
    kind = "application/merge-patch+json"
    await wire.send("PATCH", path, {"spec": {"lookupPolicy": {"local": False}}}, content_type=kind)
    made = (await wire.send("POST", PODS, {"metadata": {"name": "p"}, "spec": spec("app:v1")})).body
    assert made["spec"]["containers"][0]["image"] == "app:v1"
