"""What a pod that is made now would get on each node: the kubelet's decision, on what is known of the node. [pure]

A forecast is only as certain as what it rests on: a node lists its 50 largest images with five names each, its report may
lag half a minute, and since Kubernetes 1.35 a kubelet may not let a pod use an image that others pulled with their secrets.
"""

import functools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from pullscope.oci.reference import Reference
from pullscope.pull import complaints, flow, policy, reasons
from pullscope.pull.flow import Text
from pullscope.pull.policy import PullPolicy
from pullscope.why import credentials, denials, identity, kubelets, said
from pullscope.why.case import Case
from pullscope.why.credentials import Access
from pullscope.why.denials import There
from pullscope.why.facts import Container, Node, RegistryImage
from pullscope.why.findings import Certainty, Forecast
from pullscope.why.kubelets import Kubelet
from pullscope.why.world import Held

_FRESH = timedelta(minutes=8)
"""As long as a node may say nothing new because nothing is: it reports a change within half a minute, and that it is there every
five minutes, once in a while up to half as many more (nodeStatusReportFrequency and delayAfterNodeStatusChange, kubelet.go, v1.36)."""
_NOT_OURS = ("unauthorised", "unreachable", "rate limited", "invalid")  # a node may be answered otherwise than we were


@dataclass(frozen=True)
class _Next:
    """The next pod: its image after admission and its policy; `registry` is what the image means there now."""

    text: str
    reference: Reference | None
    policy: PullPolicy
    registry: RegistryImage | None


def of(case: Case) -> tuple[Forecast, ...]:
    """One for each node that takes pods, or where nodes may not be read, one for any node (with an empty name)."""
    return case.world.once(_key(case, case.container), lambda: _forecast(case))


def _key(case: Case, container: Container) -> Hashable:
    """Containers that are alike in these get the same."""
    return (
        "forecast",
        container.namespace,
        container.image,
        container.policy,
        container.template,
        container.trigger,
        container.service_account,
        container.pull_secrets,
        _refused(case),
    )


def _forecast(case: Case) -> tuple[Forecast, ...]:
    if case.container.kind == "ephemeral container":
        return ()
    coming = _next(case)
    if case.world.facts.nodes is None:
        return (_anywhere(coming),)
    absent = functools.cache(lambda alike: _decided(case, coming, alike, None))
    return tuple(_on(case, coming, node, absent) for node in case.world.facts.nodes.values() if node.schedulable)


def _next(case: Case) -> _Next:
    container, meaning = case.container, case.meaning
    template = container.template
    admitted = bool(template and template.policy != "Always" and container.policy == "Always")
    wanted: PullPolicy = "Always" if admitted else template.policy if template else container.policy
    stream = meaning.stream
    if stream and stream.item and stream.item.items and case.world.looked_up(container.namespace, meaning.text):
        text = stream.item.items[0].reference  # admission puts it in the place of the short name
        return _Next(text, case.world.reference(text), wanted, meaning.image)
    return _Next(meaning.text, meaning.reference, wanted, meaning.image)


def _anywhere(coming: _Next) -> Forecast:
    """Without nodes: only Always does not depend on them."""
    if coming.reference is None or coming.policy == "Always":
        return _pulled("", coming, coming.registry, "certain")
    return Forecast(
        "",
        None,
        "node",
        "possible",
        Text(
            f"{coming.policy}: the node's copy if it has one, and nodes may not be read",
            f"{coming.policy}: ノードにイメージがあればそれを使いますが、ノードを読む権限がありません",
        ),
    )


def _on(case: Case, coming: _Next, node: Node, absent: Callable[[Node], Forecast]) -> Forecast:
    """Nodes that do not list the image are alike but for their names, so `absent` says of them what is the same."""
    held = case.world.held(node.name, coming.reference)
    if held is None:
        alike = Node("", (), node.complete, None, node.os, node.architecture, node.kubelet)
        return replace(absent(alike), node=node.name)
    return _decided(case, coming, node, held)


def _decided(case: Case, coming: _Next, node: Node, held: Held | None) -> Forecast:
    """The kubelet's own decision, and what comes of it."""
    kubelet = kubelets.of(node, case.world.facts.cluster.version)
    there = _there(case, coming, node, kubelet) if held else There(node, kubelet, Access(None))
    denied = there.access.allowed is False and kubelet.verifies(coming.text)
    local = policy.Present(next(iter(held.digests), ""), accessible=not denied) if held else policy.Absent()
    named = None if coming.reference else "invalid reference format"
    decision = policy.decide(policy.Facts(coming.text, coming.policy, named, local, version=kubelet.release))
    return replace(_followed(case, coming, there, decision), path=decision.path)


