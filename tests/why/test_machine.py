"""A cluster that is played by the kubelet's rules, pushed to, restarted and half seen: no verdict is ever wrong.

What runs and what the tag means is known here; what `why` gets to see of it is chosen at random: events that are gone, nodes
that may not be read, a registry that does not answer, a status in each of the forms that runtimes have.
"""

import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.why.making import PRESENT, PULLED, REPOSITORY, START, TAGGED, event, facts, node

from pullscope.why import judge
from pullscope.why.facts import Container, Facts, Node, NodeImage, Policy, PullEvent, RegistryImage, Template, Workload
from pullscope.why.findings import Cause, Finding

NODES = ("node-1", "node-2", "node-3")
Form = Literal["index", "manifest", "config"]


@dataclass(frozen=True)
class Build:
    """An image: an index over one manifest, and when it says that it was made (not every image does)."""

    number: int
    created: datetime | None

    def digest(self, form: Form) -> str:
        """Of its index, its manifest or its config."""
        return f"sha256:{form[0].encode().hex()}{self.number:062d}"

    def status(self, form: Form) -> str:
        """An imageID: a config's digest stands alone."""
        return self.digest(form) if form == "config" else f"{REPOSITORY}@{self.digest(form)}"

    def entries(self) -> dict[str, RegistryImage]:
        """What a registry says of it by its digests."""
        index, manifest = self.digest("index"), self.digest("manifest")
        of_index = RegistryImage("found", index, {"linux/amd64": manifest}, created=self.created)
        of_manifest = RegistryImage("found", manifest, config=self.digest("config"), created=self.created)
        return {f"{REPOSITORY}@{index}": of_index, f"{REPOSITORY}@{manifest}": of_manifest}


@dataclass
class Pod:
    """One pod, and the truth about it: who delivered its image. `told`: whether an event of that is left."""

    name: str
    node: str
    policy: Policy
    form: Form
    runs: Build
    started: datetime
    delivered: Literal["node", "registry"]
    told: bool


@dataclass
class World:
    """The tag and when it was last moved, the nodes' copies and the pods."""

    tag: Build
    since: datetime
    copies: dict[str, Build] = field(default_factory=dict)
    pods: dict[str, Pod] = field(default_factory=dict)


class Cluster(RuleBasedStateMachine):
    """Pushes, starts and restarts, in any order; after each of them all verdicts are checked."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.numbers = itertools.count(1)
        self.builds: list[Build] = []
        self.nodes_seen = True
        self.registry_answers = True

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    @initialize()
    def begins(self) -> None:
        self.world = World(self.built(dated=True), self.now)

    def built(self, *, dated: bool) -> Build:
        self.builds.append(Build(next(self.numbers), self.tick() if dated else None))
        return self.builds[-1]

    @rule(dated=st.booleans())
    def push(self, dated: bool) -> None:
        self.world.tag = self.built(dated=dated)
        self.world.since = self.tick()

    @rule(data=st.data())
    def point_to_an_older_one(self, data: st.DataObject) -> None:
        self.world.tag = data.draw(st.sampled_from(self.builds))
        self.world.since = self.tick()

    @rule(
        name=st.sampled_from(("app-1", "app-2", "app-3")),
        on=st.sampled_from(NODES),
        policy=st.sampled_from(("Always", "IfNotPresent")),
        form=st.sampled_from(("index", "manifest", "config")),
        told=st.booleans(),
    )
    def start(self, name: str, on: str, policy: Policy, form: Form, told: bool) -> None:
        """The kubelet's decision; what was pulled is the node's copy from then on."""
        copy = self.world.copies.get(on) if policy == "IfNotPresent" else None
        image = self.world.copies[on] = copy or self.world.tag
        delivered: Literal["node", "registry"] = "node" if copy else "registry"
        self.world.pods[name] = Pod(name, on, policy, form, image, self.tick(), delivered, told)

    @rule(on=st.sampled_from(NODES))
    def clear_a_node(self, on: str) -> None:
        self.world.copies.pop(on, None)

    @rule(nodes=st.booleans(), registry=st.booleans())
    def see(self, nodes: bool, registry: bool) -> None:
        self.nodes_seen, self.registry_answers = nodes, registry

    @invariant()
    def no_verdict_is_wrong(self) -> None:
        if not hasattr(self, "world"):
            return
        diagnosis = judge.judge(self.seen())
        for pod, finding in zip(self.world.pods.values(), diagnosis.findings, strict=True):
            self.check(pod, finding)

    def check(self, pod: Pod, finding: Finding) -> None:
        if not self.registry_answers:
            assert (finding.verdict, [cause.id for cause in finding.causes]) == ("unknown", ["unreachable"])
            return
        if pod.runs == self.world.tag:
            assert (finding.verdict, finding.causes) == ("up to date", ())
            return
        assert finding.verdict == "stale"
        assert finding.causes[0].mends
        for cause in finding.causes:
            assert cause.certainty != "certain" or self.is_true(cause, pod), cause

    def is_true(self, cause: Cause, pod: Pod) -> bool:
        """Whether that is how it came about."""
        match cause.id:
            case "node-cache" | "side-loaded":
                return pod.delivered == "node" or pod.form == "config"
            case "not-restarted":
                return pod.started < self.world.since
            case "nodes-differ":
                return len({other.runs for other in self.world.pods.values()}) > 1
            case "rolled-back":
                return self.world.tag.number < pod.runs.number
            case _:
                return False

    def seen(self) -> Facts:
        """What `why` is given."""
        tag = self.world.tag
        found = {key: image for build in self.builds for key, image in build.entries().items()}
        meant = found[f"{REPOSITORY}@{tag.digest('index')}"]
        if not self.registry_answers:
            meant = RegistryImage("unreachable", error="connection refused")
        made = facts(*map(_container, self.world.pods.values()), registry={**found, TAGGED: meant})
        return replace(made, collected=self.now, nodes=self._nodes() if self.nodes_seen else None)

    def _nodes(self) -> dict[str, Node]:
        return {
            name: replace(node(name), images=_listed(self.world.copies.get(name)), reported=self.now) for name in NODES
        }


def _listed(copy: Build | None) -> tuple[NodeImage, ...]:
    if copy is None:
        return ()
    return (NodeImage((f"{REPOSITORY}@{copy.digest('index')}", f"{REPOSITORY}@{copy.digest('manifest')}", TAGGED)),)


def _container(pod: Pod) -> Container:
    told: tuple[PullEvent, ...] = ()
    if pod.told:
        told = (event(PRESENT if pod.delivered == "node" else PULLED, pod.started),)
    template = Template(TAGGED, pod.policy, "written")
    return Container(
        "demo", pod.name, f"uid-{pod.name}", Workload("Deployment", "app"), "app", TAGGED, pod.policy, pod.node,
        template=template, image_id=pod.runs.status(pod.form), state="running", started=pod.started, events=told,
    )  # fmt: skip


Cluster.TestCase.settings = settings(stateful_step_count=10)
TestCluster = Cluster.TestCase
