"""ImageDigestMirrorSets and ImageTagMirrorSets. On OpenShift they are custom resources, and so are their checks and columns.

Upstream: openshift/api release 4.22 config/v1 (the two definitions), and k8s.io/apiextensions-apiserver v0.36
pkg/apiserver/validation for the words.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import Cause
from pullscope.pull import mirrorsets

# As the definitions write it. It is shown to users, and not matched with: it takes exponential time where there is
# backtracking. `_PLACE` accepts the same.
_SHOWN_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_SHOWN_PLACE = (
    rf"^({_SHOWN_LABEL}(?:(?:\.{_SHOWN_LABEL})+)?(?::[0-9]+)?)"
    r"(?:(?:/[a-z0-9]+(?:(?:(?:[._]|__|[-]*)[a-z0-9]+)+)?)+)?$"
)
_SHOWN_SOURCE = rf"^\*(?:\.{_SHOWN_LABEL})+$|{_SHOWN_PLACE}"
_LABEL = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+"
_COMPONENT = r"[a-z0-9]++(?:(?:__|[._]|-++)[a-z0-9]++)*+"
_PLACE = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+(?::[0-9]++)?+(?:/{_COMPONENT})*+")
_ANY_HOST = re.compile(rf"\*(?:\.{_LABEL})++")


def _validate(obj: Object) -> Iterator[Cause]:
    if "spec" not in obj:
        yield causes.required("spec")
        return
    field, _ = mirrorsets.LISTS[obj["kind"]]
    for index, entry in enumerate(obj["spec"].get(field) or ()):
        yield from _validate_entry(f"spec.{field}[{index}]", entry)


def _validate_entry(path: str, entry: Object) -> Iterator[Cause]:
    source, policy = entry.get("source", ""), entry.get("mirrorSourcePolicy")
    if not source:
        yield causes.required(f"{path}.source")
    elif not (_PLACE.fullmatch(source) or _ANY_HOST.fullmatch(source)):
        yield _unlike(f"{path}.source", source, _SHOWN_SOURCE)
    if policy and policy not in mirrorsets.POLICIES:
        yield causes.not_supported(f"{path}.mirrorSourcePolicy", policy, mirrorsets.POLICIES)
    seen: set[str] = set()
    for index, mirror in enumerate(entry.get("mirrors") or ()):
        here = f"{path}.mirrors[{index}]"
        if not _PLACE.fullmatch(mirror):
            yield _unlike(here, mirror, _SHOWN_PLACE)
        if mirror in seen:
            yield causes.duplicate(here, mirror)
        seen.add(mirror)


def _unlike(path: str, value: str, pattern: str) -> Cause:
    return causes.invalid(path, value, f"{path} in body should match '{pattern}'")


def _created(obj: Object) -> None:
    obj.pop("status", None)
    strategies.first_generation(obj)


def _updated(new: Object, old: Object) -> None:
    strategies.keep_status(new, old)
    strategies.next_generation(new, old)


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], table.age(obj, now)]


def _kind(resource: Resource) -> Kind:
    return Kind(
        resource=resource,
        table=Table((columns.NAME, columns.AGE), _cells),
        handler=Storage,
        strategy=Strategy(_created, _updated, _validate, lambda new, _: _validate(new)),
    )


DIGESTS = _kind(resources.IMAGE_DIGEST_MIRROR_SETS)
TAGS = _kind(resources.IMAGE_TAG_MIRROR_SETS)
