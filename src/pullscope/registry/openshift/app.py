"""The internal registry as a handler of the registry application: the plain one, behind rights and image streams.

What is pushed becomes an Image, and a tag of its stream; what is pulled is looked up there. A stream that is deleted takes
every name away: its tags fail with NAME_UNKNOWN in an HTTP 500, its digests with MANIFEST_UNKNOWN, as upstream's do.

Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server (app.go, manifestservice.go, tagservice.go).
"""

import asyncio
import contextlib
from dataclasses import replace

from aiohttp import web

from pullscope.content import api as content
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.oci import errors, reference
from pullscope.oci.documents import ImageConfig, Index, InvalidDocumentError, Manifest
from pullscope.oci.errors import RegistryError
from pullscope.openshift import dockerimage, names, streams
from pullscope.registry import app as plain
from pullscope.registry import calls
from pullscope.registry.calls import Call
from pullscope.registry.catalog import Entry
from pullscope.registry.openshift import access, pruning
from pullscope.registry.openshift.access import LoginRequiredError, Stream
from pullscope.registry.openshift.cluster import Cluster, User
from pullscope.registry.openshift.through import Through
from pullscope.registry.routes import Route
from pullscope.registry.store import Registry
from pullscope.remote.registries import Registries

_HEALTH = ("/", "/healthz")  # what `oc adm prune images` asks first, without a token


def face(registry: Registry, api: Api, registries: Registries) -> plain.Handler:
    """What answers over `registry`: it asks `api` about users and streams, and reaches other registries by `registries`."""
    cluster = Cluster(api)
    return _Face(registry, cluster, Through(registry, cluster, registries))


