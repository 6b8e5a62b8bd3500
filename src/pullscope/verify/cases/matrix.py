"""The topic `matrix`: every policy, the image on the node or not, and all that a registry may have or do.

`has it` is for a node without the image, `newer` and `same` for one with it. Where the registry misbehaves it has another
image than the node, so that whatever runs tells where it came from.

Upstream: kubernetes v1.36 pkg/kubelet/images/image_manager.go (EnsureImageExists: Always asks without looking at the node,
the others look first, and none falls back to the node's image when a pull fails) and pkg/kubelet/images/types.go (reasons).
What runtimes make of the answers: containers/image v5.36 docker/docker_client.go (five tries at a 429, 2 s doubling) and CRI-O's
RegistryUnavailable for a refused connection, where containerd has ErrImagePull. `times out` is a registry that takes the
connection and never answers: neither containers/image nor containerd up to 2.2 (issue 13006) gives up on it within minutes, so
the container stays ContainerCreating.
"""

from pullscope.pull import reasons
from pullscope.pull.complaints import Cause
from pullscope.verify.case import Case, Expected
from pullscope.verify.cases import waits

_UNAVAILABLE = (reasons.REGISTRY_UNAVAILABLE, reasons.IMAGE_PULL_BACK_OFF)

_FROM_NODE = Expected("running", "node", (), "Running, the node's cached image")
_FROM_REGISTRY = Expected("running", "registry", (), "Running, the registry's image")
_THE_SAME = Expected("running", "registry", (), "Running, the image that both have: nothing but its manifest is sent")
_NEVER_PULLED = Expected("waiting", None, waits.NEVER_PULLED, "fails: ErrImageNeverPull")
_MISSING = Expected("waiting", None, waits.PULL_FAILS, "fails: image not found")
_NO_ACCESS = Expected("waiting", None, waits.PULL_FAILS, "fails: no access", Cause.CREDENTIALS)
_LIMITED = Expected("waiting", None, waits.PULL_FAILS, "fails after the runtime's own retries", Cause.LIMITED)
_BROKEN = Expected("waiting", None, waits.PULL_FAILS, "fails: the registry's own error", Cause.BROKEN)
_REFUSED = Expected("waiting", None, _UNAVAILABLE, "fails: nobody listens", Cause.UNREACHABLE)
_WRONG = Expected("waiting", None, waits.PULL_FAILS, "fails: not what the digest names", Cause.CONTENT)
_WAITS = Expected("waiting", None, (reasons.CONTAINER_CREATING,), "waits on", Cause.UNKNOWN)

