"""The topic `before135`: kubelets before 1.35 let every pod use what is on the node, whoever pulled it.

Each row has its counterpart in `reverification`, which comes to something else.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.cases.reverification import PULLED
from pullscope.verify.scenarios.steps import Named, Needs, Push, Run, Scenario, Secret, See

_GATE = "kubernetes v1.34 pkg/features/kube_features.go (KubeletEnsureSecretPulledImages: alpha, off)"
_BEFORE = Needs(before=(1, 35))
_NODES = Expected("running", "node", (), "Running: the node's image")
_DENIED = Expected("waiting", None, waits.PULL_FAILS, "fails: no access", Cause.CREDENTIALS)

CASES = (
    Scenario(
        *("b1", "IfNotPresent", True, True, _NODES),
        registry="private",
        what="as v1: the image was pulled with a secret, and the pod has none",
        upstream=_GATE,
        needs=_BEFORE,
        steps=(
            *PULLED,
            Run("pod", "IfNotPresent"),
            See("pod", runs="node", asked=False, absent="can be accessed by the pod"),
        ),
    ),
    Scenario(
        *("b2", "Never", True, True, _NODES),
        registry="private",
        what="as v2: the image was pulled with a secret, and the pod has none",
        upstream=_GATE,
        needs=_BEFORE,
        steps=(*PULLED, Run("pod", "Never"), See("pod", runs="node", asked=False)),
    ),
    Scenario(
        *("b3", "IfNotPresent", True, True, _NODES),
        registry="newer",
        what="as v6: a tag moved, and the pod has other credentials that are as good",
        upstream=_GATE,
        needs=_BEFORE,
        steps=(
            *PULLED,
            Push("registry"),
            Secret("pull", "two"),
            Run("pod", "IfNotPresent", secrets=("pull",)),
            See("pod", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("b4", "IfNotPresent", True, True, _NODES),
        registry="private",
        what="as v9: the pod has no secret and names the image by its digest",
        upstream=_GATE,
        needs=_BEFORE,
        steps=(*PULLED, Run("pod", "IfNotPresent", Named("", "node")), See("pod", runs="node", asked=False)),
    ),
    Scenario(
        *("b5", "Always", True, True, _DENIED),
        registry="private",
        what="the image was pulled with a secret, and the pod has none: Always asks the registry in any release",
        upstream=_GATE,
        needs=_BEFORE,
        steps=(
            *PULLED,
            Run("pod", "Always"),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS, asked=True),
        ),
    ),
)
