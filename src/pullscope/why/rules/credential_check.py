"""Since Kubernetes 1.35 the kubelet lets a pod use an image that others pulled only with credentials that pulled it.

Upstream: KEP-2535, KubeletEnsureSecretPulledImages. With other credentials, IfNotPresent asks the registry although the node
has the image (so it may fail, or run a newer image than its neighbours), and Never says that it is not there.
"""

from pullscope.pull import reasons
from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import forecast, mends, remedies, said
from pullscope.why.case import Case
from pullscope.why.facts import Container
from pullscope.why.findings import Cause

ID = "credential-check"
TITLE = Text(
    "the node has the image, but this pod's credentials may not use it",
    "ノードにイメージがあるが、この Pod の認証情報では使えない",
)


def look(case: Case) -> Cause | None:
    """Certain for a pod that the kubelet refuses although its node has the image."""
    if forecast.kubelet(case) < reasons.CREDENTIAL_CHECK:
        return None
    if case.word == "failing" and _refused(case):
        evidence = (said.plain(case.container.message), *_has(case))
        found = mends.some(*remedies.credentials(case))
        return Cause(ID, TITLE, "certain" if case.held else "likely", evidence, found)
    newer = _newer(case)
    if case.word == "stale" and case.cached and newer is not None:
        return Cause(ID, TITLE, "likely", (_differs(newer),))
    return None


def _refused(case: Case) -> bool:
    """Never and not there although it is, or a pull that its policy would not make."""
    if case.held is None and _neighbour(case) is None:
        return False
    never = case.container.reason == reasons.ERR_IMAGE_NEVER_PULL
    return never or (case.container.policy == "IfNotPresent" and case.complaint is Complaint.CREDENTIALS)


def _neighbour(case: Case) -> Container | None:
    """A pod on the same node that runs the same image."""
    mine = case.container
    others = case.world.siblings(mine)
    return next(
        (other for other in others if other.node == mine.node and other.image_id and other.uid != mine.uid), None
    )


def _has(case: Case) -> tuple[Text, ...]:
    node, other = case.container.node, _neighbour(case)
    if other is not None:
        return (
            Text(
                f"pod {other.pod} runs it on the same node",
                f"同じノードで Pod {other.pod} がこのイメージを使っています",
            ),
        )
    return (Text(f"node {node} lists the image", f"ノード {node} の一覧にこのイメージがあります"),)


def _newer(case: Case) -> Container | None:
    """A neighbour with other credentials whose image was pulled although the policy would have used the node's copy."""
    mine = case.container
    for other in case.world.siblings(mine):
        apart = (other.service_account, other.pull_secrets) != (mine.service_account, mine.pull_secrets)
        pulled = any(event.reason == reasons.PULLED and "Successfully" in event.message for event in other.events)
        moved = other.image_id and other.image_id != mine.image_id
        if other.node == mine.node and apart and pulled and moved and other.policy == "IfNotPresent":
            return other
    return None


def _differs(other: Container) -> Text:
    return Text(
        f"pod {other.pod} on the same node has other credentials, so the kubelet asked the registry for it",
        f"同じノードの Pod {other.pod} は認証情報が異なるため、kubelet がレジストリに問い合わせました",
    )