CASES = (
    Case("m1", "Always", True, True, _FROM_REGISTRY, registry="newer"),
    Case("m2", "Always", True, True, _THE_SAME, registry="same"),
    Case("m3", "Always", True, False, _MISSING, registry="404 manifest"),
    Case("m4", "Always", True, False, _MISSING, registry="404 repository"),
    Case("m5", "Always", True, True, _NO_ACCESS, registry="401"),
    Case("m6", "Always", True, True, _NO_ACCESS, registry="403"),
    Case("m7", "Always", True, True, _LIMITED, registry="429"),
    Case("m8", "Always", True, True, _BROKEN, registry="500"),
    Case("m9", "Always", True, True, _REFUSED, registry="refuses"),
    Case("m10", "Always", True, True, _WAITS, registry="times out"),
    Case("m11", "Always", True, True, _WRONG, registry="wrong digest"),
    Case("m12", "Always", False, True, _FROM_REGISTRY, registry="has it"),
    Case("m13", "Always", False, False, _MISSING, registry="404 manifest"),
    Case("m14", "Always", False, False, _MISSING, registry="404 repository"),
    Case("m15", "Always", False, True, _NO_ACCESS, registry="401"),
    Case("m16", "Always", False, True, _NO_ACCESS, registry="403"),
    Case("m17", "Always", False, True, _LIMITED, registry="429"),
    Case("m18", "Always", False, True, _BROKEN, registry="500"),
    Case("m19", "Always", False, True, _REFUSED, registry="refuses"),
    Case("m20", "Always", False, True, _WAITS, registry="times out"),
    Case("m21", "Always", False, True, _WRONG, registry="wrong digest"),
    Case("m22", "IfNotPresent", True, True, _FROM_NODE, registry="newer"),
    Case("m23", "IfNotPresent", True, True, _FROM_NODE, registry="same"),
    Case("m24", "IfNotPresent", True, False, _FROM_NODE, registry="404 manifest"),
    Case("m25", "IfNotPresent", True, False, _FROM_NODE, registry="404 repository"),
    Case("m26", "IfNotPresent", True, True, _FROM_NODE, registry="401"),
    Case("m27", "IfNotPresent", True, True, _FROM_NODE, registry="403"),
    Case("m28", "IfNotPresent", True, True, _FROM_NODE, registry="429"),
    Case("m29", "IfNotPresent", True, True, _FROM_NODE, registry="500"),
    Case("m30", "IfNotPresent", True, True, _FROM_NODE, registry="refuses"),
    Case("m31", "IfNotPresent", True, True, _FROM_NODE, registry="times out"),
    Case("m32", "IfNotPresent", True, True, _FROM_NODE, registry="wrong digest"),
    Case("m33", "IfNotPresent", False, True, _FROM_REGISTRY, registry="has it"),
    Case("m34", "IfNotPresent", False, False, _MISSING, registry="404 manifest"),
    Case("m35", "IfNotPresent", False, False, _MISSING, registry="404 repository"),
    Case("m36", "IfNotPresent", False, True, _NO_ACCESS, registry="401"),
    Case("m37", "IfNotPresent", False, True, _NO_ACCESS, registry="403"),
    Case("m38", "IfNotPresent", False, True, _LIMITED, registry="429"),
    Case("m39", "IfNotPresent", False, True, _BROKEN, registry="500"),
    Case("m40", "IfNotPresent", False, True, _REFUSED, registry="refuses"),
    Case("m41", "IfNotPresent", False, True, _WAITS, registry="times out"),
    Case("m42", "IfNotPresent", False, True, _WRONG, registry="wrong digest"),
    Case("m43", "Never", True, True, _FROM_NODE, registry="newer"),
    Case("m44", "Never", True, True, _FROM_NODE, registry="same"),
    Case("m45", "Never", True, False, _FROM_NODE, registry="404 manifest"),
    Case("m46", "Never", True, False, _FROM_NODE, registry="404 repository"),
    Case("m47", "Never", True, True, _FROM_NODE, registry="401"),
    Case("m48", "Never", True, True, _FROM_NODE, registry="403"),
    Case("m49", "Never", True, True, _FROM_NODE, registry="429"),
    Case("m50", "Never", True, True, _FROM_NODE, registry="500"),
    Case("m51", "Never", True, True, _FROM_NODE, registry="refuses"),
    Case("m52", "Never", True, True, _FROM_NODE, registry="times out"),
    Case("m53", "Never", True, True, _FROM_NODE, registry="wrong digest"),
    Case("m54", "Never", False, True, _NEVER_PULLED, registry="has it"),
    Case("m55", "Never", False, False, _NEVER_PULLED, registry="404 manifest"),
    Case("m56", "Never", False, False, _NEVER_PULLED, registry="404 repository"),
    Case("m57", "Never", False, True, _NEVER_PULLED, registry="401"),
    Case("m58", "Never", False, True, _NEVER_PULLED, registry="403"),
    Case("m59", "Never", False, True, _NEVER_PULLED, registry="429"),
    Case("m60", "Never", False, True, _NEVER_PULLED, registry="500"),
    Case("m61", "Never", False, True, _NEVER_PULLED, registry="refuses"),
    Case("m62", "Never", False, True, _NEVER_PULLED, registry="times out"),
    Case("m63", "Never", False, True, _NEVER_PULLED, registry="wrong digest"),
)
