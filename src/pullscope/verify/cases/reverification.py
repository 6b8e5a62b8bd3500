"""The topic `reverification`: an image that is on the node, and pods that may not use it (since Kubernetes 1.35).

A kubelet remembers with which credentials it pulled an image, and lets a pod use it only if the pod shows the same ones, or if it was
pulled without any. Others pull again: a registry that refuses them refuses the image that is there, too, and one that does not
may give them a newer image than their neighbour runs. Images that no kubelet has pulled are for everybody, unless configured otherwise.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import (
    Account,
    Behave,
    Delete,
    Demand,
    Misbehave,
    Named,
    Needs,
    Preload,
    Push,
    RemoveImage,
    Run,
    Scenario,
    Secret,
    See,
    Untag,
)

_KEP = "kubernetes v1.36 pkg/kubelet/images/pullmanager/image_pull_manager.go, MustAttemptImagePull (KEP-2535)"
_MODES = "kubernetes v1.36 pkg/kubelet/images/pullmanager/image_pull_policies.go (KEP-2535)"
_SINCE = Needs(since=(1, 35))
_PRELOADED = Needs(since=(1, 35), hands=True)
_ALWAYS = Needs(since=(1, 35), hands=True, verification="AlwaysVerify")
_NEVER = Needs(since=(1, 35), verification="NeverVerify")
_DENIED = Expected("waiting", None, waits.PULL_FAILS, "pulls, and fails: no access", Cause.CREDENTIALS)
_GONE = Expected("waiting", None, waits.PULL_FAILS, "pulls, and fails: image not found")
_DOWN = Expected("waiting", None, waits.UNAVAILABLE, "pulls, and fails: nobody listens", Cause.UNREACHABLE)
_NOT_FOR_YOU = Expected("waiting", None, waits.NEVER_PULLED, "ErrImageNeverPull, though it is there")
_NODES = Expected("running", "node", (), "Running: the node's image")
_NEWER = Expected("running", "registry", (), "pulls: newer than its neighbour")
_SAME = Expected("running", "node", (), "asks once, and is remembered")

PULLED = (
    Push("node"),
    Demand(),
    Secret("first", "one"),
    Run("first", "IfNotPresent", secrets=("first",)),
    See("first", runs="node", asked=True),
)
"""The image is on the node, pulled with `one`'s password. That it runs shows that nothing else is in the way."""

