"""The topic `otheraccount`: No. 1 to 8 of the article where the image on the node was pulled for another service account.

The pod's own account has other credentials, which the registry takes as well. Since Kubernetes 1.35 that changes what No. 5, 6
and 7 come to: the node's image is not for this pod, so IfNotPresent pulls and Never fails. No. 1 to 4 and 8 are as they were.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Account, Demand, Needs, Push, Run, Scenario, Secret, See, Untag

_KEP = "kubernetes v1.36 pkg/kubelet/images/pullmanager/image_pull_manager.go, MustAttemptImagePull (KEP-2535)"
_SINCE = Needs(since=(1, 35))
_MISSING = Expected("waiting", None, waits.PULL_FAILS, "as No. 1: image not found")
_NEWER = Expected("running", "registry", (), "as No. 2: the registry's image")
_MISSING_TOO = Expected("waiting", None, waits.PULL_FAILS, "as No. 3: image not found")
_PULLED = Expected("running", "registry", (), "as No. 4: the registry's image")
_NOT_FIVE = Expected("waiting", None, waits.PULL_FAILS, "not as No. 5: image not found")
_NOT_SIX = Expected("running", "registry", (), "not as No. 6: the registry's image")
_NOT_SEVEN = Expected("waiting", None, waits.NEVER_PULLED, "not as No. 7: ErrImageNeverPull")
_NEVER = Expected("waiting", None, waits.NEVER_PULLED, "as No. 8: ErrImageNeverPull")

_ACCOUNTS = (
    Secret("first", "one"),
    Account("first", ("first",)),
    Secret("other", "two"),
    Account("other", ("other",)),
)
_ON_NODE = (
    Push("node"),
    Demand(),
    *_ACCOUNTS,
    Run("first", "IfNotPresent", account="first"),
    See("first", runs="node", asked=True),
)
"""The image is on the node, pulled for the account `first`, whose pods may go on using it."""
_UNTAGGED = (Untag("node"),)
_FAILS = See("pod", waits=waits.PULL_FAILS, cause=Cause.MISSING, asked=True)
_NEVER_PULLS = See("pod", waits=waits.NEVER_PULLED, asked=False)
_CONTROL = (Push("registry"), See("pod", runs="registry", eventually=True, asked=True))

CASES = (
    Scenario(
        *("a1", "Always", True, False, _MISSING),
        registry="404 manifest",
        what="No. 1 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(*_ON_NODE, *_UNTAGGED, Run("pod", "Always", account="other"), _FAILS, *_CONTROL),
    ),
    Scenario(
        *("a2", "Always", True, True, _NEWER),
        registry="newer",
        what="No. 2 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *_ON_NODE,
            Push("registry"),
            Run("pod", "Always", account="other"),
            See("pod", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("a3", "IfNotPresent", False, False, _MISSING_TOO),
        registry="404 manifest",
        what="No. 3 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(Demand(), *_ACCOUNTS, Run("pod", "IfNotPresent", account="other"), _FAILS, *_CONTROL),
    ),
    Scenario(
        *("a4", "IfNotPresent", False, True, _PULLED),
        registry="has it",
        what="No. 4 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            Push("registry"),
            Demand(),
            *_ACCOUNTS,
            Run("pod", "IfNotPresent", account="other"),
            See("pod", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("a5", "IfNotPresent", True, False, _NOT_FIVE),
        registry="404 manifest",
        what="No. 5 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *_ON_NODE,
            *_UNTAGGED,
            Run("same", "IfNotPresent", account="first"),
            See("same", runs="node", asked=False),
            Run("pod", "IfNotPresent", account="other"),
            _FAILS,
            *_CONTROL,
        ),
    ),
    Scenario(
        *("a6", "IfNotPresent", True, True, _NOT_SIX),
        registry="newer",
        what="No. 6 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *_ON_NODE,
            Push("registry"),
            Run("same", "IfNotPresent", account="first"),
            See("same", runs="node", asked=False),
            Run("pod", "IfNotPresent", account="other"),
            See("pod", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("a7", "Never", True, True, _NOT_SEVEN),
        registry="newer",
        what="No. 7 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            *_ON_NODE,
            Push("registry"),
            Run("same", "Never", account="first"),
            See("same", runs="node", asked=False),
            Run("pod", "Never", account="other"),
            _NEVER_PULLS,
        ),
    ),
    Scenario(
        *("a8", "Never", False, True, _NEVER),
        registry="has it",
        what="No. 8 under another service account",
        upstream=_KEP,
        needs=_SINCE,
        steps=(
            Push("registry"),
            Demand(),
            *_ACCOUNTS,
            Run("pod", "Never", account="other"),
            _NEVER_PULLS,
            Run("second", "IfNotPresent", account="other"),
            See("second", runs="registry", asked=True),
            See("pod", runs="registry", eventually=True),
        ),
    ),
)
