"""The topic `initcontainers`: images of containers that come before the others.

Each container's image is looked at when that container is about to start, by its own policy. Until all that come before have run
to their end, nobody looks at the image of `app`.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Named, Push, Run, Scenario, See

_START = "kubernetes v1.36 pkg/kubelet/kuberuntime/kuberuntime_container.go, startContainer (step 1: pull the image)"
_FIRST = Expected("waiting", None, waits.PULL_FAILS, "Init:ErrImagePull; app is not pulled")
_ONCE = Expected("running", "registry", (), "Running: pulled once for both")
_AGAIN = Expected("running", "registry", (), "Running: asked for each container")
_NODES = Expected("running", "node", (), "Running: the node's image for both")
_NEVER = Expected("waiting", None, waits.NEVER_PULLED, "Init:ErrImageNeverPull")
_MISSING = Named("missing")

CASES = (
    Scenario(
        *("i1", "IfNotPresent", False, False, _FIRST),
        registry="404 manifest",
        what="the image of the init container is missing, that of app is not",
        upstream=_START,
        steps=(
            Push("registry"),
            Run("pod", "IfNotPresent", init=_MISSING),
            See("pod", container="init", waits=waits.PULL_FAILS, cause=Cause.MISSING, asked=True, sent=False),
            Push("registry", "missing"),
            See("pod", runs="registry", eventually=True),
        ),
    ),
    Scenario(
        *("i2", "IfNotPresent", False, True, _ONCE),
        registry="has it",
        what="both containers have the same image",
        upstream=_START,
        steps=(
            Push("registry"),
            Run("pod", "IfNotPresent", init=Named()),
            See("pod", runs="registry", times=1, event="already present on machine"),
        ),
    ),
    Scenario(
        *("i3", "Always", False, True, _AGAIN),
        registry="has it",
        what="both containers have the same image",
        upstream=_START,
        steps=(
            Push("registry"),
            Run("pod", "Always", init=Named()),
            See("pod", runs="registry", times=2, absent="already present on machine"),
        ),
    ),
    Scenario(
        *("i4", "IfNotPresent", True, True, _NODES),
        registry="newer",
        what="a tag moved, and both containers have the image that the node has",
        upstream=_START,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("pod", "IfNotPresent", init=Named()),
            See("pod", container="init", runs="node", asked=False),
            See("pod", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("i5", "Never", False, True, _NEVER),
        registry="has it",
        what="the image of the init container is not on the node, that of app is",
        upstream=_START,
        steps=(
            Push("registry"),
            Push("registry", "other"),
            Run("first", "IfNotPresent"),
            See("first", runs="registry", asked=True),
            Run("pod", "Never", init=Named("other")),
            See("pod", container="init", waits=waits.NEVER_PULLED, asked=False),
            Run("second", "IfNotPresent", Named("other")),
            See("second", runs="registry", asked=True),
            See("pod", runs="registry", eventually=True),
        ),
    ),
)
