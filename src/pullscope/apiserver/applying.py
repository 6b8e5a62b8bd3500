"""PATCH with `application/apply-patch+yaml`: server-side apply, as a change of an object.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/patch.go (applyPatcher), k8s.io/apimachinery v0.36
pkg/util/managedfields/internal (versioncheck.go, structuredmerge.go). A configuration that does not fit its type is 400 here,
not 500 as upstream still answers it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pullscope.apiserver import bodies, decoding, managing, options
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.schemas import types
from pullscope.apiserver.subresources import scale
from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.ownership import typed
from pullscope.kube.ownership.entries import APPLY, Manager
from pullscope.kube.resources import Resource

MEDIA_TYPE = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Apply:
    """A `handlers.Change` of objects of `kind`; of `{}` it makes a new one. Calling it raises ApiError 409 with the conflicts.

    `shown` is what the client sees of the result.
    """

    config: Object
    kind: Kind
    manager: Manager
    force: bool
    now: datetime
    warnings: list[str] = field(default_factory=list)
    shown: Callable[[Object], Object] = lambda obj: obj

    def __call__(self, current: Object) -> Object:
        new = managing.applied(current, self.config, self.kind, self.manager, force=self.force, now=self.now)
        return bodies.checked(new, self.kind.resource, "Ignore", problems=[]).obj


def read(body: bytes, endpoint: Endpoint, context: Context, now: datetime) -> Apply:
    """The configuration in a body. Raises ApiError 400, 415 or 422 in upstream's words."""
    scales = endpoint.body.kind == scale.SCALE.kind
    if not endpoint.whole and not scales:
        where = f"{endpoint.resource.plural}/{endpoint.subresource}"
        raise status.ApiError(415, "UnsupportedMediaType", f"server-side apply is not supported on {where}")
    parameters = context.parameters
    name = options.field_manager(parameters, "PatchOptions", required=True)
    mode, config = bodies.mode(parameters, "PatchOptions"), _decoded(body)
    _check(config, endpoint.body)
    warnings = _doubled(body, mode)
    manager, force = Manager(name, APPLY, context.subresource), options.boolean(parameters, "force")
    if scales:
        config = scale.to_parent(config, endpoint.resource)
        return Apply(config, endpoint.kind, manager, force, now, warnings, scale.of_object)
    return Apply(config, endpoint.kind, manager, force, now, warnings)


def _decoded(body: bytes) -> Object:
    try:
        value = decoding.parse(body, decoding.YAML)
    except decoding.UndecodableError as error:
        raise status.bad_request(f"error decoding YAML: {error}") from None
    if not isinstance(value, dict):
        raise status.bad_request(f"error decoding YAML: {decoding.not_an_object(value)}")
    return value


def _doubled(body: bytes, mode: str) -> list[str]:
    """The warning about keys that come twice. Raises ApiError 400 under Strict."""
    found = [] if mode == "Ignore" else decoding.doubled_keys(body)
    if not found:
        return []
    listed = "\n  ".join(found)
    why = f"error converting YAML to JSON: yaml: unmarshal errors:\n  {listed}"
    if mode == "Strict":
        raise status.bad_request(f"error strict decoding YAML: {why}")
    return [why]


def _check(config: Object, resource: Resource) -> None:
    version, kind = str(config.get("apiVersion", "")), str(config.get("kind", ""))
    group_kind = f"{version if '/' in version else f'/{version}'}, Kind={kind}"
    if (version, kind) != (resource.api_version, resource.kind):
        raise status.bad_request(f"invalid object type: {group_kind}")
    metadata: Any = config.get("metadata") or {}
    named: Object = metadata if isinstance(metadata, dict) else {}
    if named.get(managing.FIELD) is not None:
        raise status.bad_request("metadata.managedFields must be nil")
    type_ = types.of(version, kind)
    assert type_ is not None, f"{kind} is served, so its type is known"
    if problems := typed.problems(config, type_):
        subject = f"{named.get('namespace', '')}/{named.get('name', '')}; {group_kind}"
        raise status.bad_request(f"failed to create typed patch object ({subject}): {problems}")
