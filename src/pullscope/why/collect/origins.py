"""Who set a container's imagePullPolicy: somebody wrote it, or the API server filled it in. [pure]

`kubectl apply` keeps what it applied in an annotation. Server-side apply keeps the fields that each manager applied, and
defaults belong to nobody. A plain create leaves no trace: its manager owns the defaults as well.
Upstream: k8s.io/apimachinery v0.36 metav1 ManagedFieldsEntry, structured-merge-diff v6 (fieldsV1), kubectl v0.36 apply.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pullscope.why.collect.shapes import Meta
from pullscope.why.facts import Origin

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LISTS = ("containers", "initContainers")
_DECODER = msgspec.json.Decoder()
_CLIENT_SIDE = "kubectl-client-side-apply"


class Origins:
    """What one object's metadata tell. `path` leads to its pod spec: `("spec", "template", "spec")`."""

    def __init__(self, metadata: Meta, path: tuple[str, ...]) -> None:
        self._applied = _containers(_decoded(metadata.annotation(LAST_APPLIED).encode()), path)
        self._managers = list(_managers(_decoded(bytes(metadata.managed_fields)), path))

    def applied(self, container: str) -> str:
        """The image that the last `kubectl apply` asked for, empty where there was none."""
        return str(self._applied.get(container, {}).get("image") or "")

    def of(self, container: str) -> Origin:
        """Where the container's policy comes from."""
        owned = [fields[container] for fields in self._managers if container in fields]
        if any(self._wrote(entry) for entry in owned):
            return "written"
        if container in self._applied:
            return "written" if self._applied[container].get("imagePullPolicy") else "defaulted"
        applies = [entry for entry in owned if entry.applied]
        return "defaulted" if applies else "unknown"

    @staticmethod
    def _wrote(entry: "_Owned") -> bool:
        """Whether it owns the policy for having said it: applied it, or changed it alone."""
        return entry.policy and (entry.applied or not entry.image)


class _Owned(msgspec.Struct, frozen=True):
    applied: bool
    image: bool
    policy: bool


def _managers(managed: Any, path: tuple[str, ...]) -> Iterator[Mapping[str, _Owned]]:
    """Of each manager, by container, which of the two fields it owns."""
    for manager in managed if isinstance(managed, list) else ():
        if not isinstance(manager, dict) or manager.get("manager") == _CLIENT_SIDE:
            continue
        spec = _below(manager.get("fieldsV1"), tuple(f"f:{step}" for step in path))
        applied = manager.get("operation") == "Apply"
        yield {
            name: _Owned(applied, "f:image" in fields, "f:imagePullPolicy" in fields)
            for kind in _LISTS
            for name, fields in _named(_below(spec, (f"f:{kind}",)))
        }


def _named(entries: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Containers stand there by their key: `k:{"name":"app"}`."""
    for key, fields in entries.items():
        name = _decoded(key.removeprefix("k:").encode()) if key.startswith("k:") else None
        if isinstance(name, dict) and isinstance(fields, dict):
            yield str(name.get("name")), fields


def _containers(applied: Any, path: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    spec = _below(applied, path)
    lists = (spec.get(kind) for kind in _LISTS)
    entries = (entry for each in lists if isinstance(each, list) for entry in each if isinstance(entry, dict))
    return {str(entry.get("name")): entry for entry in entries}


def _below(value: Any, path: tuple[str, ...]) -> Mapping[str, Any]:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _decoded(raw: bytes) -> Any:
    try:
        return _DECODER.decode(raw) if raw else None
    except msgspec.MsgspecError:
        return None
