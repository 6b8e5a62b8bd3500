"""The downward API: fields of a pod, by path, for environments and files.

Upstream: pkg/fieldpath/fieldpath.go, pkg/kubelet/kubelet_pods.go (podFieldSelectorRuntimeValue) and
pkg/api/v1/resource/helpers.go (ExtractContainerResourceValue), Kubernetes v1.36.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pullscope.kube import quantity
from pullscope.kube.api import Object

_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations))\['(.+)'\]")
_RESOURCES = ("cpu", "memory", "ephemeral-storage")


class UnsupportedFieldError(ValueError):
    """The path names nothing that this node can tell."""


@dataclass(frozen=True)
class Where:
    """What the node adds to a pod: its own name and address, the pod's address, and what is allocatable."""

    node: str
    host_ip: str
    pod_ip: str = ""
    allocatable: Mapping[str, str] | None = None


def value(pod: Object, path: str, where: Where) -> str:
    """The text at `path`, such as `metadata.name` or `metadata.labels['app']`. Raises UnsupportedFieldError."""
    metadata, spec = pod["metadata"], pod["spec"]
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript:
        kind = subscript[1].partition(".")[2]
        return str((metadata.get(kind) or {}).get(subscript[2], ""))
    known = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "metadata.labels": _lines(metadata.get("labels")),
        "metadata.annotations": _lines(metadata.get("annotations")),
        "spec.nodeName": where.node,
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.hostIP": where.host_ip,
        "status.hostIPs": where.host_ip,
        "status.podIP": where.pod_ip,
        "status.podIPs": where.pod_ip,
    }
    if path not in known:
        raise UnsupportedFieldError(f"unsupported fieldPath: {path}")
    return str(known[path])


def _lines(values: Mapping[str, str] | None) -> str:
    """`key="value"` lines, sorted: the form of labels and annotations in files."""
    return "\n".join(f"{key}={json.dumps(text)}" for key, text in sorted((values or {}).items()))


def resource(container: Mapping[str, Any], reference: Mapping[str, Any], where: Where) -> str:
    """A resourceFieldRef: `limits.memory` in units of the divisor, rounded up; without a limit, what the node has.

    Raises UnsupportedFieldError.
    """
    kind, _, name = str(reference["resource"]).partition(".")
    if kind not in ("limits", "requests") or name not in _RESOURCES:
        raise UnsupportedFieldError(f"unsupported container resource : {reference['resource']}")
    given = ((container.get("resources") or {}).get(kind) or {}).get(name)
    if given is None and kind == "limits":
        given = (where.allocatable or {}).get(name)
    divisor = quantity.parse(str(reference.get("divisor") or "1")).value or Fraction(1)
    return str(math.ceil(quantity.parse(str(given)).value / divisor)) if given is not None else "0"
