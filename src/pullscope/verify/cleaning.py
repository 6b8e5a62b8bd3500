"""Remove what runs made, found by its labels: at the end of a run, and what killed runs left behind.

Only what is labelled as ours is touched. What is removed goes with what it owns (a Deployment with its pods).
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.oci import documents
from pullscope.oci.documents import ImageConfig, Index, Manifest
from pullscope.remote import errors
from pullscope.remote.client import RegistryClient
from pullscope.verify import objects, variants

KINDS = (
    resources.DEPLOYMENTS,
    resources.PODS,
    resources.SECRETS,
    resources.SERVICE_ACCOUNTS,
    resources.BUILD_CONFIGS,
    resources.IMAGE_STREAMS,
)
"""What a run makes in a namespace, in the order in which it must go."""

_NONE_OF_OURS = (403, 404, 405)


@dataclass(frozen=True)
class Found:
    """An object of a run."""

    resource: Resource
    namespace: str | None
    name: str
    run: str

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.resource.singular} {self.name}{where}"


async def in_namespace(api: Api, namespace: str, run: str = "") -> list[Found]:
    """The objects of a run (empty: of all runs) in a namespace that are not going already. Raises ApiError."""
    selector = ",".join([objects.OURS, *([f"{objects.RUN}={run}"] if run else [])])
    return [
        Found(resource, namespace, each["metadata"]["name"], _run(each))
        for resource in KINDS
        for each in await _listed(api, resource, namespace, selector)
        if not _owned(each) and not each["metadata"].get("deletionTimestamp")
    ]


async def namespaces(api: Api) -> list[Found]:
    """The namespaces (on OpenShift: projects) that runs made; none where they may not be listed."""
    made = await _listed(api, resources.NAMESPACES, None, objects.OURS)
    found = {each["metadata"]["name"]: (resources.NAMESPACES, _run(each)) for each in made}
    for each in await _listed(api, resources.PROJECTS, None, ""):
        said = str((each["metadata"].get("annotations") or {}).get("openshift.io/description", ""))
        run = said.rpartition(" ")[2]
        if said == objects.description(run):
            found.setdefault(each["metadata"]["name"], (resources.PROJECTS, run))
    return [Found(kind, None, name, run) for name, (kind, run) in found.items()]


async def remove(api: Api, found: Found) -> bool:
    """Delete it; False when it was gone already. Raises ApiError."""
    try:
        options = DeleteOptions(propagation_policy="Background")
        await api.delete(found.resource, found.namespace, found.name, options)
    except ApiError as error:
        if error.code != 404:
            raise
        return False
    return True


def _owned(obj: Object) -> bool:
    """Whether it goes with its owner."""
    return bool(obj["metadata"].get("ownerReferences"))


def _run(obj: Object) -> str:
    return str((obj["metadata"].get("labels") or {}).get(objects.RUN, ""))


async def _listed(api: Api, resource: Resource, namespace: str | None, selector: str) -> list[Object]:
    """Nothing where the cluster has no such kind, or does not let us list it: then we made none."""
    try:
        return (await api.list(resource, namespace, labels=selector)).items
    except ApiError as error:
        if error.code not in _NONE_OF_OURS:
            raise
        return []


_TAG = re.compile(r"(?:case-\d+|probe)-[0-9a-f]{6}")


async def untag(client: RegistryClient, repository: str) -> AsyncIterator[tuple[str, bool]]:
    """Delete the tags that runs made in a repository; each with whether it is gone.

    Ours are known by their form and by the label of their image. Raises RemoteError.
    """
    for tag in await client.tags(repository):
        if _TAG.fullmatch(tag) and (digest := await _ours(client, repository, tag)):
            try:
                await client.delete_manifest(repository, digest)
            except errors.StatusError as error:
                yield tag, isinstance(error, errors.ManifestUnknownError)
            else:
                yield tag, True


async def _ours(client: RegistryClient, repository: str, tag: str) -> str:
    """The digest under the tag when it is an image of a run's, else nothing."""
    try:
        root = await client.get_manifest(repository, tag)
        index = documents.parse(root.raw, root.media_type)
        entry = index.manifests[0] if isinstance(index, Index) and index.manifests else None
        first = await client.get_manifest(repository, str(entry.digest)) if entry else root
        manifest = documents.parse(first.raw, first.media_type)
    except (errors.ManifestUnknownError, documents.InvalidDocumentError):
        return ""
    if not isinstance(manifest, Manifest):
        return ""
    store = MemoryStore()
    await client.get_blob(repository, manifest.config.digest, store.writer(), size=manifest.config.size)
    config = ImageConfig.parse(content.get(store, manifest.config.digest), manifest.config.media_type)
    return str(root.digest) if variants.LABEL in config.labels else ""
