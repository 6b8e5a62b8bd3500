"""Imports from registries that cannot be reached, say no, or lie: 201, with OpenShift's words in the import's status."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.apiserver.support import Http
from tests.registry.serving import Served, serving

from pullscope.apiserver.services import Imaging
from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import media, reference
from pullscope.oci.digest import Digest
from pullscope.registry import app, faulty
from pullscope.registry.faults import Fault, Faults
from pullscope.remote import transfer
from pullscope.remote.registries import Registries

NAMESPACE = "/apis/image.openshift.io/v1/namespaces/demo"
SOURCE = "registry.test/team/app"


@dataclass(frozen=True)
class Peer:
    """A registry called registry.test that has `team/app:v1`, and what it may be told to do wrong."""

    served: Served
    faults: Faults
    ways: Registries
    digest: str


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    faults, clock, store = Faults(ManualClock()), ManualClock(), MemoryStore()
    handler = faulty.around(app.answer, faults, clock)
    async with serving(None, clock, handler=handler) as served, aiohttp.ClientSession() as session:
        ways = Registries(session, {"registry.test": served.address, "nobody.test": "127.0.0.1:1"})
        name = reference.literal(f"{SOURCE}:v1")
        root = probe.variant(store, "app.war")
        await transfer.push(ways.client(name), name, store, root)
        yield Peer(served, faults, ways, str(root.digest))


@pytest.fixture
def imaging(peer: Peer) -> Imaging:
    return Imaging("127.0.0.1", peer.ways)


async def outcome(wire: Http, image: str) -> tuple[str, str]:
    """Reason and message of an import's status. The tag tells the same."""
    images = [{"from": {"kind": "DockerImage", "name": image}, "to": {"name": "v1"}}]
    wanted: dict[str, Any] = {"metadata": {"name": "app"}, "spec": {"import": True, "images": images}}
    answer = await wire.send("POST", f"{NAMESPACE}/imagestreamimports", wanted)
    assert answer.code == 201, answer.body
    [result] = answer.body["status"]["images"]
    assert result["status"]["status"] == "Failure"
    assert "image" not in result
    [tag] = (await wire.send("GET", f"{NAMESPACE}/imagestreams/app")).body["status"]["tags"]
    [condition] = tag["conditions"]
    assert tag["items"] is None
    told = (result["status"]["reason"], result["status"]["message"])
    assert (condition["status"], condition["reason"], condition["message"]) == ("False", *told)
    return told


NO_ACCESS = 'you may not have access to the container image "{}"'
ERROR = "Internal error occurred: {}: "


WRONG = [
    (Fault(status=401), "Unauthorized", NO_ACCESS),
    (Fault(status=403), "Unauthorized", NO_ACCESS),
    (Fault(status=404), "NotFound", 'dockerimage.image.openshift.io "{}" not found'),
    (Fault(status=429), "InternalError", ERROR + "too many requests"),
    (Fault(status=500), "InternalError", ERROR + "unknown error"),
    (Fault(reset=True), "InternalError", ERROR),
    (Fault(cut_after=10), "InternalError", ERROR),
    (Fault(wrong_digest=True), "InternalError", ERROR + "the content is sha256:"),
]


async def test_what_registries_do_wrong(wire: Http, peer: Peer) -> None:
    image = f"{SOURCE}:v1"
    for fault, reason, message in WRONG:
        peer.faults.add(fault)
        found = await outcome(wire, image)
        assert found[0] == reason, fault
        assert found[1].startswith(message.format(image)), found
        peer.faults.clear()


async def test_an_image_that_is_not_what_its_digest_says(wire: Http, peer: Peer) -> None:
    peer.faults.add(Fault(wrong_digest=True))
    image = f"{SOURCE}@{peer.digest}"
    reason, message = await outcome(wire, image)
    assert reason == "InternalError"
    assert message.endswith(f"not {peer.digest}")


async def test_registries_that_are_not_there(wire: Http) -> None:
    image = "nobody.test/team/app:v1"
    assert await outcome(wire, image) == ("InternalError", f"{ERROR.format(image)}connection refused")


@dataclass
class Lying:
    """A registry that says this of every manifest."""

    address: str
    manifest: bytes = b""


@pytest.fixture
async def lying() -> AsyncIterator[Lying]:
    async def answer(request: web.Request) -> web.Response:
        body = said.manifest if "/manifests/" in request.path else b"{}"
        return web.Response(body=body, content_type=media.OCI_MANIFEST)

    said = Lying("")
    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    said.address = f"127.0.0.1:{runner.addresses[0][1]}"
    yield said
    await runner.cleanup()


CONFIG = {"mediaType": media.OCI_CONFIG, "digest": str(Digest.of(b"{}")), "size": 2}


MANIFESTS = [
    b"[]",
    b"not JSON",
    b'{"schemaVersion": 1}',
    json.dumps({"schemaVersion": 2, "config": {**CONFIG, "size": 10**12}, "layers": []}).encode(),
    json.dumps({"schemaVersion": 2, "config": {**CONFIG, "digest": "sha256:../../x"}, "layers": []}).encode(),
    b" " * (5 << 20),
]


async def test_manifests_that_are_none(wire: Http, peer: Peer, lying: Lying) -> None:
    peer.ways.addresses["liar.test"] = lying.address  # type: ignore[index]  # a dict, made above
    image = "liar.test/team/app:v1"
    for manifest in MANIFESTS:
        lying.manifest = manifest
        reason, message = await outcome(wire, image)
        assert reason == "InternalError", manifest[:99]
        assert message.startswith(ERROR.format(image))
