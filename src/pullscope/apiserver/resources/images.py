"""Images: what is known of each image that a stream has pointed to, by its digest.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/image and printers/internalversion.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause
from pullscope.oci.digest import Digest, DigestError
from pullscope.oci.reference import InvalidReferenceError, parse

_KEPT = ("dockerImageMetadata", "dockerImageManifestMediaType", "dockerImageLayers", "dockerImageManifests")


def name_rule(name: str) -> list[str]:
    """What is wrong with an image's name: it is a digest."""
    try:
        Digest.parse(name)
    except DigestError as error:
        return [str(error)]
    return []


def _validate(obj: Object) -> Iterator[Cause]:
    reference = obj.get("dockerImageReference", "")
    if not reference:
        yield causes.required("dockerImageReference")
        return
    try:
        parse(reference)
    except InvalidReferenceError as error:
        yield causes.invalid("dockerImageReference", reference, str(error))


def _update(new: Object, old: Object) -> None:
    """What was read from the registry cannot be changed: the digest names it."""
    for field in _KEPT:
        new.pop(field, None)
        if field in old:
            new[field] = old[field]


def _cells(obj: Object, _now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("dockerImageReference", "")]


KIND = Kind(
    resource=resources.IMAGES,
    table=Table((columns.NAME, table.column("Image Reference", description="Where the image can be pulled.")), _cells),
    handler=Storage,
    strategy=Strategy(update=_update, validate=_validate, validate_update=lambda new, _: _validate(new)),
    name_rule=name_rule,
)
