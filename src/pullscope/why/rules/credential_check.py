"""Since Kubernetes 1.35 the kubelet lets a pod use an image that others pulled only with credentials that pulled it.

Upstream: KEP-2535, KubeletEnsureSecretPulledImages. With other credentials, IfNotPresent asks the registry although the node
has the image (so it may fail, or run a newer image than its neighbours), and Never says that it is not there.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from pullscope.pull import reasons
from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import forecast, mends, remedies, said, world
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


def _neighbours(case: Case) -> Sequence[Container]:
    """Pods on the same node that run what the same written image meant to them."""
    siblings = case.world.siblings(case.container)
    key = ("neighbours", case.container.namespace, world.written(case.container))
    by_node = case.world.once(key, lambda: _by_node(siblings))
    return [other for other in by_node.get(case.container.node, ()) if other.uid != case.container.uid]


def _by_node(containers: Iterable[Container]) -> Mapping[str, Sequence[Container]]:
    """One for each set of credentials and image on each node is enough."""
    found: dict[str, dict[Hashable, Container]] = {}
    for each in containers:
        if each.image_id:
            key = (each.service_account, each.pull_secrets, each.image_id, each.policy, _pulled(each))
            found.setdefault(each.node, {}).setdefault(key, each)
    return {node: tuple(those.values()) for node, those in found.items()}


def _pulled(container: Container) -> bool:
    told = (event.message for event in container.events if event.reason == reasons.PULLED)
    return any("Successfully" in message for message in told)


def _neighbour(case: Case) -> Container | None:
    return next(iter(_neighbours(case)), None)


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
    for other in _neighbours(case):
        apart = (other.service_account, other.pull_secrets) != (mine.service_account, mine.pull_secrets)
        if apart and _pulled(other) and other.image_id != mine.image_id and other.policy == "IfNotPresent":
            return other
    return None


def _differs(other: Container) -> Text:
    return Text(
        f"pod {other.pod} on the same node has other credentials, so the kubelet asked the registry for it",
        f"同じノードの Pod {other.pod} は認証情報が異なるため、kubelet がレジストリに問い合わせました",
    )
