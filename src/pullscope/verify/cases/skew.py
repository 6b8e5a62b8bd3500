"""The topic `skew`: two nodes with different caches, so the same Deployment is two programs.

What a node has it got when it pulled last. Pods of one template run what their node has, or gets now.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Needs, Push, Run, Scenario, See, Untag

_NODE_BY_NODE = "kubernetes v1.36 pkg/kubelet/images/image_manager.go (each kubelet looks at its own node)"
_TWO = Needs(nodes=2)
_OLD_AND_NEW = Expected("running", "registry", (), "old on one node, new on the other")
_NEW = Expected("running", "registry", (), "Running: the registry's image on both")
_NOT_THERE = Expected("waiting", None, waits.NEVER_PULLED, "ErrImageNeverPull on the other node")
_MISSING = Expected("waiting", None, waits.PULL_FAILS, "runs on one node, fails on the other")

CASES = (
    Scenario(
        *("n1", "IfNotPresent", False, True, _OLD_AND_NEW),
        registry="newer",
        what="a tag moved: one node has the old image, the other has none",
        upstream=_NODE_BY_NODE,
        needs=_TWO,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("here", "IfNotPresent"),
            See("here", runs="node", asked=False),
            Run("there", "IfNotPresent", node=1),
            See("there", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("n2", "Always", False, True, _NEW),
        registry="newer",
        what="a tag moved: one node has the old image, the other has none",
        upstream=_NODE_BY_NODE,
        needs=_TWO,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("here", "Always"),
            See("here", runs="registry", asked=True),
            Run("there", "Always", node=1),
            See("there", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("n3", "Never", False, True, _NOT_THERE),
        registry="has it",
        what="the image is on one node alone",
        upstream=_NODE_BY_NODE,
        needs=_TWO,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Run("here", "Never"),
            See("here", runs="node", asked=False),
            Run("there", "Never", node=1),
            See("there", waits=waits.NEVER_PULLED, asked=False),
            Run("second", "IfNotPresent", node=1),
            See("second", runs="node", asked=True),
            See("there", runs="node", eventually=True),
        ),
    ),
    Scenario(
        *("n4", "IfNotPresent", False, False, _MISSING),
        registry="404 manifest",
        what="the tag was deleted: one node has the image, the other has none",
        upstream=_NODE_BY_NODE,
        needs=_TWO,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Untag("node"),
            Run("here", "IfNotPresent"),
            See("here", runs="node", asked=False),
            Run("there", "IfNotPresent", node=1),
            See("there", waits=waits.PULL_FAILS, cause=Cause.MISSING, asked=True),
            Push("registry"),
            See("there", runs="registry", eventually=True, asked=True),
        ),
    ),
)
