"""`up --tutorial`: the base image of the tutorial comes from a stand-in, since the real one is behind a login.

The stand-in is the probe, under the real image's name by a mirror rule, with the labels that builds look at. It is no
application server: it prints the web archives that it finds, and stays.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp

from pullscope.content.memory import MemoryStore
from pullscope.images import build, probe
from pullscope.oci import reference
from pullscope.pull.mirrors import Mirror
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

IMAGE = reference.literal("registry.redhat.io/jboss-eap-7/eap74-openjdk11-openshift-rhel8:7.4.21-2.1743444175")
_PLACE = "pullscope/tutorial"
_LABELS = {
    "io.k8s.display-name": "a stand-in for JBoss EAP 7.4",
    "io.k8s.description": "Prints the web archives that it holds, and stays. It is not JBoss EAP.",
    "io.openshift.tags": "builder,javaee,eap,eap7",
    "io.openshift.expose-services": "8080:http",
    "io.openshift.s2i.scripts-url": "image:///usr/local/s2i",
    "com.redhat.deployments-dir": f"/{probe.DEPLOYMENTS}",
}
_PORTS: Mapping[str, Any] = {"ExposedPorts": {"8080/tcp": {}}}


def mirror(registry: str) -> Mirror:
    """Where the lab looks for the base image: in its own registry at `registry`."""
    return Mirror(IMAGE.name.rpartition("/")[0], f"{registry}/{_PLACE}")


async def push(session: aiohttp.ClientSession, registry: str) -> None:
    """Have the stand-in in the lab's own registry."""
    name = mirror(registry).moved(IMAGE)
    assert name is not None  # the rule is made for it
    client, store = RegistryClient(session, registry), MemoryStore()
    if await client.head_manifest(name.repository, str(name.locator)) is None:
        labelled = build.labelled(_LABELS)
        root = build.extend(store, probe.base(store), [], lambda run: {**labelled(run), **_PORTS})
        await transfer.push(client, name, store, root)
