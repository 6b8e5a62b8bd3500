"""A kubelet that checks credentials lets a pod use an image that others pulled only with credentials that pulled it.

Upstream: KEP-2535, KubeletEnsureSecretPulledImages, on by default since Kubernetes 1.35. With other credentials,
IfNotPresent asks the registry although the node has the image (so it may fail, or run a newer image than its neighbours),
and Never says that it is not there.
"""

from pullscope.pull import reasons
from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import credentials, kubelets, mends, remedies, said
from pullscope.why.case import Case
from pullscope.why.facts import Container
from pullscope.why.findings import Cause, Certainty
from pullscope.why.rules import node_cache

ID = "credential-check"
TITLE = Text(
    "the node has the image, but this pod's credentials may not use it",
    "ノードにイメージがあるが、この Pod の認証情報では使えない",
)
_NEWER = Text(
    "the node's copy was not for a later pod, whose credentials got a newer image",
    "ノードのイメージは後から作られた Pod には使えず、新しいイメージが取得された",
)


def look(case: Case) -> Cause | None:
    """Certain for a pod that the kubelet refuses although its node has the image; none where kubelets do not check."""
    if not case.kubelet.verifies(case.container.image):
        return None
    if case.word == "failing":
        return _refused(case)
    newer = _newer(case) if case.word == "stale" and case.cached else None
    if newer is None:
        return None
    # Where an image in use is kept, nothing but other credentials makes IfNotPresent pull it again.
    sure: Certainty = "certain" if case.kubelet.keeps_used else "likely"
    return Cause(ID, _NEWER, sure, (_differs(newer), kubelets.rule(case.kubelet)), node_cache.follow(case))


def _refused(case: Case) -> Cause | None:
    """Never and not there although it is, or a pull that its policy would not make."""
    neighbour = next(iter(_beside(case)), None)
    if case.held is None and neighbour is None:
        return None
    container, never = case.container, case.container.reason == reasons.ERR_IMAGE_NEVER_PULL
    pulls = container.policy == "IfNotPresent" and container.reason in (
        *reasons.PULL_ERRORS,
        reasons.IMAGE_PULL_BACK_OFF,
    )
    if not (never or pulls):
        return None
    # What fails for another reason may have failed before somebody put the image there.
    known = case.held is not None and (never or case.complaint is Complaint.CREDENTIALS)
    evidence = (said.plain(container.message), _has(case, neighbour), kubelets.rule(case.kubelet))
    return Cause(ID, TITLE, "certain" if known else "likely", evidence, mends.some(*remedies.credentials(case)))


def _beside(case: Case) -> list[Container]:
    """Who runs, on the same node, what the same name meant to them."""
    mine = case.container
    if case.reference is None:
        return []
    return [each for each in credentials.beside(mine.node, case.reference, case.world) if each.uid != mine.uid]


def _has(case: Case, neighbour: Container | None) -> Text:
    node = case.container.node
    if neighbour is not None:
        return Text(
            f"pod {neighbour.pod} runs it on the same node",
            f"同じノードで Pod {neighbour.pod} がこのイメージを使っています",
        )
    return Text(f"node {node} lists the image", f"ノード {node} の一覧にこのイメージがあります")


def _newer(case: Case) -> Container | None:
    """A later neighbour with other credentials, whose image was pulled although its policy would have used the node's copy."""
    mine = case.container
    for other in _beside(case):
        later = mine.started is None or other.started is None or other.started >= mine.started
        pulled = other.policy == "IfNotPresent" and credentials.pulled(other) and other.image_id != mine.image_id
        if later and pulled and case.reference and not credentials.covers(other, mine, case.reference):
            return other
    return None


def _differs(other: Container) -> Text:
    return Text(
        f"pod {other.pod} on the same node has other credentials, so the kubelet asked the registry for it",
        f"同じノードの Pod {other.pod} は認証情報が異なるため、kubelet がレジストリに問い合わせました",
    )
