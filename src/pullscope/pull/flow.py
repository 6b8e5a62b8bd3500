"""The flowchart as data: from "a container is to start" to the image that runs or the reason why none does.

One graph serves four readers: `pull.policy` names its nodes in the path of each decision, `verify` names them in its
evidence, the documentation draws it (`Flow.mermaid`), and the tutorial's smaller chart (Always and IfNotPresent) is a
view of it (`TUTORIAL`), not a second drawing.

The order of the questions is upstream's EnsureImageExists (pkg/kubelet/images/image_manager.go, Kubernetes 1.36).
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ja"]
Kind = Literal["start", "question", "action", "runs", "fails"]


@dataclass(frozen=True)
class Text:
    """One text in the languages of the reports."""

    en: str
    ja: str

    def say(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True)
class Node:
    """A box of the chart. `runs` and `fails` are ends; a failed container comes back to the start at the next sync."""

    id: str
    kind: Kind
    text: Text


@dataclass(frozen=True)
class Edge:
    """An arrow; `condition` is the answer that leads along it, None where there is only one way."""

    source: str
    target: str
    condition: Text | None = None


@dataclass(frozen=True)
class Flow:
    """A chart: its nodes in drawing order and its arrows."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def node(self, node_id: str) -> Node:
        """The node of that id. Raises KeyError."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def contains(self, path: Sequence[str]) -> bool:
        """Whether `path` is a walk along arrows from the start; the empty path is not."""
        arrows = {(edge.source, edge.target) for edge in self.edges}
        steps = itertools.pairwise(path)
        return bool(path) and path[0] == self.nodes[0].id and all(step in arrows for step in steps)

    def view(self, kept: Iterable[str], passing: Mapping[str, str]) -> "Flow":
        """A smaller chart of the nodes kept; arrows into a node of `passing` lead on to where that says."""
        names = frozenset(kept)
        edges = []
        for edge in self.edges:
            target = edge.target
            while target in passing:
                target = passing[target]
            if edge.source in names and target in names:
                edges.append(Edge(edge.source, target, edge.condition))
        return Flow(tuple(node for node in self.nodes if node.id in names), tuple(edges))

    def mermaid(self, language: Language = "en") -> str:
        """The chart as Mermaid text, for Markdown."""
        lines = ["flowchart TD"]
        for node in self.nodes:
            opening, closing = _SHAPES[node.kind]
            lines.append(f'    {_name(node.id)}{opening}"{_escaped(node.text.say(language))}"{closing}')
        for edge in self.edges:
            answer = f'|"{_escaped(edge.condition.say(language))}"|' if edge.condition else ""
            lines.append(f"    {_name(edge.source)} -->{answer} {_name(edge.target)}")
        return "\n".join(lines) + "\n"


_SHAPES: dict[Kind, tuple[str, str]] = {
    "start": ("([", "])"),
    "question": ("{", "}"),
    "action": ("[", "]"),
    "runs": ("([", "])"),
    "fails": ("[[", "]]"),
}


def _name(node_id: str) -> str:
    """Mermaid's own words (`end`, `default` …) must not be ids; a prefix keeps ours apart."""
    return "n_" + node_id.replace("-", "_")


def _escaped(text: str) -> str:
    return text.replace('"', "#quot;")


START = "start"
NAME = "name"
INVALID_NAME = "invalid-name"
POLICY = "policy"
PRESENT = "present"
ACCESS = "access"
NEVER_PRESENT = "never-present"
NEVER_ACCESS = "never-access"
NEVER_PULL = "never-pull"
INSPECT_FAILED = "inspect-failed"
NODE_IMAGE = "node-image"
BACK_OFF = "back-off"
WAITING = "waiting"
PULL = "pull"
REGISTRY_IMAGE = "registry-image"
PULL_FAILED = "pull-failed"
REGISTRY_UNAVAILABLE = "registry-unavailable"
SIGNATURE_FAILED = "signature-failed"

_YES = Text("yes", "はい")
_NO = Text("no", "いいえ")
_ERROR = Text("the runtime cannot say", "ランタイムが答えられない")

