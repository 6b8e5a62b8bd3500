"""ImageStreams: lists of references to images.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestream (strategy.go), apis/image/validation,
printers/internalversion.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.imagestreams import lookups
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store.records import Stored
from pullscope.apiserver.subresources import status as status_part
from pullscope.kube import causes, meta, names, resources, status, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError
from pullscope.openshift import ages, streams, tagging
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.openshift.tagging import Problem

_KINDS = ("DockerImage", "ImageStreamImage", "ImageStreamTag")
_MODES = ("Legacy", "PreserveOriginal")
_POLICIES = ("Source", "Local")
_WIDTH = 40  # characters of tags in a table


class ImageStreams(Storage):
    """The store's verbs; tags that follow tags or images of streams point there as soon as they are written."""

    def __init__(self, kind: Kind, services: Services) -> None:
        super().__init__(kind, services)
        self._services = services

    def _prepare(self, context: Context, new: Object) -> None:
        super()._prepare(context, new)
        self._settle(context, new, {})

    def _changed(self, context: Context, stored: Stored, change: Any, strategy: Strategy) -> Object:
        new = super()._changed(context, stored, change, strategy)
        if strategy is not strategies.STATUS:
            self._settle(context, new, stored.object())
        return new

    def _settle(self, context: Context, new: Object, old: Object) -> None:
        """Generations, followed tags, and where the stream's own repository is. Raises ApiError 422."""
        tagging.number(new, old)

        def find(namespace: str, name: str) -> Object | None:
            own = namespace == new["metadata"]["namespace"]
            seen = own or lookups.may_pull(self._services, context, namespace, name)
            return lookups.stream(self._services, namespace, name) if seen else None

        problems = [*tagging.follow(new, old, find, meta.timestamp(self._services.clock.now()))]
        if problems:
            name = new["metadata"].get("name", "")
            raise status.invalid(self._kind.resource, name, [_cause(problem) for problem in problems])
        place = f"{new['metadata']['namespace']}/{new['metadata']['name']}"
        state = new.setdefault("status", {})
        state["dockerImageRepository"] = f"{INTERNAL_REGISTRY}/{place}"
        if public := self._services.imaging.public_registry:
            state["publicDockerImageRepository"] = f"{public}/{place}"


def _cause(problem: Problem) -> Cause:
    field = f"spec.tags[{problem.tag}].from.name"
    if problem.missing:
        return causes.not_found(field, problem.name)
    return causes.invalid(field, problem.name, problem.why)


def validate_tag(tag: Object, path: str) -> Iterator[Cause]:
    """What is wrong with a spec tag."""
    if not reference.is_tag(tag.get("name", "")):
        yield causes.invalid(f"{path}.name", tag.get("name", ""), "must be a valid tag")
    mode, policy = tag["importPolicy"]["importMode"], tag["referencePolicy"]["type"]
    if mode not in _MODES:
        why = f"invalid import mode, valid modes are '', '{_MODES[0]}', '{_MODES[1]}'"
        yield causes.invalid(f"{path}.importPolicy.importMode", mode, why)
    if policy not in _POLICIES:
        why = f'valid values are "{_POLICIES[0]}", "{_POLICIES[1]}"'
        yield causes.invalid(f"{path}.referencePolicy.type", policy, why)
    source = tag.get("from")
    if not source:
        return
    if source.get("kind") not in _KINDS:
        why = "valid values are 'DockerImage', 'ImageStreamImage', 'ImageStreamTag'"
        yield causes.invalid(f"{path}.from.kind", source.get("kind", ""), why)
    elif source["kind"] == "DockerImage":
        yield from _image_name(source.get("name", ""), f"{path}.from.name", scheduled=tag["importPolicy"])


def _image_name(name: str, path: str, *, scheduled: Object) -> Iterator[Cause]:
    try:
        found = reference.parse(name)
    except InvalidReferenceError as error:
        yield causes.invalid(path, name, str(error))
        return
    if scheduled.get("scheduled") and found.digest:
        yield causes.invalid(path, name, "only tags can be scheduled for import")


def _validate(obj: Object) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, tag in enumerate(obj["spec"].get("tags") or ()):
        path = f"spec.tags[{tag.get('name') or index}]"
        if tag.get("name") in seen:
            yield causes.duplicate(path, tag["name"])
        seen.add(tag.get("name", ""))
        yield from validate_tag(tag, path)


def _tags_cell(obj: Object) -> str:
    """The tags, most recently updated first, as many as there is room for."""
    latest = {tag: streams.history(obj, tag)[0].get("created", "") for tag in streams.tags(obj)}
    ordered = sorted(latest, key=lambda tag: latest[tag], reverse=True)
    shown: list[str] = []
    for tag in ordered:
        if shown and sum(map(len, shown)) + len(shown) + len(tag) > _WIDTH:
            return f"{','.join(shown)} + {len(ordered) - len(shown)} more..."
        shown.append(tag)
    return ",".join(shown)


def _cells(obj: Object, now: datetime) -> list[Any]:
    state = obj.get("status") or {}
    repository = (
        state.get("publicDockerImageRepository")
        or (obj.get("spec") or {}).get("dockerImageRepository")
        or state.get("dockerImageRepository", "")
    )
    created = [streams.history(obj, tag)[0].get("created", "") for tag in streams.tags(obj)]
    updated = ages.ago(meta.parse_time(max(created)), now) if created else ""
    return [obj["metadata"]["name"], repository, _tags_cell(obj), updated]


KIND = Kind(
    resource=resources.IMAGE_STREAMS,
    table=Table(
        (
            columns.NAME,
            table.column("Image Repository", description="The repository of the stream's images."),
            table.column("Tags", description="The tags, most recently updated first."),
            table.column("Updated", description="When a tag pointed to another image last."),
        ),
        _cells,
    ),
    handler=ImageStreams,
    strategy=Strategy(
        create=strategies.without_status,
        update=strategies.keep_status,
        validate=_validate,
        validate_update=lambda new, _: _validate(new),
    ),
    default=tagging.default,
    name_rule=names.dns1123_subdomain,
    subresources={"status": status_part.of("ImageStream")},
)