class _Face:
    def __init__(self, registry: Registry, cluster: Cluster, through: Through) -> None:
        self._registry = registry
        self._cluster = cluster
        self._through = through

    async def __call__(self, call: Call) -> web.StreamResponse:
        path = call.request.path
        if path == access.TOKEN_PATH:
            return await access.hand_out(call.request, self._cluster)
        if path in _HEALTH:
            return web.Response()
        try:
            if path.startswith(pruning.PREFIX):
                return await pruning.remove(call, self._cluster)
            user = await access.admit(call, self._cluster)
            return await self._admitted(call, user)
        except LoginRequiredError:
            return access.challenge(call.request)
        except ApiError as error:
            denied = error.code in (401, 403)
            raise (errors.DENIED.error() if denied else RegistryError(500, "UNKNOWN", error.message)) from error

    async def _admitted(self, call: Call, user: User) -> web.StreamResponse:
        reading = call.request.method in ("GET", "HEAD")
        match call.route.kind:
            case "manifest" if reading:
                return await self._pull(call)
            case "manifest" if call.request.method == "PUT":
                return await self._push(call, user)
            case "tags":
                return await self._tags(call)
            case "manifest" | "blob" if call.request.method == "DELETE" and ":" in call.route.reference:
                if await pruning.is_needed(self._cluster, call.route.repository, call.route.reference):
                    return web.Response(status=202)
            case "blob" if reading:
                await self._fetch_blob(call)
            case "uploads" if "mount" in call.request.query and not await access.may_mount(call, self._cluster):
                url = call.request.rel_url.without_query_params("mount", "from")
                call.request = call.request.clone(rel_url=url)
        return await plain.answer(call)

    # ----------------------------------------------------------------------------------------------- pull

    async def _pull(self, call: Call) -> web.StreamResponse:
        """A manifest as its stream has it."""
        stream = await self._known(call.route)
        item = await self._item(stream, call.route.reference)
        call.route = replace(call.route, reference=item["image"])
        if not await asyncio.to_thread(self._bring, call.route.repository, item):
            fetched = await self._through.manifest(item)
            if fetched is None:
                raise errors.MANIFEST_UNKNOWN.error()
            headers = {"Docker-Content-Digest": str(fetched.digest)}
            return web.Response(body=fetched.raw, content_type=fetched.media_type, headers=headers)
        return await plain.answer(call)

    async def _known(self, route: Route) -> Object:
        place = Stream.of(route.repository)
        stream = await self._cluster.stream(place.namespace, place.name) if place else None
        if stream is not None:
            return stream
        if ":" in route.reference:
            raise errors.MANIFEST_UNKNOWN.error()
        raise RegistryError(500, errors.NAME_UNKNOWN.code, errors.NAME_UNKNOWN.message, {"name": route.repository})

    async def _item(self, stream: Object, locator: str) -> Object:
        """What a tag or digest means in the stream; also an image of an index that the stream has."""
        if ":" not in locator:
            item = streams.newest(stream, locator)
            if item is None:
                raise errors.MANIFEST_UNKNOWN.error({"Tag": locator})
            return item
        if found := streams.find_image(stream, locator):
            return found[0]
        for tag in streams.tags(stream):
            for item in streams.history(stream, tag):
                image = await self._cluster.image(item["image"])
                if any(part["digest"] == locator for part in (image or {}).get("dockerImageManifests") or ()):
                    return {**item, "image": locator}
        raise errors.MANIFEST_UNKNOWN.error()

    def _bring(self, repository: str, item: Object) -> bool:
        """Have the item's content in the repository, from another one of this registry; False when it is in none."""
        source = reference.parse(item["dockerImageReference"])
        own = source.registry == names.INTERNAL_REGISTRY
        for place in (repository, *([source.repository] if own else [])):
            with contextlib.suppress(RegistryError):
                entry = self._registry.manifest(place, item["image"])
                if place != repository:
                    self._copy(place, repository, entry)
                return True
        return False

    def _copy(self, source: str, repository: str, entry: Entry) -> None:
        """Show an image that is here already in another repository too, as a stream has it that was tagged from one."""
        if isinstance(entry.document, Index):
            for part in entry.document.manifests:
                self._copy(source, repository, self._registry.manifest(source, str(part.digest)))
        else:
            for blob in (entry.document.config, *entry.document.layers):
                self._registry.mount(repository, blob.digest, source)
        self._registry.put_manifest(repository, str(entry.digest), entry.content, entry.media_type)

    async def _fetch_blob(self, call: Call) -> None:
        """Have the blob here, when an imported image of the stream has it."""
        digest = calls.digest(call.route.reference)
        with contextlib.suppress(RegistryError):
            self._registry.blob_size(call.route.repository, digest)
            return
        place = Stream.of(call.route.repository)
        stream = await self._cluster.stream(place.namespace, place.name) if place else None
        if stream is not None:
            await self._through.blob(call.route.repository, stream, digest)

    async def _tags(self, call: Call) -> web.StreamResponse:
        """The stream's tags."""
        place = Stream.of(call.route.repository)
        stream = await self._cluster.stream(place.namespace, place.name) if place else None
        if stream is None:
            raise errors.NAME_UNKNOWN.error({"name": call.route.repository})
        return calls.as_json({"name": call.route.repository, "tags": sorted(streams.tags(stream))})

    # ----------------------------------------------------------------------------------------------- push

    async def _push(self, call: Call, user: User) -> web.StreamResponse:
        """Keep the manifest, then let the stream's tag point to it."""
        place, tag = Stream.of(call.route.repository), call.route.reference
        assert place is not None  # admitted
        if not await self._cluster.may_have(user, place.namespace, place.name):
            raise errors.DENIED.error()
        response = await plain.answer(call)
        if response.status != 201:
            return response
        entry = self._registry.manifest(call.route.repository, response.headers["Docker-Content-Digest"])
        image = await asyncio.to_thread(self._image, call.route.repository, entry)
        if ":" in tag:
            await self._cluster.keep(image)
        else:
            await self._cluster.point(place.namespace, place.name, tag, image)
        return response

    def _image(self, repository: str, entry: Entry) -> Object:
        """The Image of what was pushed."""
        where = f"{names.INTERNAL_REGISTRY}/{repository}@{entry.digest}"
        document = entry.document
        image = dockerimage.of_index(where, document) if isinstance(document, Index) else self._single(where, document)
        image["metadata"]["annotations"][names.MANAGED_IMAGE] = "true"
        return image

    def _single(self, where: str, manifest: Manifest) -> Object:
        try:
            config = ImageConfig.parse(
                content.get(self._registry.blobs, manifest.config.digest), manifest.config.media_type
            )
        except InvalidDocumentError as error:
            raise errors.MANIFEST_INVALID.error(str(error)) from error
        return dockerimage.of_manifest(where, manifest, config)
