"""What a pod gets where a kubelet does not let it use its node's copy (KEP-2535): which rule that is, and what is to be expected. [pure]"""

from dataclasses import dataclass

from pullscope.pull.flow import Text
from pullscope.why import kubelets, said
from pullscope.why.credentials import Access
from pullscope.why.facts import Node, RegistryImage
from pullscope.why.findings import Forecast
from pullscope.why.kubelets import Kubelet


@dataclass(frozen=True)
class There:
    """A node as the next pod meets it: its kubelet, and what that one's records say of the pod and the node's copy.

    `secrets` are those that its copy was pulled with, `own` the pod's for that registry. `shown`: whether registries that refused us were shown the pod's own secrets, too. `refused`: whether the registry does
    refuse such a pod now.
    """

    node: Node
    kubelet: Kubelet
    access: Access
    secrets: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    shown: bool = True
    refused: bool = False


def refused(reason: str, there: There) -> Forecast:
    """Never: as if there were no image."""
    return Forecast(there.node.name, None, None, "likely", said.joined(_theirs(there), said.plain(reason)))


def asked(image: RegistryImage | None, there: There) -> Forecast:
    """The registry decides whether this pod may have it; what it told us is no more than a sign of that."""
    node, theirs = there.node.name, _theirs(there)
    if image is None:
        return Forecast(node, None, "registry", "possible", said.joined(theirs, _OPEN))
    if image.status in ("no tag", "no repository"):
        return Forecast(node, None, None, "likely", said.joined(theirs, _fails(said.STATUS[image.status])))
    nobodys = not there.own and image.anonymous is False
    unauthorised = image.status == "unauthorised" and (there.shown or not there.own)
    if there.refused or nobodys or unauthorised:
        return Forecast(node, None, None, "likely", said.joined(theirs, _fails(said.STATUS["unauthorised"])))
    return Forecast(node, image.digest or None, "registry", "possible", said.joined(theirs, _OPEN))


def _theirs(there: There) -> Text:
    """Which rule it is, and whose the image is."""
    rule, other = kubelets.rule(there.kubelet), there.access.by
    if other is None:
        return rule
    names = ", ".join(there.secrets)
    many = "s" if len(there.secrets) > 1 else ""
    whose = Text(
        f"pod {other.pod} pulled the node's copy with secret{many} {names} of namespace {other.namespace}, which this pod lacks",
        f"ノードのイメージは Pod {other.pod} が名前空間 {other.namespace} の {names} で取得したもので、この Pod にはありません",
    )
    return said.joined(rule, whose)


_OPEN = Text(
    "so the registry is asked whether this pod may have it",
    "そのため、この Pod が取得してよいかレジストリに問い合わせます",
)


def _fails(status: Text) -> Text:
    return Text(
        f"so the registry is asked, and the pull fails: {status.en}",
        f"そのためレジストリに問い合わせ、取得に失敗します: {status.ja}",
    )
