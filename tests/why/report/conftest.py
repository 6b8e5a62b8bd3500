"""Diagnoses to print: every verdict, many pods alike, several namespaces, names that are wide, names that are hostile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pullscope.pull.flow import Text
from pullscope.why.facts import Cluster, Container, Facts, Node, NodeImage, RegistryImage, Template, Unseen, Workload
from pullscope.why.findings import Cause, Diagnosis, Finding, Forecast, Mend

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = "quay.io/team/app:1.0"
COMMAND = """kubectl -n demo patch deployment app -p '{"spec":{"template":{"spec":{"containers":[{"name":"app"}]}}}}'"""
HOSTILE = '</script><img src=x onerror="alert(1)">|`*\x1b[31m'


def container(pod: str, workload: str, node: str, image: str = IMAGE, namespace: str = "demo") -> Container:
    template = Template(image, "IfNotPresent", "defaulted")
    of = Workload("Deployment", workload)
    return Container(namespace, pod, f"uid-{pod}", of, "app", image, "IfNotPresent", node, template=template)


def stale(number: int) -> Finding:
    node = f"node-{number % 5}"
    moved = Text(
        "the node's copy was used, and the tag has moved since", "ノードのコピーが使われ、その後タグが移動した"
    )
    seen = Text("the event says that the image was already present", "イベントによればイメージは既に存在した")
    ask = Text("ask the registry at each start", "起動のたびにレジストリに問い合わせる")
    older = Text("the pod is older than the push", "Pod は push より古い")
    causes = (
        Cause("node-cache", moved, "certain", (seen,), (Mend(COMMAND, ask),)),
        Cause("not-restarted", older, "possible", ()),
    )
    there = Text("it is there under that name", "その名前で存在する")
    forecast = (Forecast(node, OLD, "node", "certain", there),)
    because = Text("runs what the tag meant before", "タグが以前に指していたものが動いている")
    return Finding(container(f"app-{number}", "app", node), "stale", because, OLD, NEW, OLD, causes, forecast)


def failing() -> Finding:
    missing = Text("the registry has no such tag", "レジストリにこのタグはない")
    gone = Cause("tag-missing", missing, "certain", (Text("404", "404"),))
    forecast = (Forecast("node-1", None, None, "certain", missing),)
    return Finding(
        container("job-1", "job", "", namespace="batch"), "failing", missing, causes=(gone,), forecast=forecast
    )


def mixed() -> Diagnosis:
    """A stale workload of twenty pods, and one of each other verdict."""
    fine = Text("runs what its tag means", "タグが指すものが動いている")
    digest = Text("its reference names a digest", "参照がダイジェストを指している")
    silent = Text("the registry did not answer", "レジストリが応答しなかった")
    findings: Sequence[Finding] = (
        *map(stale, range(20)),
        Finding(container("web-1", "web", "node-1"), "up to date", fine, NEW, NEW),
        Finding(container("pin-1", "pin", "node-1", f"quay.io/team/app@{OLD}"), "pinned", digest, OLD, OLD),
        Finding(container("far-1", "far", "node-1", "registry.example.com/非常に遠い/app:1"), "unknown", silent),
        failing(),
    )
    unseen = (Unseen("nodes", "nodes is forbidden", "what a node has cached is not known"),)
    return _diagnosis(tuple(findings), unseen)


def evil() -> Diagnosis:
    """Every text that a cluster or a registry chooses says something that a report must not obey."""
    one = stale(1)
    text = Text(HOSTILE, HOSTILE)
    cause = replace(one.causes[0], title=text, evidence=(text,), mends=(Mend(HOSTILE, text),))
    evil = replace(one.container, pod=HOSTILE, name=HOSTILE, image=HOSTILE, node=HOSTILE, uid=HOSTILE)
    forecast = (replace(one.forecast[0], node=HOSTILE, because=text),)
    found = replace(one, container=evil, because=text, causes=(cause,), forecast=forecast)
    return _diagnosis((found,), (Unseen(HOSTILE, HOSTILE, HOSTILE),))


@pytest.fixture
def diagnosis() -> Diagnosis:
    """The ordinary one."""
    return mixed()


@pytest.fixture
def hostile() -> Diagnosis:
    """The hostile one."""
    return evil()


def _diagnosis(findings: tuple[Finding, ...], unseen: tuple[Unseen, ...]) -> Diagnosis:
    facts = Facts(
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        Cluster("https://127.0.0.1:6443", "v1.36.2"),
        nodes={each.name: each for each in map(node, range(5))},
        registry={IMAGE: RegistryImage("found", NEW)},
        unseen=unseen,
    )
    return Diagnosis(facts, findings)


def node(number: int) -> Node:
    """Some nodes have the old image, some the new one, one has none."""
    digest = OLD if number < 2 else NEW
    images = (NodeImage((IMAGE, f"quay.io/team/app@{digest}")),) if number < 4 else ()
    return Node(f"node-{number}", images, complete=True)
