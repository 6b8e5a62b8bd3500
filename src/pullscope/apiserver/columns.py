"""The columns that tables share, and the cells for them.

Upstream: kubernetes v1.36 pkg/printers/internalversion/printers.go.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pullscope.apiserver.kinds import Table
from pullscope.kube import selectors, status, table
from pullscope.kube.api import Object

NAME = table.column("Name", format="name", description="Name must be unique within a namespace.")
AGE = table.column("Age", description="The time since this object was created.")


def _plain_cells(obj: Object, _now: datetime) -> list[Any]:
    return [obj["metadata"].get("name", ""), obj["metadata"].get("creationTimestamp", "")]


PLAIN = Table((NAME, table.column("Created At", description="When the object was made.")), _plain_cells)
"""The table of kinds without one of their own (k8s.io/apiserver pkg/registry/rest/table.go)."""


def template_columns(what: str) -> tuple[Object, ...]:
    """The wide columns of a kind that makes pods from a template."""
    return (
        table.column("Containers", description="Names of each container in the template.", priority=1),
        table.column("Images", description="Images referenced by each container in the template.", priority=1),
        table.column("Selector", description=f"Label selector of the pods of this {what}.", priority=1),
    )


def template_cells(obj: Object) -> list[str]:
    """Names and images of the template's containers, and the selector."""
    spec = obj.get("spec") or {}
    containers: Iterable[Object] = ((spec.get("template") or {}).get("spec") or {}).get("containers") or ()
    names = ",".join(container.get("name", "") for container in containers)
    images = ",".join(container.get("image", "") for container in containers)
    return [names, images, selector(spec.get("selector"))]


def selector(given: Object | None) -> str:
    """A LabelSelector as FormatLabelSelector prints it."""
    try:
        return str(selectors.as_selector(given)) or table.NONE
    except status.ApiError:
        return "<error>"


def mapping(given: dict[str, str] | None) -> str:
    """Labels as FormatLabels prints them."""
    return ",".join(f"{key}={value}" for key, value in sorted((given or {}).items())) or table.NONE
