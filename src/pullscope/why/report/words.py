"""What the reports say around the findings, in English and Japanese. [pure]"""

from collections.abc import Mapping
from typing import Any

from pullscope.pull.flow import Language, Text
from pullscope.why import said
from pullscope.why.facts import Container, ContainerKind, Origin
from pullscope.why.findings import Cause, Certainty, Diagnosis, Forecast, Word
from pullscope.why.report import groups
from pullscope.why.report.groups import Group

VERDICTS: Mapping[Word, Text] = {
    "up to date": Text("up to date", "最新"),
    "stale": Text("stale", "古い"),
    "pinned": Text("pinned", "固定"),
    "failing": Text("failing", "失敗"),
    "unknown": Text("unknown", "不明"),
}
CERTAINTIES: Mapping[Certainty, Text] = {
    "certain": Text("certain", "確実"),
    "likely": Text("likely", "可能性が高い"),
    "possible": Text("possible", "可能性あり"),
}
KINDS: Mapping[ContainerKind, Text] = {
    "container": Text("container", "コンテナ"),
    "init container": Text("init container", "init コンテナ"),
    "ephemeral container": Text("ephemeral container", "ephemeral コンテナ"),
    "image volume": Text("image volume", "イメージボリューム"),
}
ORIGINS: Mapping[Origin, Text | None] = {
    "written": Text("written", "明示"),
    "defaulted": Text("defaulted", "既定値"),
    "unknown": None,
}

TITLE = Text("Which images run, and why", "どのイメージが動いているか、その理由")
VERDICT = Text("verdict", "判定")
NAMESPACE = Text("namespace", "名前空間")
WORKLOAD = Text("workload", "ワークロード")
CONTAINER = Text("container", "コンテナ")
IMAGE = Text("image", "イメージ")
POLICY = Text("policy", "ポリシー")
PODS = Text("pods", "Pod 数")
CAUSE = Text("cause", "原因")
RUNNING = Text("runs", "実行中")
WANTED = Text("registry has", "レジストリ")
ON_NODE = Text("node has", "ノード")
NODES = Text("nodes", "ノード")
BECAUSE = Text("because", "理由")
MEND = Text("to mend it", "直し方")
ALSO = Text("also", "ほかの原因")
NEXT = Text("the next pod", "次の Pod")
NOT_SEEN = Text("not seen", "確認できなかったもの")
COST = Text("what that costs", "影響")
NOTHING = Text("nothing found: no container is in what was asked for", "対象にコンテナがありません")

COLLECTED = Text("seen at", "確認時刻")
CURRENT = Text("current", "現在")
OTHER = Text("another", "別")
NODE_TABLE = Text("Images on the nodes", "ノードにあるイメージ")
NODE_TABLE_MEANS = Text(
    "What each node lists under the name: current is what the name means in its registry now",
    "各ノードがその名前で報告しているイメージ。「現在」はレジストリでその名前が現在指すもの",
)
HAS_NOT = Text("no", "なし")
HAS_UNTOLD = Text("yes, its digest is not told", "あり (ダイジェスト不明)")
NOT_LISTED = Text("not listed", "一覧になし")
CUT = Text("{more} more are left out here; -o json has all", "ほか {more} 件は省略 (-o json にすべて含まれます)")
CUT_IMAGES = Text("{more} more images are left out", "ほか {more} 個のイメージは省略")
CUT_NODES = Text("{more} more nodes are left out", "ほか {more} 個のノードは省略")

ALL = Text("containers by verdict", "判定別のコンテナ")

_GETS = Text("gets {digest} from the {source}", "{source}から {digest} を得る")
_GETS_SAME_NAME = Text("gets what the {source} has", "{source}にあるものを得る")
_GETS_NONE = Text("gets no image", "イメージを得られない")
_SOURCES = {"node": Text("node", "ノード"), "registry": Text("registry", "レジストリ")}
_ON = Text("on {nodes}", "{nodes}")
_ANYWHERE = Text("on any node", "どのノードでも")
_AND_MORE = Text("{names} and {more} more", "{names} ほか {more}")
_EXAMPLE = Text("pod {pod} on {node}", "Pod {pod} (ノード {node})")
_EXAMPLE_OF = Text("{example}, one of {count} pods", "{example}, {count} 個の Pod の一例")
_UNPLACED = Text("no node", "なし")
_SUMMARY = Text(
    "{containers} container{s} in {pods} pod{p}: {counts}", "{pods} 個の Pod の {containers} 個のコンテナ: {counts}"
)


def policy(container: Container, language: Language) -> str:
    """The policy, and who wrote it where that is known."""
    origin = ORIGINS[container.template.origin] if container.template else None
    return f"{container.policy} ({origin.say(language)})" if origin else container.policy


def container_name(container: Container, language: Language) -> str:
    """The container's name, with its kind where that is not the ordinary one."""
    kind = "" if container.kind == "container" else f" ({KINDS[container.kind].say(language)})"
    return container.name + kind


def image(reference: str) -> str:
    """The reference, with the first digits of a digest: the whole of it would take three lines of a table."""
    name, at, digest = reference.partition("@")
    return f"{name}@{digest[: digest.find(':') + 13]}…" if at else name


def node_names(nodes: tuple[str, ...], language: Language) -> str:
    """A few nodes by name."""
    names, more = groups.named(nodes)
    return _AND_MORE.say(language).format(names=names, more=more) if more else names


def forecast(coming: Forecast, nodes: tuple[str, ...], language: Language) -> str:
    """What a new pod gets, where, and how certain that is."""
    source = _SOURCES[coming.source].say(language) if coming.source else ""
    gets = _GETS_NONE if not source else _GETS if coming.digest else _GETS_SAME_NAME
    text = gets.say(language).format(digest=said.short(coming.digest or ""), source=source)
    named = tuple(filter(None, nodes))  # where nodes may not be read, one without a name stands for all
    where = _ON.say(language).format(nodes=node_names(named, language)) if named else _ANYWHERE.say(language)
    return f"{where}: {text} ({CERTAINTIES[coming.certainty].say(language)}): {coming.because.say(language)}"


def cause(found: Cause, language: Language) -> str:
    """A cause by its title, its id and how sure it is."""
    return f"{found.title.say(language)} [{found.id}, {CERTAINTIES[found.certainty].say(language)}]"


def example(group: Group, language: Language) -> str:
    """The pod that the evidence is about."""
    container = group.first.container
    node = container.node or _UNPLACED.say(language)
    one = _EXAMPLE.say(language).format(pod=container.pod, node=node)
    count = groups.pods(group.findings)
    return _EXAMPLE_OF.say(language).format(example=one, count=count) if count > 1 else one


def summary(diagnosis: Diagnosis, language: Language) -> str:
    """How many of what, where."""
    found = diagnosis.findings
    if not found:
        return NOTHING.say(language)
    each: list[Any] = [
        f"{count} {VERDICTS[word].say(language)}" for word, count in groups.counts(diagnosis).items() if count
    ]
    pods = groups.pods(found)
    many = {"s": "" if len(found) == 1 else "s", "p": "" if pods == 1 else "s"}
    total = _SUMMARY.say(language).format(containers=len(found), pods=pods, counts=", ".join(each), **many)
    cluster = diagnosis.facts.cluster
    return f"{total} · {cluster.server} {cluster.version}"
