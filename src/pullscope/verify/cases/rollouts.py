"""The topic `rollouts`: a push under the same tag, or another tag, and a rollout under each policy.

`kubectl rollout restart` makes new pods and nothing else: what they run is decided on the node, by the policy.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Named, Push, Restart, Run, Scenario, See, SetImage

_RESTART = "kubernetes v1.36 pkg/kubelet/images/image_manager.go (each pod anew); kubectl v0.36 pkg/cmd/rollout/restart"
_NEWER = Expected("running", "registry", (), "Running: the registry's image")
_OLD = Expected("running", "node", (), "Running: the node's image again")
_OTHER_TAG = Expected("running", "registry", (), "Running: the other tag's image")
_OF_DIGEST = Expected("running", "registry", (), "Running: the digest's image")
_NEVER = Expected("waiting", None, waits.NEVER_PULLED, "ErrImageNeverPull; the old pod stays")
_MISSING = Expected("waiting", None, waits.PULL_FAILS, "ErrImagePull; the old pod stays")

CASES = (
    Scenario(
        *("o1", "Always", True, True, _NEWER),
        registry="newer",
        what="a rollout is restarted after a push under the same tag",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("app", "Always", deployment=True),
            See("app", runs="node", asked=True),
            Push("registry"),
            Restart("app"),
            See("app", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("o2", "IfNotPresent", True, True, _OLD),
        registry="newer",
        what="a rollout is restarted after a push under the same tag",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="node", asked=True),
            Push("registry"),
            Restart("app"),
            See("app", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("o3", "Never", True, True, _OLD),
        registry="newer",
        what="a rollout is restarted after a push under the same tag",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Run("app", "Never", deployment=True),
            See("app", runs="node", asked=False),
            Push("registry"),
            Restart("app"),
            See("app", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("o4", "IfNotPresent", False, True, _OTHER_TAG),
        registry="has it",
        what="the image is set to a tag that the node does not have",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="node", asked=True),
            Push("registry", "v2"),
            SetImage("app", Named("v2")),
            See("app", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("o5", "Never", False, True, _NEVER),
        registry="has it",
        what="the image is set to a tag that the node does not have",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Run("app", "Never", deployment=True),
            See("app", runs="node", asked=False),
            Push("registry", "v2"),
            SetImage("app", Named("v2")),
            See("app", waits=waits.NEVER_PULLED, asked=False),
            See("app", runs="node", old=True),
            Run("second", "IfNotPresent", Named("v2")),
            See("second", runs="registry", asked=True),
            See("app", runs="registry", eventually=True),
        ),
    ),
    Scenario(
        *("o6", "IfNotPresent", False, False, _MISSING),
        registry="404 manifest",
        what="the image is set to a tag that nobody has, until it is pushed",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="node", asked=True),
            SetImage("app", Named("v2")),
            See("app", waits=waits.PULL_FAILS, cause=Cause.MISSING, asked=True),
            See("app", runs="node", old=True),
            Push("registry", "v2"),
            See("app", runs="registry", eventually=True, asked=True),
        ),
    ),
    Scenario(
        *("o7", "IfNotPresent", True, True, _OF_DIGEST),
        registry="newer",
        what="the image is set to the digest that was pushed under the same tag",
        upstream=_RESTART,
        steps=(
            Push("node"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="node", asked=True),
            Push("registry"),
            SetImage("app", Named("", "registry")),
            See("app", runs="registry", asked=True),
        ),
    ),
)
