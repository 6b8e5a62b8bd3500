"""What tests of a lab in this event loop do: push images, run pods."""

import aiohttp

from pullscope.base.clock import SystemClock
from pullscope.clusters import reflector
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.lab.assembly import Lab
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient


async def push(registry: str, name: str, archive: str) -> str:
    """Push an image of the probe with that archive; returns the digest of its root."""
    store = MemoryStore()
    root = probe.variant(store, archive)
    async with aiohttp.ClientSession() as session:
        await transfer.push(RegistryClient(session, registry), reference.parse(name), store, root)
    return str(root.digest)


def pod(name: str, image: str, node: str) -> Object:
    """A pod on that node, which pulls its image unless it is there."""
    container = {"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"}
    spec = {"nodeName": node, "terminationGracePeriodSeconds": 0, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


async def running(lab: Lab, name: str, image: str, node: str) -> Object:
    """Make that pod; returns its only container's status when it runs."""
    await lab.api.create(resources.PODS, "default", pod(name, image, node))
    found = await reflector.until(lab.api, resources.PODS, "default", name, clock=SystemClock(), true=_runs)
    (container,) = found["status"]["containerStatuses"]
    return dict(container)


def _runs(pod: Object) -> bool:
    return bool(pod["status"].get("phase") == "Running")
