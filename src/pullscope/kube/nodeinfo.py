"""What a node says of its kubelet and its container runtime, read from the versions in `status.nodeInfo`.

Upstream: core/v1 NodeSystemInfo, Kubernetes v1.36.
"""

import functools
import re


@functools.lru_cache(maxsize=64)
def release(version: str) -> tuple[int, int] | None:
    """Major and minor of a `kubeletVersion`: (1, 36) of `v1.36.2+abc`; None where it tells none."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None


def runtimes(version: str) -> tuple[str, ...]:
    """Whose rules a `containerRuntimeVersion` stands for: `cri-o` of `cri-o://1.37.0`.

    A lab's `embedded://0.1.0+containerd` names its own and the one that it follows.
    """
    name, _, number = version.partition("://")
    follows = number.partition("+")[2]
    return (name, follows) if follows else (name,)
