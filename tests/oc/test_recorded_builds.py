"""Everything that oc sends to build images, as it sent it, against a whole lab that builds them.

The uploads are made anew from the list of what was in the recorded ones. `registry.redhat.io/ubi9` is the probe here.
"""

import dataclasses
import re
from typing import Any

from tests.oc import replaying
from tests.oc.replaying import Client, Exchange
from tests.oc.test_recorded_commands import Known

from pullscope.base.clock import SystemClock
from pullscope.clusters import reflector, transport
from pullscope.clusters.kubeconfig import Access
from pullscope.kube import resources
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig

BUILDER, TAG = "eap74-openjdk11-openshift-rhel8", "7.4.21"
_REQUEST = Exchange(
    "new-project",
    "POST",
    "/apis/project.openshift.io/v1/projectrequests",
    {"content-type": "application/json"},
    "token",
    b'{"metadata": {"name": "demo"}}',
    201,
    "application/json",
    None,
)
KNOWN = (
    Known("new-build-dockerfile: .*/imagestreamimports", r"\$\.", "another image, and nothing that is kept"),
    Known("new-build-dockerfile: .*/imagestreams", r"\$\.spec\.tags.*referencePolicy", "the default is filled in"),
    Known("new-build-dockerfile: .*/imagestreams", r"\$\.status\.tags", "a controller imports it at once"),
    Known("start-build-plain: .*", "status 422", "a build that needs an upload says so; the stub did not"),
    Known(".*", r"\$.*\.spec\.strategy\.sourceStrategy\.from\.", "the builder image is resolved, to its digest"),
    Known(".*", r"\$.*\.spec\.triggeredBy: None", "an upload has no cause upstream"),
    Known(".*", r"\$.*\.status\.(conditions\[New\]|duration)", "it is not new any more; it took no second"),
)


async def test_each_request_gets_what_oc_needs() -> None:
    found: list[tuple[str, str]] = []
    async with (
        assembly.running(LabConfig()) as lab,
        transport.open_transport(Access(lab.server, ca=lab.access.ca)) as http,
    ):
        client = Client(http, "", token=lab.credentials.developer_token)
        await prepare(lab, client)
        for exchange in replaying.exchanges("builds.jsonl"):
            if exchange.run == "get-builds":
                await completed(lab, "dockerb-1")  # nobody asked for it: its triggers did
            answer = await client.send(_here(exchange, lab))
            found += [(str(exchange), lack) for lack in replaying.lacking(exchange, answer)]
            if exchange.path.endswith("/log?follow=true"):
                assert answer.body.endswith(b"Push successful\n")
        await completed(lab, "custom-image-java-5")
        await _check_images(lab)
    assert [each for each in found if not any(known.explains(*each) for known in KNOWN)] == []
    assert [known for known in KNOWN if not any(known.explains(*each) for each in found)] == []


async def prepare(lab: Lab, client: Client) -> None:
    """The developer's project, with the builder image in a stream."""
    await client.send(_REQUEST)
    image = {"from": {"kind": "DockerImage", "name": f"{lab.registry}/pullscope/probe:base"}, "to": {"name": TAG}}
    imported = {"metadata": {"name": BUILDER}, "spec": {"import": True, "images": [image]}}
    await lab.api.create(resources.IMAGE_STREAM_IMPORTS, "demo", imported)


def _here(exchange: Exchange, lab: Lab) -> Exchange:
    """With an image that is in the lab for the one of the recording."""
    body = exchange.body
    if body is not None:
        body = body.replace(b"registry.redhat.io/ubi9:latest", f"{lab.registry}/pullscope/probe:base".encode())
    return dataclasses.replace(exchange, body=body)


async def completed(lab: Lab, name: str) -> None:
    """Return when the build is."""
    await reflector.until(lab.api, resources.BUILDS, "demo", name, clock=SystemClock(), true=_is_complete)


def _is_complete(build: Any) -> bool:
    return bool(build["status"]["phase"] == "Complete" and build["status"].get("completionTimestamp"))


async def _check_images(lab: Lab) -> None:
    """The stream has an image of each build, newest first, and the last one is what was uploaded."""
    stream = await lab.api.get(resources.IMAGE_STREAMS, "demo", "custom-image-java")
    [tag] = stream["status"]["tags"]
    assert (tag["tag"], len(tag["items"])) == ("latest", 5)
    assert not stream["spec"].get("tags")
    build = await lab.api.get(resources.BUILDS, "demo", "custom-image-java-5")
    assert tag["items"][0]["image"] == build["status"]["output"]["to"]["imageDigest"]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", tag["items"][0]["image"])
