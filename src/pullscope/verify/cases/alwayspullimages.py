"""The topic `alwayspullimages`: the admission plugin of that name makes every policy Always, when a pod is created.

Deployments keep what they say; their pods do not. Images that a node has are never used without asking the registry.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Behave, Misbehave, Needs, Push, Run, Scenario, See, Untag

_PLUGIN = "kubernetes v1.36 plugin/pkg/admission/alwayspullimages/admission.go"
_ON = Needs(always_pull_images=True)
_NEW = Expected("running", "registry", (), "Always: the registry's image")
_PULLED = Expected("running", "registry", (), "Always: pulled, where Never would fail")
_MISSING = Expected("waiting", None, waits.PULL_FAILS, "Always: image not found")
_DOWN = Expected("waiting", None, waits.UNAVAILABLE, "Always: nobody listens", Cause.UNREACHABLE)

CASES = (
    Scenario(
        *("p1", "IfNotPresent", True, True, _NEW),
        registry="newer",
        what="a tag moved, and the node has the old image",
        upstream=_PLUGIN,
        needs=_ON,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", policy="Always", asked=True),
            Push("registry"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="registry", policy="Always", asked=True),
        ),
    ),
    Scenario(
        *("p2", "Never", False, True, _PULLED),
        registry="has it",
        what="the node does not have the image",
        upstream=_PLUGIN,
        needs=_ON,
        steps=(
            Push("registry"),
            Run("pod", "Never"),
            See("pod", runs="registry", policy="Always", asked=True),
        ),
    ),
    Scenario(
        *("p3", "IfNotPresent", True, False, _MISSING),
        registry="404 manifest",
        what="the tag was deleted, and the node has the image",
        upstream=_PLUGIN,
        needs=_ON,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", policy="Always", asked=True),
            Untag("node"),
            Run("pod", "IfNotPresent"),
            See("pod", waits=waits.PULL_FAILS, policy="Always", cause=Cause.MISSING, asked=True),
            Push("registry"),
            See("pod", runs="registry", policy="Always", eventually=True, asked=True),
        ),
    ),
    Scenario(
        *("p4", "Never", True, True, _DOWN),
        registry="refuses",
        what="the registry is down, and the node has the image",
        upstream=_PLUGIN,
        needs=_ON,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", policy="Always", asked=True),
            Misbehave("refuses"),
            Run("pod", "Never"),
            See("pod", waits=waits.UNAVAILABLE, policy="Always", cause=Cause.UNREACHABLE),
            Behave(),
            See("pod", runs="node", policy="Always", eventually=True, asked=True),
        ),
    ),
)
