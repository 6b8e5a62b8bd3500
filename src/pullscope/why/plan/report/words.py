"""What a plan's reports say around the findings, in English and Japanese. [pure]"""

from collections.abc import Iterator, Mapping

from pullscope.pull import reasons
from pullscope.pull.flavours import Flavour
from pullscope.pull.flow import Language, Text
from pullscope.why import kubelets
from pullscope.why.plan import ways
from pullscope.why.plan.planned import Origin, Plan, Planned, Risk, Verdict, Weight
from pullscope.why.plan.ways import Apart, InRegistry, OnNode, Way
from pullscope.why.report import groups
from pullscope.why.report import words as findings

VERDICTS: Mapping[Verdict, Text] = {
    "risky": Text("risky", "要注意"),
    "noted": Text("noted", "注記あり"),
    "safe": Text("safe", "安全"),
}
WEIGHTS: Mapping[Weight, Text] = {"risk": Text("risk", "リスク"), "note": Text("note", "注記")}
ORIGINS: Mapping[Origin, Text] = {
    "written": Text("written", "明示"),
    "defaulted": Text("defaulted", "既定値"),
    "refused": Text("refused", "拒否される"),
}
ON_NODE: Mapping[OnNode, Text] = {
    "absent": Text("not on the node", "ノードになし"),
    "present": Text("on the node", "ノードにあり"),
    "other credentials": Text("on the node, pulled with other credentials", "ノードにあり (別の認証情報で取得)"),
}
IN_REGISTRY: Mapping[InRegistry, Text] = {
    "present": Text("the registry has it", "レジストリにあり"),
    "missing": Text("the registry lacks it", "レジストリになし"),
}
TITLE = Text("What these manifests lead to", "マニフェストから予想される動作")
WHERE = Text("where", "場所")
STATE = Text("state", "状態")
MEND = findings.MEND
_RUNS: Mapping[str, Text] = {
    "node": Text("the node's image", "ノードのイメージ"),
    "registry": Text("the registry's image", "レジストリのイメージ"),
}
_NAMES: Mapping[Flavour, str] = {"cri-o": "CRI-O", "containerd": "containerd"}
_DOWN = Text("nobody answers at the registry", "レジストリが応答しない場合")
_REMOVED = Text("crictl rmi while it runs", "動作中の crictl rmi")
_KEPT = Text("is refused; a restart gets {again}", "拒否される。再起動後: {again}")
_GONE = Text("removes the image; a restart gets {again}", "イメージが消える。再起動後: {again}")
_OR = Text(" or ", " または ")
_ASSUMED = Text("assumed: see --kubernetes-version, --against", "仮定 (--kubernetes-version, --against を参照)")
_LINE = Text("line {line}", "{line} 行目")
_SUMMARY = Text("{count} container{s}: {counts}", "{count} 個のコンテナ: {counts}")


def where(planned: Planned) -> str:
    """The file and line of the image."""
    return f"{planned.written.workload.source}:{planned.line}"


def at(risk: Risk, language: Language) -> str:
    """The line of a risk; the file is that of its container."""
    return _LINE.say(language).format(line=risk.line)


def workload(planned: Planned) -> str:
    """`deployment/app`, with its namespace where one is written."""
    of = planned.written.workload
    name = f"{of.kind.lower()}/{of.name}"
    return f"{of.namespace} {name}" if of.namespace else name


def container(planned: Planned, language: Language) -> str:
    """The container's name, with its kind where that is not the ordinary one."""
    kind = planned.written.kind
    return planned.written.name + ("" if kind == "container" else f" ({findings.KINDS[kind].say(language)})")


def policy(planned: Planned, language: Language) -> str:
    """The policy and whence it is."""
    text = planned.written.policy.text if planned.written.policy else None
    return f"{planned.policy or text or '-'} ({ORIGINS[planned.origin].say(language)})"


def outcome(way: Way, language: Language) -> str:
    """What comes of a state."""
    if way.runs:
        return _RUNS[way.runs].say(language)
    return ", ".join(filter(None, (way.reason, ways.then(way))))


def states(planned: Planned, language: Language) -> Iterator[tuple[str, str, str]]:
    """A line for each state of the node: its name, and what comes of it with and without the image in the registry.

    Other credentials have a line of their own only where they matter.
    """
    lines = {
        state: tuple(outcome(way, language) for way in planned.ways if way.on_node == state)
        for state in dict.fromkeys(way.on_node for way in planned.ways)
    }
    for state, (has, lacks) in lines.items():
        if state != "other credentials" or lines["present"] != (has, lacks):
            yield ON_NODE[state].say(language), has, lacks


def differences(planned: Planned, language: Language) -> Iterator[str]:
    """What the container runtime makes of it: each by its name where they differ, of removal only where one is known."""
    down = {each.runtime: each.down for each in planned.apart if each.down}
    if down:
        yield f"{_DOWN.say(language)}: {_by_runtime(down, language)}, {reasons.IMAGE_PULL_BACK_OFF}"
    if len(planned.apart) == 1 and planned.policy != "Always":
        yield f"{_REMOVED.say(language)}: {_again(planned.apart[0], language)}"


def _again(apart: Apart, language: Language) -> str:
    again = _RUNS[apart.again].say(language) if apart.again in _RUNS else apart.again
    return (_GONE if apart.removed else _KEPT).say(language).format(again=again)


def _by_runtime(told: Mapping[Flavour, str], language: Language) -> str:
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return _OR.say(language).join(f"{text} ({_NAMES[runtime]})" for runtime, text in told.items())


def rules(plan: Plan, language: Language) -> Iterator[str]:
    """Which kubelets decide, where, and whom they let use what a node has."""
    for there in plan.kubelets:
        rule = kubelets.rule(there.kubelet).say(language)
        if there.kubelet == kubelets.ASSUMED and not plan.server:
            rule = f"{rule}; {_ASSUMED.say(language)}"
        nodes = f"{findings.node_names(there.nodes, language)}: " if there.nodes else ""
        yield nodes + rule


def forecasts(planned: Planned, language: Language) -> Iterator[str]:
    """What pods get on real nodes, in the words of a diagnosis."""
    for coming, nodes in groups.alike(planned.forecast or ()):
        yield f"{findings.NEXT.say(language)}: {findings.forecast(coming, nodes, language)}"


def summary(plan: Plan, language: Language) -> str:
    """How many of what."""
    words: tuple[Verdict, ...] = ("risky", "noted", "safe")
    found = {word: sum(each.verdict == word for each in plan.containers) for word in words}
    counts = ", ".join(f"{count} {VERDICTS[word].say(language)}" for word, count in found.items() if count)
    many = "" if len(plan.containers) == 1 else "s"
    total = _SUMMARY.say(language).format(count=len(plan.containers), counts=counts, s=many)
    return f"{total} · {plan.server}" if plan.server else total
