"""A plan of manifests: for each container its policy, its ways and its risks. [pure]"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError
from pullscope.pull import flavours, policy
from pullscope.pull.flavours import Flavour
from pullscope.pull.flow import Text
from pullscope.pull.policy import PullPolicy
from pullscope.why import kubelets
from pullscope.why.kubelets import Kubelet
from pullscope.why.plan import manifests, risks, spelling, ways
from pullscope.why.plan.manifests import Workload, Written
from pullscope.why.plan.planned import Plan, Planned, Risk, There
from pullscope.why.plan.reading import Document, Place
from pullscope.why.plan.spelling import Unread


def plan(documents: Sequence[Document], kubelet: Kubelet = kubelets.ASSUMED) -> Plan:
    """What these manifests will lead to. Raises UsageError when nothing in them makes pods."""
    written = manifests.containers(documents)
    unread: Mapping[int, Sequence[Risk]] = _unread(written)
    planned = (_planned(each, unread.get(index, ())) for index, each in enumerate(written))
    return on(Plan(tuple(planned), ()), (There(kubelet),))


def on(plan: Plan, there: tuple[There, ...]) -> Plan:
    """The plan for these kubelets."""
    known = dict.fromkeys(each.kubelet.runtime for each in there if each.kubelet.runtime)
    runtimes = tuple(known) or tuple(flavours.RULES)
    filled = tuple(_on(each, there[0].kubelet, runtimes) for each in plan.containers)
    return replace(plan, containers=filled, kubelets=there)


def _on(planned: Planned, kubelet: Kubelet, runtimes: Sequence[Flavour]) -> Planned:
    image, wanted = planned.image, planned.policy
    if wanted is None or not image.strip():
        return planned
    return replace(planned, ways=ways.of(image, wanted, kubelet), apart=ways.apart(image, wanted, runtimes))


def _planned(written: Written, unread: Sequence[Risk]) -> Planned:
    wanted, because = _policy(written)
    given = risks.given(written, wanted)
    found = (*unread, *risks.of(given), *_twice(written))
    text = written.policy.text if written.policy else None
    return Planned(
        written=written,
        line=given.line,
        image=given.image,
        policy=wanted,
        origin="refused" if wanted is None else "written" if text else "defaulted",
        because=because,
        ways=(),
        risks=tuple(sorted(found, key=lambda risk: risk.weight != "risk")),  # stable: notes come last
    )


def _policy(written: Written) -> tuple[PullPolicy | None, Text]:
    """What the API server will store, and why."""
    if risks.mistyped(written):
        return None, Text("what is written is no text", "書かれている値は文字列ではありません")
    text = written.policy.text if written.policy else None
    if not text:
        image = (written.image.text if written.image else None) or ""
        return policy.default(image), _defaulted(image)
    found: PullPolicy | None = next((each for each in risks.POLICIES if each == text), None)
    if found is None:
        return None, Text("what is written is no policy", "書かれている値はポリシーではありません")
    line = written.policy.line if written.policy else written.place.line
    return found, Text(f"it is written in line {line}", f"{line} 行目に書かれている")


def _defaulted(image: str) -> Text:
    try:
        reference = references.parse(image)
    except InvalidReferenceError:
        return Text("none is written, and there is no tag latest", "指定がなく、latest タグでもない")
    if reference.with_default_tag().tag == references.DEFAULT_TAG:
        if reference.tag:
            return Text("none is written, and the tag is latest", "指定がなく、タグが latest")
        return Text("none is written, and no tag means latest", "指定もタグもなく、latest とみなされる")
    if reference.tag is None:
        return Text("none is written, and the image is a digest", "指定がなく、イメージはダイジェスト")
    return Text("none is written, and the tag is not latest", "指定がなく、タグが latest でない")


def _unread(written: Sequence[Written]) -> dict[int, list[Risk]]:
    """The keys that nobody reads, each with the container that it is in, or else with the first of its workload."""
    found: dict[int, list[Risk]] = {}
    indexes: dict[int, int] = {}
    first: dict[int, int] = {}
    workloads: dict[int, Workload] = {}
    for index, each in enumerate(written):
        indexes.setdefault(each.place.identity, index)
        if each.kind == "container":
            first.setdefault(id(each.workload), index)
        workloads[id(each.workload)] = each.workload
    for key, workload in workloads.items():
        for unread in spelling.unread(workload):
            at = indexes.get(unread.container.identity) if unread.container else None
            index = first[key] if at is None else at
            found.setdefault(index, []).append(_nobody_reads(unread, written[index]))
    return found


def _nobody_reads(unread: Unread, container: Written) -> Risk:
    dropped = Text(
        "the API server drops it, without a word unless the client asks for validation",
        "API サーバーに無視されます (クライアントが検証を求めなければ警告もありません)",
    )
    if unread.misspelt:
        text = Text(
            f"{unread.where} is no field: {dropped.en}", f"{unread.where} というフィールドはありません: {dropped.ja}"
        )
    else:
        text = Text(
            f"there is no policy at {unread.where}: {dropped.en}",
            f"{unread.where} にポリシーは書けません: {dropped.ja}",
        )
    line = (container.image or container.place).line
    field = f"{spelling.FIELD}: {unread.value}" if unread.value in risks.POLICIES else spelling.FIELD
    mend = Text(
        f"write {field} beside the container's image (line {line})",
        f"コンテナの image の隣 ({line} 行目) に {field} と書く",
    )
    return Risk("policy-misspelt" if unread.misspelt else "policy-misplaced", "risk", unread.line, text, mend)


def _twice(written: Written) -> Iterator[Risk]:
    """Keys that are given twice, of the container and of what it is in; the last counts."""
    for place in (written.place, written.workload.spec, written.workload.root):
        seen: dict[str, Place] = {}
        for key, _ in place.entries:
            name = key.text or ""
            if name in seen and (place is written.place or name in ("containers", "initContainers", "spec", "kind")):
                text = Text(
                    f"{name} is given twice, first in line {seen[name].line}: the last one counts",
                    f"{name} が 2 回書かれています (最初は {seen[name].line} 行目)。後のものが有効です",
                )
                yield Risk("duplicate-key", "risk", key.line, text, Text("leave one out", "片方を消す"))
            seen[name] = key