_NODES = (
    Node(START, "start", Text("A container is to start", "コンテナを起動する")),
    Node(NAME, "question", Text("Is the image's name well-formed?", "イメージ名の書式は正しいか")),
    Node(INVALID_NAME, "fails", Text("InvalidImageName", "InvalidImageName")),
    Node(POLICY, "question", Text("imagePullPolicy?", "imagePullPolicy は?")),
    Node(PRESENT, "question", Text("Is the image on the node?", "イメージはノードにあるか")),
    Node(
        ACCESS,
        "question",
        Text(
            "May this pod use the node's copy? (asked since 1.35)",
            "この Pod はノードのイメージを使ってよいか (1.35 以降)",
        ),
    ),
    Node(NEVER_PRESENT, "question", Text("Is the image on the node?", "イメージはノードにあるか")),
    Node(
        NEVER_ACCESS,
        "question",
        Text(
            "May this pod use the node's copy? (asked since 1.35)",
            "この Pod はノードのイメージを使ってよいか (1.35 以降)",
        ),
    ),
    Node(NEVER_PULL, "fails", Text("ErrImageNeverPull", "ErrImageNeverPull")),
    Node(INSPECT_FAILED, "fails", Text("ImageInspectError", "ImageInspectError")),
    Node(NODE_IMAGE, "runs", Text("The node's image runs", "ノードのイメージで起動する")),
    Node(
        BACK_OFF,
        "question",
        Text(
            "Did a pull for this pod fail within the last 10, 20, 40 … 300 s?",
            "この Pod の pull が直近 10, 20, 40 … 300 秒以内に失敗したか",
        ),
    ),
    Node(WAITING, "fails", Text("ImagePullBackOff", "ImagePullBackOff")),
    Node(
        PULL,
        "question",
        Text("Ask the registry: does it deliver the image?", "レジストリに問い合わせる: イメージを取得できるか"),
    ),
    Node(REGISTRY_IMAGE, "runs", Text("The registry's image runs", "レジストリのイメージで起動する")),
    Node(PULL_FAILED, "fails", Text("ErrImagePull", "ErrImagePull")),
    Node(REGISTRY_UNAVAILABLE, "fails", Text("RegistryUnavailable", "RegistryUnavailable")),
    Node(SIGNATURE_FAILED, "fails", Text("SignatureValidationFailed", "SignatureValidationFailed")),
)

_EDGES = (
    Edge(START, NAME),
    Edge(NAME, POLICY, _YES),
    Edge(NAME, INVALID_NAME, _NO),
    Edge(POLICY, BACK_OFF, Text("Always", "Always")),
    Edge(POLICY, PRESENT, Text("IfNotPresent", "IfNotPresent")),
    Edge(POLICY, NEVER_PRESENT, Text("Never", "Never")),
    Edge(PRESENT, ACCESS, _YES),
    Edge(PRESENT, BACK_OFF, _NO),
    Edge(PRESENT, INSPECT_FAILED, _ERROR),
    Edge(ACCESS, NODE_IMAGE, _YES),
    Edge(ACCESS, BACK_OFF, _NO),
    Edge(NEVER_PRESENT, NEVER_ACCESS, _YES),
    Edge(NEVER_PRESENT, NEVER_PULL, _NO),
    Edge(NEVER_PRESENT, INSPECT_FAILED, _ERROR),
    Edge(NEVER_ACCESS, NODE_IMAGE, _YES),
    Edge(NEVER_ACCESS, NEVER_PULL, _NO),
    Edge(BACK_OFF, WAITING, _YES),
    Edge(BACK_OFF, PULL, _NO),
    Edge(PULL, REGISTRY_IMAGE, _YES),
    Edge(PULL, PULL_FAILED, _NO),
    Edge(PULL, REGISTRY_UNAVAILABLE, Text("connection refused (CRI-O)", "接続を拒否された (CRI-O)")),
    Edge(PULL, SIGNATURE_FAILED, Text("its signature is not accepted", "署名が受け入れられない")),
)

FLOW = Flow(_NODES, _EDGES)
"""All policies, credentials and errors."""
TUTORIAL = FLOW.view(
    kept=(START, POLICY, PRESENT, NODE_IMAGE, PULL, REGISTRY_IMAGE, PULL_FAILED),
    passing={NAME: POLICY, ACCESS: NODE_IMAGE, BACK_OFF: PULL},
)
"""The chart of the six cases: Always and IfNotPresent, images that anyone may pull, the first attempt."""
