"""What every lab starts with: namespaces, roles, users, priority classes, the service `kubernetes`, the probe's base image.

Everything is made only when it is missing: a lab that comes up again keeps what its user did to it. Upstream: kubernetes
v1.36 pkg/controlplane (controller/kubernetesservice), pkg/registry/scheduling/rest, and OpenShift's
cluster-kube-apiserver-operator (openshift-user-critical).
"""

from collections.abc import Iterator, Sequence

import aiohttp

from pullscope.apiserver import allocation
from pullscope.apiserver.authorization import ADMIN, DEVELOPER
from pullscope.apiserver.rbac import bootstrap as policy
from pullscope.apiserver.resources import priority_classes
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

NAMESPACES: Sequence[str] = (
    *("default", "kube-system", "kube-public", "kube-node-lease"),
    *("openshift", "openshift-config", "openshift-config-managed"),
)
CLASSES = {
    "system-node-critical": "Used for system critical pods that must not be moved from their current node.",
    "system-cluster-critical": "Used for system critical pods that must run in the cluster, but can be moved to another "
    "node if necessary.",
    "openshift-user-critical": "This priority class should be used for user facing OpenShift workload pods only.",
}
_VALUES = {**priority_classes.SYSTEM, "openshift-user-critical": priority_classes.HIGHEST_OF_USERS}
_KUBERNETES = "kubernetes"
PROBE, TAG = "pullscope/probe", "base"


async def create_namespaces(api: Api) -> None:
    """The namespaces that Kubernetes and OpenShift have from the start, and the roles that let their users in."""
    for name in NAMESPACES:
        await _create(api, resources.NAMESPACES, {"metadata": {"name": name}})
    await policy.create(api)


async def create_objects(api: Api, address: str, port: int) -> None:
    """The users, the priority classes, and the service of the API server that listens there."""
    for user in (ADMIN, DEVELOPER):
        await _create(api, resources.USERS, {"metadata": {"name": user.username}})
    for name, description in CLASSES.items():
        obj = {"metadata": {"name": name}, "value": _VALUES[name], "description": description}
        await _create(api, resources.PRIORITY_CLASSES, obj)
    for resource, obj in ((resources.SERVICES, _service(port)), *_endpoints(address, port)):
        if await _exists(api, resource):
            await api.patch(resource, "default", _KUBERNETES, obj)  # it may listen on another port this time
        else:
            await _create(api, resource, obj)


async def _exists(api: Api, resource: Resource) -> bool:
    """Asked first: to ask for an address again would be refused before the name is looked at, as upstream does."""
    try:
        await api.get(resource, "default", _KUBERNETES)
    except ApiError as error:
        if error.code != 404:
            raise
        return False
    return True


def _service(port: int) -> Object:
    """It has the first address of the service network."""
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}]
    labels = {"component": "apiserver", "provider": _KUBERNETES}
    return {
        "metadata": {"name": _KUBERNETES, "namespace": "default", "labels": labels},
        "spec": {"clusterIP": str(allocation.NETWORK[1]), "ports": ports, "type": "ClusterIP"},
    }


def _endpoints(address: str, port: int) -> Iterator[tuple[Resource, Object]]:
    metadata = {"name": _KUBERNETES, "namespace": "default"}
    ports = [{"name": "https", "port": port, "protocol": "TCP"}]
    mirrored = {**metadata, "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}}
    yield resources.ENDPOINTS, {"metadata": mirrored, "subsets": [{"addresses": [{"ip": address}], "ports": ports}]}
    named = {**metadata, "labels": {"kubernetes.io/service-name": _KUBERNETES}}
    endpoints = [{"addresses": [address], "conditions": {"ready": True}}]
    yield (
        resources.ENDPOINT_SLICES,
        {"metadata": named, "addressType": "IPv4", "endpoints": endpoints, "ports": ports},
    )


async def _create(api: Api, resource: Resource, obj: Object) -> None:
    """Make the object, unless it is there."""
    head = {"apiVersion": resource.api_version, "kind": resource.kind}
    try:
        await api.create(resource, obj["metadata"].get("namespace"), {**head, **obj})
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise


async def push_probe(session: aiohttp.ClientSession, registry: str) -> None:
    """The image to start own ones from: `pullscope image build DIR -t … --base REGISTRY/pullscope/probe:base`."""
    client = RegistryClient(session, registry)
    if await client.head_manifest(PROBE, TAG) is not None:
        return
    store = MemoryStore()
    await transfer.push(client, reference.parse(f"{registry}/{PROBE}:{TAG}"), store, probe.base(store))
