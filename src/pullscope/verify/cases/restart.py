"""The topic `restart`: a container starts again, and images are removed from the node with `crictl rmi`.

The policy is applied at every start of a container, so a pod that restarts may run another image than before. A removed image is
pulled anew, and with it whatever the tag means now.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Delete, Needs, Push, RemoveImage, Run, Scenario, See, Stop, Untag

_START = "kubernetes v1.36 pkg/kubelet/kuberuntime/kuberuntime_container.go, startContainer (step 1: pull the image)"
_LOOK = "kubernetes v1.36 pkg/kubelet/images/image_manager.go, imagePullPrecheck (asks the runtime each time)"
_HANDS = Needs(hands=True)
_CRIO = Needs(hands=True, runtime="cri-o")
_CONTAINERD = Needs(hands=True, runtime="containerd")
_PULLED = Expected("running", "registry", (), "Running: pulled anew, the registry's image")
_SAME_POD = Expected("running", "registry", (), "the same pod, another image")
_AGAIN = Expected("running", "node", (), "the same pod, the same image")
_NEVER = Expected("waiting", None, waits.NEVER_PULLED, "ErrImageNeverPull")
_LOST = Expected("waiting", None, waits.PULL_FAILS, "nobody has the image any more")

CASES = (
    Scenario(
        *("r1", "IfNotPresent", False, True, _PULLED),
        registry="newer",
        what="a tag moved, and crictl rmi of the old image",
        upstream=_LOOK,
        needs=_HANDS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("registry"),
            Delete("first"),
            RemoveImage(),
            Run("pod", "IfNotPresent"),
            See("pod", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("r2", "Never", False, True, _NEVER),
        registry="has it",
        what="crictl rmi of the image",
        upstream=_LOOK,
        needs=_HANDS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Delete("first"),
            Run("before", "Never"),
            See("before", runs="node", asked=False),
            Delete("before"),
            RemoveImage(),
            Run("pod", "Never"),
            See("pod", waits=waits.NEVER_PULLED, asked=False),
        ),
    ),
    Scenario(
        *("r3", "IfNotPresent", False, False, _LOST),
        registry="404 manifest",
        what="crictl rmi of an image whose tag was deleted",
        upstream=_LOOK,
        needs=_HANDS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Untag("node"),
            Delete("first"),
            RemoveImage(),
            Run("pod", "IfNotPresent"),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.MISSING, asked=True),
        ),
    ),
    Scenario(
        *("r4", "Always", True, True, _SAME_POD),
        registry="newer",
        what="a tag moved, and the container restarts",
        upstream=_START,
        needs=_HANDS,
        steps=(
            Push("node"),
            Run("pod", "Always"),
            See("pod", runs="node", asked=True),
            Push("registry"),
            Stop("pod"),
            See("pod", runs="registry", restarts=1, asked=True),
        ),
    ),
    Scenario(
        *("r5", "IfNotPresent", True, True, _AGAIN),
        registry="newer",
        what="a tag moved, and the container restarts",
        upstream=_START,
        needs=_HANDS,
        steps=(
            Push("node"),
            Run("pod", "IfNotPresent"),
            See("pod", runs="node", asked=True),
            Push("registry"),
            Stop("pod"),
            See("pod", runs="node", restarts=1, asked=False),
        ),
    ),
    Scenario(
        *("r6", "Never", True, True, _AGAIN),
        registry="newer",
        what="a tag moved, and the container restarts",
        upstream=_START,
        needs=_HANDS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Run("pod", "Never"),
            See("pod", runs="node", asked=False),
            Push("registry"),
            Stop("pod"),
            See("pod", runs="node", restarts=1, asked=False),
        ),
    ),
    Scenario(
        *("r7", "IfNotPresent", True, True, _AGAIN),
        registry="newer",
        what="CRI-O refuses crictl rmi of an image in use, and the container restarts",
        upstream="cri-o v1.36 internal/storage/image.go (ErrImageUsedByContainer)",
        needs=_CRIO,
        steps=(
            Push("node"),
            Run("pod", "IfNotPresent"),
            See("pod", runs="node", asked=True),
            Push("registry"),
            RemoveImage(refused=True),
            Stop("pod"),
            See("pod", runs="node", restarts=1, asked=False),
        ),
    ),
    Scenario(
        *("r8", "IfNotPresent", False, True, _SAME_POD),
        registry="newer",
        what="containerd removes an image in use, and the container restarts",
        upstream="containerd v1.6 pkg/cri/server/image_remove.go (no look at containers)",
        needs=_CONTAINERD,
        steps=(
            Push("node"),
            Run("pod", "IfNotPresent"),
            See("pod", runs="node", asked=True),
            Push("registry"),
            RemoveImage(),
            Stop("pod"),
            See("pod", runs="registry", restarts=1, asked=True),
        ),
    ),
)
