"""The topic `outage`: the registry goes away during a rollout, and comes back.

A pull that fails falls back to nothing: under Always a pod does not start although its image is on the node. What runs goes on
running, and a rollout waits; once the registry is back, the next try after the back-off succeeds without anybody's help.
"""

from pullscope.pull import reasons
from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import (
    Behave,
    Delete,
    Misbehave,
    Named,
    Needs,
    Push,
    Restart,
    Run,
    Scenario,
    See,
    SetImage,
)

_ALWAYS = "kubernetes v1.36 pkg/kubelet/images/image_manager.go, EnsureImageExists (no fallback to what is there)"
_BACK_OFF = "kubernetes v1.36 pkg/kubelet/images/image_manager.go (back-off of 10 s to 300 s for each pod and image)"
_DOWN = Expected("waiting", None, waits.UNAVAILABLE, "fails; the old pod stays", Cause.UNREACHABLE)
_REPLACED = Expected("waiting", None, waits.UNAVAILABLE, "fails; its replacement too", Cause.UNREACHABLE)
_NAMED = Expected(
    "waiting",
    None,
    (reasons.REGISTRY_UNAVAILABLE, reasons.IMAGE_PULL_BACK_OFF),
    "fails: RegistryUnavailable",
    Cause.UNREACHABLE,
)
_PLAIN = Expected("waiting", None, waits.PULL_FAILS, "fails: ErrImagePull", Cause.UNREACHABLE)
_BROKEN = Expected("waiting", None, waits.PULL_FAILS, "fails, and recovers by itself", Cause.BROKEN)
_UNTOUCHED = Expected("running", "node", (), "Running: the node's image, unasked")

CASES = (
    Scenario(
        *("u1", "Always", True, True, _DOWN),
        registry="refuses",
        what="a rollout is restarted while the registry is down, then it comes back",
        upstream=_ALWAYS,
        steps=(
            Push("node"),
            Run("app", "Always", deployment=True),
            See("app", runs="node", asked=True),
            Push("registry"),
            Misbehave("refuses"),
            Restart("app"),
            See("app", waits=waits.UNAVAILABLE, cause=Cause.UNREACHABLE),
            See("app", runs="node", old=True),
            Behave(),
            See("app", runs="registry", eventually=True, asked=True),
        ),
    ),
    Scenario(
        *("u2", "Always", True, True, _REPLACED),
        registry="refuses",
        what="a pod is deleted while the registry is down, then it comes back",
        upstream=_ALWAYS,
        steps=(
            Push("node"),
            Run("app", "Always", deployment=True),
            See("app", runs="node", asked=True),
            Misbehave("refuses"),
            Delete("app"),
            See("app", waits=waits.UNAVAILABLE, cause=Cause.UNREACHABLE),
            Behave(),
            See("app", runs="node", eventually=True, asked=True, sent=False),
        ),
    ),
    Scenario(
        *("u3", "IfNotPresent", True, True, _UNTOUCHED),
        registry="refuses",
        what="a rollout is restarted while the registry is down",
        upstream=_ALWAYS,
        steps=(
            Push("node"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="node", asked=True),
            Misbehave("refuses"),
            Restart("app"),
            See("app", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("u4", "Never", True, True, _UNTOUCHED),
        registry="refuses",
        what="a pod is deleted while the registry is down",
        upstream=_ALWAYS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Run("app", "Never", deployment=True),
            See("app", runs="node", asked=False),
            Misbehave("refuses"),
            Delete("app"),
            See("app", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("u5", "IfNotPresent", False, True, _BROKEN),
        registry="500",
        what="another tag is rolled out while the registry has an error of its own, then it recovers",
        upstream=_BACK_OFF,
        steps=(
            Push("node"),
            Run("app", "IfNotPresent", deployment=True),
            See("app", runs="node", asked=True),
            Push("registry", "v2"),
            Misbehave("500"),
            SetImage("app", Named("v2")),
            See("app", waits=waits.PULL_FAILS, cause=Cause.BROKEN, asked=True),
            See("app", runs="node", old=True),
            Behave(),
            See("app", runs="registry", eventually=True, asked=True),
        ),
    ),
    Scenario(
        *("u6", "Always", True, True, _NAMED),
        registry="refuses",
        what="CRI-O says that the registry is unavailable",
        upstream="cri-o v1.36 server/image_pull.go (ErrRegistryUnavailable); kubernetes v1.36 pkg/kubelet/images/types.go",
        needs=Needs(runtime="cri-o"),
        steps=(
            Push("node"),
            Run("first", "Always"),
            See("first", runs="node", asked=True),
            Misbehave("refuses"),
            Run("pod", "Always"),
            See("pod", waits=(reasons.REGISTRY_UNAVAILABLE,), cause=Cause.UNREACHABLE),
            Behave(),
            See("pod", runs="node", eventually=True, asked=True),
        ),
    ),
    Scenario(
        *("u7", "Always", True, True, _PLAIN),
        registry="refuses",
        what="containerd has no word of its own for a registry that is unavailable",
        upstream="containerd v1.6 remotes/docker/resolver.go; kubernetes v1.36 pkg/kubelet/images/types.go",
        needs=Needs(runtime="containerd"),
        steps=(
            Push("node"),
            Run("first", "Always"),
            See("first", runs="node", asked=True),
            Misbehave("refuses"),
            Run("pod", "Always"),
            See("pod", waits=(reasons.ERR_IMAGE_PULL,), cause=Cause.UNREACHABLE),
            Behave(),
            See("pod", runs="node", eventually=True, asked=True),
        ),
    ),
)