def _there(case: Case, coming: _Next, node: Node, kubelet: Kubelet) -> There:
    """The node that has the image, and whose it is as far as anybody shows."""
    pod, refused = case.container, _refused(case)
    if coming.reference is None:
        return There(node, kubelet, Access(None))
    access = credentials.access(pod, node.name, coming.reference, case.world, refused=refused)
    theirs = credentials.shown(access.by, coming.reference) if access.by else ()
    own = credentials.shown(pod, coming.reference)
    hidden = any(each.what.startswith("pull secrets") for each in case.world.facts.unseen)
    return There(node, kubelet, access, theirs, own, shown=not hidden, refused=refused)


def _refused(case: Case) -> bool:
    """Whether the registry refuses the pod's credentials now."""
    return case.word == "failing" and case.complaint is complaints.Cause.CREDENTIALS


def _followed(case: Case, coming: _Next, there: There, decision: policy.Decision) -> Forecast:
    node = there.node
    denied = flow.ACCESS in decision.path or flow.NEVER_ACCESS in decision.path
    match decision:
        case policy.UseLocal(image_id):
            return _local(case, coming, there, image_id)
        case policy.Pull() if denied:
            return denials.asked(coming.registry, there)
        case policy.Pull():
            unlisted = coming.policy != "Always" and not node.complete
            certainty: Certainty = "likely" if unlisted else "certain"
            return _foreign(node, coming, certainty) or _pulled(node.name, coming, coming.registry, certainty)
        case policy.Refuse(reason) if denied:
            return denials.refused(reason, there)
        case policy.Refuse(reason, message):
            absent = reason == reasons.ERR_IMAGE_NEVER_PULL and not node.complete
            text = said.plain(f"{reason}: {message}")
            return Forecast(node.name, None, None, "likely" if absent else "certain", text)
        case _:
            assert_never(decision)


def _local(case: Case, coming: _Next, there: There, image_id: str) -> Forecast:
    """The node's copy, as its report has it."""
    node = there.node
    age = case.world.facts.collected - node.reported if node.reported else None
    doubts, known = [], []
    if age is None or age > _FRESH:
        doubts.append(_old(age))
    if there.kubelet.verifies(coming.text):
        doubts += [] if there.access.allowed else [_unless()]
    elif there.access.allowed is False:
        known.append(kubelets.rule(there.kubelet))
    because = Text("the node has it under this name", "ノードにこの名前のイメージがあります")
    joined = said.joined(because, *known, *doubts)
    return Forecast(node.name, image_id or None, "node", "likely" if doubts else "certain", joined)


def _unless() -> Text:
    return Text(
        "with other credentials than those that pulled it, the kubelet asks the registry",
        "取得時と異なる認証情報では、kubelet がレジストリに問い合わせます",
    )


def _old(age: timedelta | None) -> Text:
    if age is None:
        return Text("when the node reported that is not known", "ノードの報告時刻は不明です")
    return Text(f"the node's report is {said.span(age)} old", f"ノードの報告は {said.span(age)} 前のものです")


def _pulled(node: str, coming: _Next, image: RegistryImage | None, certainty: Certainty) -> Forecast:
    """What the registry would deliver, as far as it answered us."""
    if coming.reference is None:
        text = said.plain(f"{reasons.INVALID_IMAGE_NAME}: {coming.text}")
        return Forecast(node, None, None, "certain", text)
    if image is None:
        because = Text(
            "the registry is asked, which nobody could be here", "レジストリ次第ですが、確認できませんでした"
        )
        return Forecast(node, None, "registry", "possible", because)
    if image.status != "found":
        status = said.STATUS[image.status]
        because = Text(f"the pull fails: {status.en}", f"取得に失敗します: {status.ja}")
        return Forecast(node, None, None, "possible" if image.status in _NOT_OURS else certainty, because)
    return Forecast(node, image.digest, "registry", certainty, _asks(coming, certainty))


def _foreign(node: Node, coming: _Next, certainty: Certainty) -> Forecast | None:
    """An index without an entry for the node's platform; what is for WASI may run anywhere."""
    entries, on = coming.registry.manifests if coming.registry else {}, identity.platform(node)
    if not entries or not on or any(identity.fits(each, on) or each.startswith("wasi/") for each in entries):
        return None
    listed = ", ".join(entries)
    because = Text(
        f"the pull fails: the node is {on}, and the image is for {listed}",
        f"取得に失敗します: ノードは {on}、イメージは {listed} 用です",
    )
    return Forecast(node.name, None, None, certainty, because)


def _asks(coming: _Next, certainty: Certainty) -> Text:
    if coming.policy == "Always":
        return Text("Always asks the registry", "Always は必ずレジストリに問い合わせます")
    if certainty == "certain":
        return Text("the node does not have it", "ノードにこのイメージがありません")
    return Text(
        "the node does not list it (only its largest images, with five names each)",
        "ノードの一覧にありません (大きいイメージのみ、名前は 5 つまで報告されます)",
    )
