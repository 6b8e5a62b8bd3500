"""ImageStreamImports: look images up in their registries, and let a stream's tags point to them.

Answered with what was found, never kept. A single image that cannot be imported fails in its own status, not the request.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreamimport/rest.go, apis/image/validation.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pullscope.apiserver import columns
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.imagestreams import lookups
from pullscope.apiserver.imagestreams.writing import Writer
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import causes, meta, resources, status
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError, Cause
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.openshift import importing, tagging
from pullscope.openshift.importing import Failed, Found, Wanted
from pullscope.pull import keyring
from pullscope.pull.keyring import KeyringError
from pullscope.remote import imports
from pullscope.remote.errors import RemoteError
from pullscope.remote.imports import Imported
from pullscope.remote.registries import Registries

_AT_ONCE = 5  # images that are looked up side by side
_MOST = 50  # tags of a repository that are imported; upstream's MaximumImagesBulkImportedPerRepository
_SUCCESS: Object = {"metadata": {}, "status": "Success"}


@dataclass(frozen=True)
class _Asked:
    """One image to look up, as it is named in the request, under which tag it is kept (empty: not), and how."""

    source: str
    tag: str
    spec: Object


class ImageStreamImports:
    """Only `create`."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services
        self._writer = Writer(services)

    async def create(self, context: Context, obj: Object) -> Object:
        name = obj["metadata"].get("name", "")
        problems = [*_validate(obj)]
        if problems:
            raise status.invalid(self._kind.resource, name, problems)
        stream = lookups.stream(self._services, context.namespace, name)
        _check_version(obj, stream)
        registries = self._registries(context)
        spec, state = obj["spec"], obj.setdefault("status", {})
        asked = [_asked(each) for each in spec.get("images") or ()]
        found = await _look_all(registries, asked, self._services)
        state["images"] = [_shown(each, result) for each, result in zip(asked, found, strict=True)]
        if spec.get("repository"):
            state["repository"], more = await self._repository(registries, spec["repository"])
            asked, found = [*asked, *more[0]], [*found, *more[1]]
        if spec.get("import") and not context.dry_run:
            state["import"] = await self._keep(lookups.of_stream(context, name), asked, found)
        obj["metadata"] |= {
            "namespace": context.namespace,
            "creationTimestamp": meta.timestamp(self._services.clock.now()),
        }
        return obj

    async def _repository(
        self, registries: Registries, spec: Object
    ) -> tuple[Object, tuple[list[_Asked], list["_Result"]]]:
        """All tags of a repository."""
        name = reference.parse(spec["from"]["name"])
        try:
            insecure = bool(spec["importPolicy"].get("insecure"))
            listed = sorted(await imports.tags(registries, name, insecure=insecure))
        except RemoteError as error:
            return {"status": imports.refusal(name, error).status()}, ([], [])
        asked = [_Asked(str(name.with_tag(tag)), tag, spec) for tag in listed[:_MOST]]
        found = await _look_all(registries, asked, self._services)
        images = [{**_shown(each, result), "tag": each.tag} for each, result in zip(asked, found, strict=True)]
        shown = {"status": _SUCCESS, "images": images, "additionalTags": listed[_MOST:]}
        return shown, (asked, found)

    async def _keep(self, context: Context, asked: list[_Asked], found: list["_Result"]) -> Object:
        """The stream after the import."""
        for result in found:
            if isinstance(result, Imported):
                for image in (result.image, *result.parts):
                    await self._writer.keep(context, image)
        results = [(_wanted(each), _told(result)) for each, result in zip(asked, found, strict=True) if each.tag]
        now = meta.timestamp(self._services.clock.now())
        return await self._writer.change(context, lambda stream: importing.keep(stream, results, now))

    def _registries(self, context: Context) -> Registries:
        """The way to registries, with the credentials of the namespace's pull secrets. Raises ApiError 500."""
        ways = self._services.imaging.registries
        if ways is None:
            raise status.internal("this server reaches no registries: nothing can be imported")
        listed = self._services.store.list(resources.SECRETS, context.namespace)
        secrets = (stored.object() for stored in listed.items)
        try:
            known = keyring.make(secrets)
        except KeyringError as error:
            raise status.internal(f"a pull secret of the namespace cannot be read: {error}") from error
        return replace(ways, own=keyring.merged(known, ways.own))


