"""Image streams over the wire, as `oc` asks for them, with a registry of ours to import from."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from tests.apiserver.support import TABLE, Http
from tests.remote import peers

from pullscope.apiserver.services import Imaging
from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.remote import transfer
from pullscope.remote.registries import Registries

IMAGE = "/apis/image.openshift.io/v1"
NAMESPACE = f"{IMAGE}/namespaces/demo"
SOURCE = "registry.test/team/app"
PUBLIC = "127.0.0.1:5001"


@pytest.fixture
async def ways() -> AsyncIterator[Registries]:
    """Registries in which registry.test is one of ours."""
    async with peers.ours() as address, aiohttp.ClientSession() as session:
        yield Registries(session, {"registry.test": address})


@pytest.fixture
def imaging(ways: Registries) -> Imaging:
    return Imaging(PUBLIC, ways)


async def push(ways: Registries, tag: str, war: str) -> None:
    store = MemoryStore()
    name = reference.parse(f"{SOURCE}:{tag}")
    await transfer.push(ways.client(name), name, store, probe.variant(store, war))


def wanted(*tags: str, stream: str = "app", do: bool = True, **policy: Any) -> dict[str, Any]:
    images = [
        {"from": {"kind": "DockerImage", "name": f"{SOURCE}:{tag}"}, "to": {"name": tag}, "importPolicy": policy}
        for tag in tags
    ]
    return {
        "kind": "ImageStreamImport",
        "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": stream, "namespace": "demo"},
        "spec": {"import": do, "images": images},
        "status": {},
    }


async def imported(wire: Http, *tags: str, **more: Any) -> dict[str, Any]:
    answer = await wire.send("POST", f"{NAMESPACE}/imagestreamimports", wanted(*tags, **more))
    assert answer.code == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def test_an_import_makes_the_stream_and_its_image(wire: Http, ways: Registries) -> None:
    await push(ways, "v1", "node.war")
    body = await imported(wire, "v1")
    [result] = body["status"]["images"]
    assert (result["status"]["status"], result["tag"]) == ("Success", "v1")
    stream = body["status"]["import"]
    digest = result["image"]["metadata"]["name"]
    assert stream["spec"]["tags"] == [
        {
            "name": "v1",
            "annotations": None,
            "from": {"kind": "DockerImage", "name": f"{SOURCE}:v1"},
            "generation": stream["metadata"]["generation"],
            "importPolicy": {"importMode": "Legacy"},
            "referencePolicy": {"type": "Source"},
        }
    ]
    [tag] = stream["status"]["tags"]
    assert [(item["image"], item["dockerImageReference"]) for item in tag["items"]] == [(digest, f"{SOURCE}@{digest}")]
    assert "openshift.io/image.dockerRepositoryCheck" in stream["metadata"]["annotations"]
    assert stream["status"]["publicDockerImageRepository"] == f"{PUBLIC}/demo/app"
    image = await wire.send("GET", f"{IMAGE}/images/{digest}")
    assert image.body["dockerImageMetadata"]["Config"]["Entrypoint"] == ["/probe"]


async def test_a_tag_that_moved_is_stale_until_it_is_imported_again(
    wire: Http, ways: Registries, clock: ManualClock
) -> None:
    await push(ways, "v1", "node.war")
    first = (await imported(wire, "v1"))["status"]["import"]
    again = (await imported(wire, "v1"))["status"]["import"]
    assert again["metadata"]["generation"] == first["metadata"]["generation"]
    await push(ways, "v1", "registry.war")
    before = await wire.send("GET", f"{NAMESPACE}/imagestreamtags/app:v1")
    await imported(wire, "v1")
    after = await wire.send("GET", f"{NAMESPACE}/imagestreamtags/app:v1")
    assert before.body["image"]["metadata"]["name"] != after.body["image"]["metadata"]["name"]
    stream = (await wire.send("GET", f"{NAMESPACE}/imagestreams/app")).body
    assert len(stream["status"]["tags"][0]["items"]) == 2


async def test_a_failed_import_is_told_in_its_status_and_in_a_condition(wire: Http, ways: Registries) -> None:
    await push(ways, "v1", "node.war")
    body = await imported(wire, "v1", "missing")
    good, bad = body["status"]["images"]
    message = f'dockerimage.image.openshift.io "{SOURCE}:missing" not found'
    assert good["status"]["status"] == "Success"
    assert (bad["status"]["reason"], bad["status"]["message"]) == ("NotFound", message)
    tags = {tag["tag"]: tag for tag in body["status"]["import"]["status"]["tags"]}
    [condition] = tags["missing"]["conditions"]
    assert (condition["type"], condition["status"], condition["message"]) == ("ImportSuccess", "False", message)
    assert tags["missing"]["items"] is None
    await push(ways, "missing", "node.war")
    mended = (await imported(wire, "missing"))["status"]["import"]
    assert "conditions" not in {tag["tag"]: tag for tag in mended["status"]["tags"]}["missing"]


async def test_a_dry_import_only_shows(wire: Http, ways: Registries) -> None:
    await push(ways, "v1", "node.war")
    body = await imported(wire, "v1", do=False)
    assert body["status"]["images"][0]["image"]["dockerImageMetadata"]["Architecture"] == "wasm"
    assert "import" not in body["status"]
    assert (await wire.send("GET", f"{NAMESPACE}/imagestreams/app")).code == 404


async def test_a_whole_repository(wire: Http, ways: Registries) -> None:
    for tag in ("v1", "v2"):
        await push(ways, tag, f"{tag}.war")
    request = wanted()
    request["spec"] = {"import": True, "repository": {"from": {"kind": "DockerImage", "name": SOURCE}}}
    body = (await wire.send("POST", f"{NAMESPACE}/imagestreamimports", request)).body
    assert [image["tag"] for image in body["status"]["repository"]["images"]] == ["v1", "v2"]
    assert [tag["name"] for tag in body["status"]["import"]["spec"]["tags"]] == ["v1", "v2"]


async def test_an_index_may_be_kept_as_it_is(wire: Http, ways: Registries) -> None:
    await push(ways, "v1", "node.war")
    [result] = (await imported(wire, "v1", importMode="PreserveOriginal"))["status"]["images"]
    assert len(result["manifests"]) == 3
    assert result["image"]["dockerImageManifests"]


async def test_tags_are_pinned_to_images_and_follow_tags_of_their_stream(wire: Http, ways: Registries) -> None:
    await push(ways, "v1", "node.war")
    await imported(wire, "v1")
    image = (await wire.send("GET", f"{NAMESPACE}/imagestreamtags/app:v1")).body["image"]["metadata"]["name"]
    put = {
        "kind": "ImageStreamTag",
        "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": "other:prod", "namespace": "demo"},
        "tag": {
            "name": "",
            "annotations": None,
            "from": {"kind": "ImageStreamImage", "name": f"app@{image}"},
            "generation": None,
            "importPolicy": {"importMode": "Legacy"},
            "referencePolicy": {"type": "Source"},
        },
        "generation": 0,
        "lookupPolicy": {"local": False},
        "image": {"metadata": {}, "dockerImageMetadata": None},
    }
    made = await wire.send("PUT", f"{NAMESPACE}/imagestreamtags/other:prod", put)
    assert made.code in (200, 201), made.body
    assert made.body["image"]["metadata"]["name"] == image
    tracking = {"spec": {"tags": [{"name": "latest", "from": {"kind": "ImageStreamTag", "name": "v1"}}]}}
    path = f"{NAMESPACE}/imagestreams/app"
    patched = await wire.send("PATCH", path, tracking, content_type="application/strategic-merge-patch+json")
    assert {tag["tag"] for tag in patched.body["status"]["tags"]} == {"v1", "latest"}
    await push(ways, "v1", "registry.war")
    stream = (await imported(wire, "v1"))["status"]["import"]
    newest = {tag["tag"]: tag["items"][0]["image"] for tag in stream["status"]["tags"]}
    assert newest["latest"] == newest["v1"] != image
    assert (await wire.send("DELETE", f"{NAMESPACE}/imagestreamtags/app:latest")).body["status"] == "Success"
    assert (await wire.send("GET", f"{NAMESPACE}/imagestreamtags/app:latest")).code == 404
    assert (await wire.send("DELETE", f"{NAMESPACE}/imagestreamtags/app:latest")).code == 404


async def test_a_pushed_image_comes_without_a_spec_tag(wire: Http) -> None:
    stream = {"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "built"}}
    made = await wire.send("POST", f"{NAMESPACE}/imagestreams", stream)
    assert made.body["metadata"]["generation"] == 1
    assert made.body["status"]["dockerImageRepository"].endswith(":5000/demo/built")
    digest = str(Digest.of(b"x"))
    mapping = {
        "kind": "ImageStreamMapping",
        "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": "built"},
        "image": {"metadata": {"name": digest}, "dockerImageReference": f"internal/demo/built@{digest}"},
        "tag": "latest",
    }
    assert (await wire.send("POST", f"{NAMESPACE}/imagestreammappings", mapping)).code == 201
    tag = (await wire.send("GET", f"{NAMESPACE}/imagestreamtags/built:latest")).body
    assert tag["tag"] is None
    assert tag["image"]["dockerImageReference"] == f"internal/demo/built@{digest}"
    image = (await wire.send("GET", f"{NAMESPACE}/imagestreamimages/built@{digest[:20]}")).body
    assert image["metadata"]["name"] == f"built@{digest}"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"import": True}, "you must specify at least one repository or image to import"),
        ({"images": [{"from": {"kind": "ImageStreamTag", "name": "x:1"}}]}, "only DockerImage is supported"),
        ({"images": [{"from": {"kind": "DockerImage", "name": "X:1"}}]}, "must be lowercase"),
        ({"repository": {"from": {"kind": "DockerImage", "name": "x:1"}}}, "without a tag or ID"),
    ],
)
async def test_what_cannot_be_meant_is_refused(wire: Http, spec: dict[str, Any], message: str) -> None:
    answer = await wire.send("POST", f"{NAMESPACE}/imagestreamimports", wanted() | {"spec": spec})
    assert answer.code == 422
    assert message in answer.body["message"]


async def test_tables(wire: Http, ways: Registries, clock: ManualClock) -> None:
    await push(ways, "v1", "node.war")
    await imported(wire, "v1")
    streams = (await wire.send("GET", f"{NAMESPACE}/imagestreams", accept=TABLE)).body
    [row] = streams["rows"]
    assert row["cells"] == ["app", f"{PUBLIC}/demo/app", "v1", "Less than a second ago"]
    tags = (await wire.send("GET", f"{NAMESPACE}/imagestreamtags", accept=TABLE)).body
    assert tags["rows"][0]["cells"][0] == "app:v1"
