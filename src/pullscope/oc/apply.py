"""`oc apply -f`: make what is not there, change what is.

Upstream: k8s.io/kubectl v0.36 pkg/cmd/apply/apply.go and patcher.go, on the client's side: the last applied file is kept in
an annotation.
"""

import json
from collections.abc import Sequence
from typing import Any

from pullscope.apiserver.schemas import types
from pullscope.kube import strategic
from pullscope.kube.api import Object
from pullscope.kube.resources import NAMESPACES, Resource
from pullscope.kube.status import ApiError
from pullscope.oc import discovery, errors, manifests, threeway
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.manifests import Manifest
from pullscope.oc.session import MERGE, STRATEGIC, Session

FLAGS = Flags(values=("f/filename",))
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_QUERY = {"fieldManager": "kubectl-client-side-apply", "fieldValidation": "Ignore"}  # oc does not validate


async def run(session: Session, arguments: Arguments) -> int:
    """Apply every object. 1 when one of them was refused; the others are applied all the same."""
    if arguments.words:
        raise OcError(f"Unexpected args: [{' '.join(arguments.words)}]")
    found = manifests.read(arguments.all("filename"), session.console)
    known = await discovery.resources(session)
    refused = False
    for manifest in found:
        try:
            session.console.out(await _apply(session, known, manifest))
        except ApiError as error:
            refused = True
            session.console.err(errors.told(error))
    return int(refused)


async def _apply(session: Session, known: Sequence[Resource], manifest: Manifest) -> str:
    """What was done, as kubectl says it. Raises ApiError, OcError."""
    resource = discovery.of_object(known, manifest.object)
    namespace = namespace_of(session, resource, manifest.object)
    modified = _annotated(_placed(manifest.object, namespace))
    name = modified["metadata"]["name"]
    label = f"{discovery.label(resource)}/{name}"
    try:
        current = await session.read(resource.path(namespace, name))
    except ApiError as error:
        if error.code != 404:
            raise _explained(error, f"error when retrieving current configuration of {manifest.source}") from error
        await _create(session, resource, namespace, modified, source=manifest.source)
        return f"{label} created"
    _warn(session, resource, current)
    schema = types.of(resource.api_version, resource.kind)
    change = threeway.patch(last_applied(current), modified, current, schema or strategic.Untyped())
    if not change:
        return f"{label} unchanged"
    form, where = STRATEGIC if schema else MERGE, resource.path(namespace, name)
    await session.send("PATCH", where, change, params=_QUERY, content_type=form)
    return f"{label} configured"


def namespace_of(session: Session, resource: Resource, obj: Object) -> str | None:
    """Where an object of a file belongs. Raises OcError when its own word and `-n` differ."""
    if not isinstance(obj.get("metadata"), dict) or not obj["metadata"].get("name"):
        raise OcError("resource name may not be empty")
    own = obj["metadata"].get("namespace")
    if not resource.namespaced:
        return None
    if own and session.named and own != session.namespace:
        must = f"You must pass '--namespace={own}' to perform this operation."
        raise OcError(
            f'the namespace from the provided object "{own}" does not match the namespace "{session.namespace}". {must}'
        )
    return str(own or session.namespace)


def _placed(obj: Object, namespace: str | None) -> Object:
    place = {"namespace": namespace} if namespace else {}
    return {**obj, "metadata": {**obj["metadata"], **place}}


def _annotated(obj: Object) -> Object:
    """The object with itself, as it was given, in its annotation."""
    annotations = {
        name: value for name, value in (obj["metadata"].get("annotations") or {}).items() if name != LAST_APPLIED
    }
    bare = {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    return {**bare, "metadata": {**bare["metadata"], "annotations": {**annotations, LAST_APPLIED: text}}}


def last_applied(current: Object) -> Object:
    """What the annotation says; nothing without one. Raises OcError when it cannot be read."""
    text = (current["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    try:
        parsed: Any = json.loads(text) if text else {}
    except ValueError as error:
        raise OcError(f"the annotation {LAST_APPLIED} cannot be read: {error}") from error
    return parsed if isinstance(parsed, dict) else {}


def _warn(session: Session, resource: Resource, current: Object) -> None:
    if not last_applied(current):
        name = f"{resource.plural}/{current['metadata']['name']}"
        session.console.err(
            f"Warning: resource {name} is missing the {LAST_APPLIED} annotation which is required by oc apply. oc apply "
            "should only be used on resources created declaratively by either oc create --save-config or oc apply. The "
            "missing annotation will be patched automatically."
        )


async def _create(session: Session, resource: Resource, namespace: str | None, obj: Object, *, source: str) -> None:
    if namespace is not None:  # a namespace that is not there is told before anything of it
        await session.read(NAMESPACES.path(None, namespace))
    try:
        await session.send("POST", resource.path(namespace), obj, params=_QUERY)
    except ApiError as error:
        raise _explained(error, f'error when creating "{source}"') from error


def _explained(error: ApiError, what: str) -> ApiError:
    return ApiError(error.code, error.reason, f"{what}: {error.message}", error.details)
