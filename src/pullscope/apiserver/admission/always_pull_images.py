"""AlwaysPullImages: every container of every pod gets `imagePullPolicy: Always`, whatever it says.

Off unless the server is told otherwise, as upstream. Upstream: kubernetes v1.36
plugin/pkg/admission/alwayspullimages/admission.go. Its second half, which refuses pods that another plugin has changed back,
has nothing to find here: no plugin does.
"""

from collections.abc import Iterator

from pullscope.kube.api import Object


def enforce(pod: Object) -> None:
    """Make every container and image volume of `pod` pull always."""
    for container in _containers(pod):
        container["imagePullPolicy"] = "Always"
    for volume in (pod.get("spec") or {}).get("volumes") or ():
        if volume.get("image"):
            volume["image"]["pullPolicy"] = "Always"


def _containers(pod: Object) -> Iterator[Object]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from (pod.get("spec") or {}).get(field) or ()
