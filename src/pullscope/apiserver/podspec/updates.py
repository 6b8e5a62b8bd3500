"""What may change in the spec of a pod that lives.

Upstream: ValidatePodUpdate, pkg/apis/core/validation/validation.go of Kubernetes v1.36. Upstream appends a diff of two
Go structs to its message; here the message ends where the diff would begin.
"""

import copy
from collections.abc import Iterator
from typing import Any

from pullscope.apiserver.podspec import containers
from pullscope.kube import causes
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

FORBIDDEN = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod(new: Object, old: Object) -> Iterator[Cause]:
    """What is wrong with replacing the spec `old` of a pod by `new`; both are defaulted."""
    counts = [len(spec.get("containers") or ()) for spec in (new, old)]
    if counts[0] != counts[1]:
        yield causes.forbidden("spec.containers", "pod updates may not add or remove containers")
        return
    inits = [len(spec.get("initContainers") or ()) for spec in (new, old)]
    if inits[0] != inits[1]:
        yield causes.forbidden("spec.initContainers", "pod updates may not add or remove containers")
        return
    yield from _images(new)
    yield from _deadline(new.get("activeDeadlineSeconds"), old.get("activeDeadlineSeconds"))
    kept = [toleration for toleration in old.get("tolerations") or () if toleration in (new.get("tolerations") or ())]
    if len(kept) < len(old.get("tolerations") or ()):
        why = "existing toleration can not be modified except its tolerationSeconds"
        yield causes.forbidden("spec.tolerations", why)
    if _rest(new) != _rest(old):
        yield causes.forbidden("spec", FORBIDDEN)


def _images(spec: Object) -> Iterator[Cause]:
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield from containers.image(container.get("image", ""), f"spec.{field}[{index}].image")


def _deadline(new: int | None, old: int | None) -> Iterator[Cause]:
    path = "spec.activeDeadlineSeconds"
    if old is not None and (new is None or new > old):
        why = (
            "must be less than or equal to previous value"
            if new is not None
            else "must not update from a positive integer to nil value"
        )
        yield causes.invalid(path, new, why)


def _rest(spec: Object) -> dict[str, Any]:
    """The spec without what may change."""
    rest = copy.deepcopy(
        {key: value for key, value in spec.items() if key not in ("activeDeadlineSeconds", "tolerations")}
    )
    for field in ("containers", "initContainers"):
        for container in rest.get(field) or ():
            container.pop("image", None)
    return rest