CASES = (
    Scenario(
        *("v1", "IfNotPresent", True, True, _DENIED),
        registry="private",
        what="the image was pulled with a secret, and the pod has none",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Run("pod", "IfNotPresent"),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS, asked=True),
        ),
    ),
    Scenario(
        *("v2", "Never", True, True, _NOT_FOR_YOU),
        registry="private",
        what="the image was pulled with a secret, and the pod has none",
        upstream=_KEP,
        needs=_SINCE,
        steps=(*PULLED, Run("pod", "Never"), See("pod", waits=waits.NEVER_PULLED, asked=False)),
    ),
    Scenario(
        *("v3", "Never", True, True, _NODES),
        registry="private",
        what="the pod has the secret that the image was pulled with",
        upstream=_KEP,
        needs=_SINCE,
        steps=(*PULLED, Run("pod", "Never", secrets=("first",)), See("pod", runs="node", asked=False)),
    ),
    Scenario(
        *("v4", "Never", True, True, _NODES),
        registry="private",
        what="the pod has another secret with the same username and password",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Secret("copy", "one"),
            Run("pod", "Never", secrets=("copy",)),
            See("pod", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("v5", "IfNotPresent", True, True, _DENIED),
        registry="private",
        what="the pod's secret has a wrong password",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Secret("pull", "wrong"),
            Run("pod", "IfNotPresent", secrets=("pull",)),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS, asked=True),
        ),
    ),
    Scenario(
        *("v6", "IfNotPresent", True, True, _NEWER),
        registry="newer",
        what="a tag moved, and the pod has other credentials that are as good",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Push("registry"),
            Run("neighbour", "IfNotPresent", secrets=("first",)),
            See("neighbour", runs="node", asked=False),
            Secret("pull", "two"),
            Run("pod", "IfNotPresent", secrets=("pull",)),
            See("pod", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("v7", "Never", True, True, _NOT_FOR_YOU),
        registry="private",
        what="the pod has other credentials that are as good: nobody may ask the registry",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Secret("pull", "two"),
            Run("pod", "Never", secrets=("pull",)),
            See("pod", waits=waits.NEVER_PULLED, asked=False),
        ),
    ),
    Scenario(
        *("v8", "IfNotPresent", True, True, _SAME),
        registry="private",
        what="the pod has other credentials that are as good, and the next one has them too",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Secret("pull", "two"),
            Run("second", "IfNotPresent", secrets=("pull",)),
            See("second", runs="node", asked=True, sent=False),
            Run("pod", "IfNotPresent", secrets=("pull",)),
            See("pod", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("v9", "IfNotPresent", True, True, _DENIED),
        registry="private",
        what="the pod has no secret and names the image by its digest",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Run("pod", "IfNotPresent", Named("", "node")),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS, asked=True),
        ),
    ),
    Scenario(
        *("v10", "Never", True, True, _NODES),
        registry="private",
        what="the image was pulled without credentials, before the registry wanted some",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Demand(),
            Run("pod", "Never"),
            See("pod", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("v11", "Never", True, True, _NODES),
        registry="private",
        what="the pod's service account names the secret that the image was pulled with",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Account("robot", ("first",)),
            Run("pod", "Never", account="robot"),
            See("pod", runs="node", asked=False),
        ),
    ),
    Scenario(
        *("v12", "IfNotPresent", True, False, _GONE),
        registry="404 manifest",
        what="pulled again where the tag is gone: the image that is there does not count",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Behave(),
            Untag("node"),
            Run("pod", "IfNotPresent"),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.MISSING, asked=True),
        ),
    ),
    Scenario(
        *("v13", "Never", True, True, _NODES),
        registry="private",
        what="the image was put on the node by hand, and the pod has no secret",
        upstream=_MODES,
        needs=_PRELOADED,
        steps=(Push("node"), Demand(), Preload(), Run("pod", "Never"), See("pod", runs="node", asked=False)),
    ),
    Scenario(
        *("v14", "Never", True, True, _NOT_FOR_YOU),
        registry="private",
        what="AlwaysVerify: the image was put on the node by hand, and the pod has no secret",
        upstream=_MODES,
        needs=_ALWAYS,
        steps=(
            Push("node"),
            Demand(),
            Preload(),
            Run("pod", "Never"),
            See("pod", waits=waits.NEVER_PULLED, asked=False),
            Secret("pull", "one"),
            Run("control", "IfNotPresent", secrets=("pull",)),
            See("control", runs="node", asked=True),
        ),
    ),
    Scenario(
        *("v15", "Never", True, True, _NODES),
        registry="private",
        what="NeverVerify: the image was pulled with a secret, and the pod has none",
        upstream=_MODES,
        needs=_NEVER,
        steps=(*PULLED, Run("pod", "Never"), See("pod", runs="node", asked=False)),
    ),
    Scenario(
        *("v16", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the image was removed from the node, and the pod has no secret",
        upstream=_KEP,
        needs=_PRELOADED,
        steps=(
            *PULLED,
            Delete("first"),
            RemoveImage(),
            Run("pod", "IfNotPresent"),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS, asked=True),
        ),
    ),
    Scenario(
        *("v17", "IfNotPresent", True, True, _DOWN),
        registry="refuses",
        what="the registry is down, and the pod has other credentials that are as good",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Secret("pull", "two"),
            Misbehave("refuses"),
            Run("same", "IfNotPresent", secrets=("first",)),
            See("same", runs="node", asked=False),
            Run("pod", "IfNotPresent", secrets=("pull",)),
            See("pod", waits=waits.UNAVAILABLE, cause=Cause.UNREACHABLE),
        ),
    ),
    Scenario(
        *("v18", "Never", True, True, _NOT_FOR_YOU),
        registry="has it",
        what="the image was pulled with a secret from a registry that asks for none, and the pod has none",
        upstream="kubernetes v1.36 pkg/kubelet/images/puller.go (which credentials a pull is recorded with)",
        needs=_SINCE,
        steps=(
            Push("node"),
            Secret("first", "one"),
            Run("first", "IfNotPresent", secrets=("first",)),
            See("first", runs="node", asked=True),
            Run("pod", "Never"),
            See("pod", waits=waits.NEVER_PULLED, asked=False),
            Run("second", "IfNotPresent"),
            See("second", runs="node", asked=True, sent=False),
            See("pod", runs="node", eventually=True),
        ),
    ),
    Scenario(
        *("v19", "Never", True, True, _NOT_FOR_YOU),
        registry="private",
        what="the image was removed by hand and put back by hand: the record of the pull has stayed",
        upstream="kubernetes v1.36 pkg/kubelet/images/image_gc_manager.go (records go with images that it removes)",
        needs=_PRELOADED,
        steps=(
            *PULLED,
            Delete("first"),
            RemoveImage(),
            Preload(),
            Run("pod", "Never"),
            See("pod", waits=waits.NEVER_PULLED, asked=False),
        ),
    ),
    Scenario(
        *("v20", "Never", True, True, _NODES),
        registry="private",
        what="one of the pod's two secrets is the one that the image was pulled with",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *PULLED,
            Secret("pull", "wrong"),
            Run("pod", "Never", secrets=("pull", "first")),
            See("pod", runs="node", asked=False),
        ),
    ),
)
