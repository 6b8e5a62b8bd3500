"""Templates: objects to be filled in, as somebody wrote them down. Clients process them; the server only keeps them.

Upstream: openshift/openshift-apiserver (release 4.22) pkg/template: apis/template/validation, printers/internalversion.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_PARAMETER = "^[a-zA-Z0-9_]+$"
_LONGEST = 80  # of a description in a table


def _default(obj: Object) -> None:
    obj.setdefault("objects", None)  # as Go writes it


def _validate(obj: Object) -> Iterator[Cause]:
    for index, parameter in enumerate(obj.get("parameters") or ()):
        name = parameter.get("name", "")
        if not name:
            yield causes.required(f"parameters[{index}].name")
        elif not re.match(_PARAMETER, name):
            yield causes.invalid(f"parameters[{index}].name", name, f"does not match {_PARAMETER}")


def _cells(obj: Object, _now: datetime) -> list[Any]:
    described = (obj["metadata"].get("annotations") or {}).get("description", "")
    parameters = _counted(obj.get("parameters") or [])
    return [obj["metadata"]["name"], _shortened(described), parameters, len(obj.get("objects") or ())]


def _shortened(text: str) -> str:
    first, newline, _ = text.partition("\n")
    text = f"{first}..." if newline else first
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3].strip()}..."


def _counted(parameters: list[Object]) -> str:
    open_ones = [parameter for parameter in parameters if not parameter.get("value")]
    generated = [parameter for parameter in open_ones if parameter.get("generate")]
    blank = len(open_ones) - len(generated)
    if blank:
        return f"{len(parameters)} ({blank} blank)"
    return f"{len(parameters)} ({len(generated)} generated)" if generated else f"{len(parameters)} (all set)"


_COLUMNS = (
    columns.NAME,
    table.column("Description", description="What the template is for."),
    table.column("Parameters", description="How many parameters there are, and how many are to be given."),
    table.column("Objects", description="How many objects the template makes."),
)

KIND = Kind(
    resource=resources.TEMPLATES,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=lambda new, _: _validate(new)),
    default=_default,
)
