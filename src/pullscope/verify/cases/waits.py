"""The reasons that a pod without its image may wait with, as the rows of all topics expect them. [pure]

Upstream: kubernetes v1.36 pkg/kubelet/images/types.go; during a back-off ImagePullBackOff takes the place of what a pull failed with.
"""

from pullscope.pull import reasons

PULL_FAILS = (reasons.ERR_IMAGE_PULL, reasons.IMAGE_PULL_BACK_OFF)
UNAVAILABLE = (reasons.REGISTRY_UNAVAILABLE, *PULL_FAILS)
"""Nobody answers at the registry: CRI-O has a word for it, containerd has none."""
NEVER_PULLED = (reasons.ERR_IMAGE_NEVER_PULL,)
