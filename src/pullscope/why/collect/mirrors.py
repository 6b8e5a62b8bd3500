"""Where the nodes of an OpenShift cluster look for images first: its mirror sets, where these may be read.

Upstream: openshift/api release 4.22 config/v1 and operator/v1alpha1 (ImageContentSourcePolicy, the older word for an
ImageDigestMirrorSet).
"""

from typing import Any

from pullscope.kube import resources
from pullscope.kube.resources import Resource
from pullscope.pull import mirrorsets
from pullscope.pull.mirrors import Rules
from pullscope.why.collect import listing
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader

CONTENT_SOURCES = Resource(
    "operator.openshift.io", "v1alpha1", "imagecontentsourcepolicies", "ImageContentSourcePolicy", namespaced=False
)
KINDS = (resources.IMAGE_DIGEST_MIRROR_SETS, resources.IMAGE_TAG_MIRROR_SETS, CONTENT_SOURCES)


async def read(cluster: Reader, ledger: Ledger) -> Rules:
    """All that they say together."""
    sets: list[dict[str, Any]] = []
    for kind in KINDS:
        try:
            found = await listing.everything(cluster, kind, None, dict[str, Any])
        except REFUSED as error:
            if getattr(error, "code", 0) != 404:  # a kind that is not served has none
                ledger.note("mirrors", error)
            continue
        sets += [_as_set(kind, each) for each in found]
    try:
        return mirrorsets.rules(sets)
    except mirrorsets.ConflictError as error:
        ledger.note("mirrors", error)
        return Rules()


def _as_set(kind: Resource, obj: dict[str, Any]) -> dict[str, Any]:
    if kind != CONTENT_SOURCES:
        return {**obj, "kind": kind.kind}
    mirrors = (obj.get("spec") or {}).get("repositoryDigestMirrors") or ()
    return {"kind": resources.IMAGE_DIGEST_MIRROR_SETS.kind, "spec": {"imageDigestMirrors": mirrors}}
