"""Which manifest a client gets for what it accepts, as docker's registry decides it.

Upstream: distribution 2.8 `registry/handlers/manifests.go` GetManifest. `q` values and wildcards do not count there,
and do not here. One difference: docker's registry rewrites schema 2 into the long retired schema 1 for clients that
accept neither; here, as in distribution 3, they get schema 2.
"""

from collections.abc import Iterable

from pullscope.oci import media


def media_types(headers: Iterable[str]) -> frozenset[str]:
    """The media types of all `Accept` headers of a request."""
    return frozenset(media.base(part) for header in headers for part in header.split(","))


def refusal(media_type: str, accepted: frozenset[str]) -> str:
    """Why a manifest of that type is not shown; empty when it is. docker's own words."""
    if media_type in accepted:
        return ""
    return {
        media.OCI_MANIFEST: "OCI manifest found, but accept header does not support OCI manifests",
        media.OCI_INDEX: "OCI index found, but accept header does not support OCI indexes",
    }.get(media_type, "")


def wants_one_image(media_type: str, accepted: frozenset[str], *, by_tag: bool) -> bool:
    """Whether a client that knows no manifest lists gets the list's linux/amd64 image in its place."""
    return by_tag and media_type == media.DOCKER_LIST and media_type not in accepted
