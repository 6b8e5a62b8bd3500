"""What debug pods are made of: the tools' image in the lab's registry, and the image stream `openshift/tools` to find it by."""

import functools

import aiohttp

from pullscope.content.memory import MemoryStore
from pullscope.images import tools
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.oci.documents import Descriptor
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

NAMESPACE, STREAM, TAG = "openshift", "tools", "latest"
REPOSITORY = "pullscope/tools"


async def provide(session: aiohttp.ClientSession, registry: str, api: Api) -> None:
    """Push the image unless it is there, and have the stream lead to it, wherever the registry is this time."""
    name = reference.parse(f"{registry}/{REPOSITORY}:{TAG}")
    client = RegistryClient(session, registry)
    if await client.head_manifest(REPOSITORY, TAG) is None:
        await transfer.push(client, name, *_image())
    if str(name) not in await _source(api):
        await api.create(resources.IMAGE_STREAM_IMPORTS, NAMESPACE, _import(str(name)))


@functools.cache  # the same few kilobytes in every lab
def _image() -> tuple[MemoryStore, Descriptor]:
    store = MemoryStore()
    return store, tools.image(store)


async def _source(api: Api) -> list[str]:
    """Where the stream's tag comes from, if it leads to an image."""
    try:
        stream = await api.get(resources.IMAGE_STREAMS, NAMESPACE, STREAM)
    except ApiError as error:
        if error.code != 404:
            raise
        return []
    led = {tag["tag"] for tag in stream["status"].get("tags") or () if tag.get("items")}
    return [tag["from"]["name"] for tag in stream["spec"].get("tags") or () if tag["name"] in led and tag.get("from")]


def _import(name: str) -> Object:
    image = {"from": {"kind": "DockerImage", "name": name}, "to": {"name": TAG}, "importPolicy": {"insecure": True}}
    return {
        "apiVersion": resources.IMAGE_STREAM_IMPORTS.api_version,
        "kind": resources.IMAGE_STREAM_IMPORTS.kind,
        "metadata": {"name": STREAM, "namespace": NAMESPACE},
        "spec": {"import": True, "images": [image]},
    }
