"""What every lab starts with: its namespaces and roles, and the probe's base image in its registry.

Everything is made only when it is missing: a lab that comes up again keeps what its user did to it.
"""

from collections.abc import Sequence

import aiohttp

from pullscope.apiserver.rbac import bootstrap as policy
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

NAMESPACES: Sequence[str] = ("default", "kube-system", "kube-public", "kube-node-lease", "openshift")
PROBE, TAG = "pullscope/probe", "base"


async def create_namespaces(api: Api) -> None:
    """The namespaces that Kubernetes and OpenShift have from the start, and the roles that let their users in."""
    for name in NAMESPACES:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        try:
            await api.create(resources.NAMESPACES, None, namespace)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
    await policy.create(api)


async def push_probe(session: aiohttp.ClientSession, registry: str) -> None:
    """The image to start own ones from: `pullscope image build DIR -t … --base REGISTRY/pullscope/probe:base`."""
    client = RegistryClient(session, registry)
    if await client.head_manifest(PROBE, TAG) is not None:
        return
    store = MemoryStore()
    await transfer.push(client, reference.parse(f"{registry}/{PROBE}:{TAG}"), store, probe.base(store))
