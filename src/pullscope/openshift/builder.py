"""What the pod of a build and the programs in it know of each other: paths, variables, names.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/strategy/util.go, openshift/builder pkg/build/builder/common.go.
"""

from typing import Final

from pullscope.openshift import builds

WORK: Final = "/tmp/build"  # noqa: S108 (a path in the pod)
INPUTS: Final = f"{WORK}/inputs"
STORAGE: Final = "/var/lib/containers/storage"
PUSH: Final = "/var/run/secrets/openshift.io/push"
PULL: Final = "/var/run/secrets/openshift.io/pull"
TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount/token"  # noqa: S105 (a path)

BUILD: Final = "BUILD"
"""The variable that holds the Build."""


def word(container: str) -> str:
    """The program that a container of the pod runs."""
    return f"openshift-{container}"


WORDS = tuple(
    word(name) for name in (builds.SOURCE_CONTAINER, builds.DOCKERFILE_CONTAINER, *builds.CONTAINERS.values())
)
"""The programs that an image for such pods has."""