_Result = Imported | ApiError


async def _look_all(registries: Registries, asked: Iterable[_Asked], services: Services) -> list[_Result]:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(each: _Asked) -> _Result:
        name = reference.parse(each.source)
        policy = each.spec["importPolicy"]
        original, insecure = policy["importMode"] == "PreserveOriginal", bool(policy.get("insecure"))
        async with turns:
            try:
                return await imports.image(
                    registries, name, services.imaging.platforms, original=original, insecure=insecure
                )
            except RemoteError as error:
                return imports.refusal(name.with_default_tag(), error)

    return list(await asyncio.gather(*(one(each) for each in asked)))


def _asked(spec: Object) -> _Asked:
    return _Asked(spec["from"]["name"], (spec.get("to") or {}).get("name", ""), spec)


def _wanted(asked: _Asked) -> Wanted:
    return Wanted(asked.tag, asked.source, asked.spec["importPolicy"], asked.spec["referencePolicy"])


def _told(result: _Result) -> Found | Failed:
    if isinstance(result, ApiError):
        return Failed(result.reason, result.message)
    return Found(result.image["metadata"]["name"], result.image["dockerImageReference"])


def _shown(asked: _Asked, result: _Result) -> Object:
    """What became of one image, as the request's status says it."""
    tag = {"tag": _tag(asked)} if _tag(asked) else {}
    if isinstance(result, ApiError):
        return {"status": result.status(), **tag}
    parts = {"manifests": list(result.parts)} if result.parts else {}
    return {"status": _SUCCESS, "image": result.image, **parts, **tag}


def _tag(asked: _Asked) -> str:
    name: Reference = reference.parse(asked.source)
    return name.with_default_tag().tag or ""


def _check_version(obj: Object, stream: Object | None) -> None:
    """Whoever names a version of the stream means that one. Raises ApiError 404 and 409."""
    version, name = obj["metadata"].get("resourceVersion"), obj["metadata"]["name"]
    if version and stream is None:
        raise status.not_found(resources.IMAGE_STREAMS, name)
    if version and stream and version != stream["metadata"]["resourceVersion"]:
        raise status.conflict(resources.IMAGE_STREAM_IMPORTS, name, status.MODIFIED)


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    for each in [*(spec.get("images") or ()), *([spec["repository"]] if spec.get("repository") else [])]:
        tagging.default_policies(each)


def _validate(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    if not obj["metadata"].get("name"):
        yield causes.required("metadata.name", "name or generateName is required")
    if not spec.get("images") and not spec.get("repository"):
        yield causes.invalid("", "ImageStreamImport", "you must specify at least one repository or image to import")
    for index, each in enumerate(spec.get("images") or ()):
        path = f"spec.images[{index}]"
        yield from _source(each.get("from") or {}, f"{path}.from")
        tag = (each.get("to") or {}).get("name")
        if tag is not None and not reference.is_tag(tag):
            yield causes.invalid(f"{path}.to.name", tag, "must be a valid tag")
    if spec.get("repository"):
        yield from _source(spec["repository"].get("from") or {}, "spec.repository.from", whole=True)


def _source(source: Object, path: str, *, whole: bool = False) -> Iterator[Cause]:
    if source.get("kind") != "DockerImage":
        yield causes.invalid(f"{path}.kind", source.get("kind", ""), "only DockerImage is supported")
        return
    name = source.get("name", "")
    if not name:
        yield causes.required(f"{path}.name")
        return
    try:
        found = reference.parse(name)
    except InvalidReferenceError as error:
        yield causes.invalid(f"{path}.name", name, str(error))
        return
    if whole and (found.tag or found.digest):
        yield causes.invalid(f"{path}.name", name, "you must specify an image repository without a tag or ID")


KIND = Kind(resource=resources.IMAGE_STREAM_IMPORTS, table=columns.PLAIN, handler=ImageStreamImports, default=_default)
