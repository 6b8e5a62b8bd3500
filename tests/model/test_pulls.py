"""Random lives of a node's images: what a new pod runs is what the documented rules say.

The kubelet's image manager, its records, the embedded runtime and a registry on a socket are the product's; `model` is not.
"""

import asyncio
import copy
import itertools
from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.model import model, places, story
from tests.model.kubelets import ALLOWED, Kubelet, Lies, Release, Wanted
from tests.model.model import Key, Name
from tests.model.places import WARS, Place
from tests.model.story import Story

from pullscope.oci import reference
from pullscope.pull.flavours import Flavour
from pullscope.pull.policy import PullPolicy
from pullscope.pull.verification import MODES
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

WAR = st.sampled_from(WARS)
TAGS = [Name("shop", "v1"), Name("shop", "v2"), Name("open", "v1")]
TAG = st.sampled_from(TAGS)
NAME = st.one_of(
    st.sampled_from([TAGS[0], *TAGS]),
    st.builds(Name, st.sampled_from(["shop", "open"]), st.sampled_from(["", "v1"]), WAR),
)
PASSWORD = st.sampled_from(["one", "two"])
KEYS = st.lists(
    st.builds(Key, st.sampled_from(["mine", "theirs"]), PASSWORD, st.sampled_from(["", "", "shop"])),
    max_size=2,
    unique_by=lambda key: key.secret,
)
POLICY: st.SearchStrategy[PullPolicy] = st.sampled_from(("IfNotPresent", "Never", "Always"))
FLAVOUR: st.SearchStrategy[Flavour] = st.sampled_from(("cri-o", "containerd"))
RELEASE = st.one_of(
    st.just(Release()), st.builds(Release, st.sampled_from([(1, 36), (1, 34), (1, 36)]), st.sampled_from(MODES))
)


class Life(RuleBasedStateMachine):
    """One node, two repositories."""

    place: Place
    lies = Lies()

    def __init__(self) -> None:
        super().__init__()
        self.place.lives += 1
        self.story = Story()
        self.registry = model.Registry()
        self.place.doorkeeper.locks.clear()
        self.place.doorkeeper.faults.clear()

    @initialize(flavour=FLAVOUR, release=RELEASE, own=st.sampled_from(["", "", "one"]), war=WAR, newer=WAR)
    def begin(self, flavour: Flavour, release: Release, own: str, war: str, newer: str) -> None:
        """A node, and an image that several pods have had from a private repository: from there it goes wrong."""
        self.kubelet = Kubelet(self.place, self.place.lives, self.lies, flavour=flavour, own=own)
        self.nodes = [model.Node(flavour=flavour, own=own, allowed=ALLOWED)]
        self.story.tell(
            f"pullscope up --runtime-flavour {flavour} {release}" + (f"  # which knows {own}" if own else "")
        )
        self._boot(release)
        self.push(TAGS[0], war)
        self.lock("shop", "one")
        self.start(TAGS[0], "IfNotPresent", [Key("mine", "one")])
        self.push(TAGS[0], newer)

    def _boot(self, release: Release) -> None:
        self.release = release
        for node in self.nodes:
            node.remembers, node.mode = release.version >= (1, 35), release.mode
        self.place.run(self.kubelet.boot(release, ALLOWED))
        self._all(model.Node.restart)

    @property
    def node(self) -> model.Node:
        """One of those that it can be: they differ by what kubelets remember, after pods that came at once."""
        return self.nodes[0]

    def _all(self, change: Callable[[model.Node], object]) -> None:
        for node in self.nodes:
            change(node)

    # ----------------------------------------------------------------------------------------------- the registry

    def _owner(self) -> RegistryClient:
        return RegistryClient(self.place.owner, self.place.served.address)

    @rule(name=TAG, war=WAR)
    def push(self, name: Name, war: str) -> None:
        text = self.kubelet.text(name)
        self.story.tell(f"pullscope image build {war} -t {text} --push")
        root = self.place.images[war]
        self.place.run(transfer.push(self._owner(), reference.parse(text), self.place.store, root))
        self.registry.push(name, war)

    @rule(name=TAG, whole=st.booleans())
    def delete(self, name: Name, whole: bool) -> None:
        """A tag, or an image with all its tags."""
        image = self.registry.tags.get(name)
        if image is None:
            return
        self.story.tell(f"pullscope registry rm {self.kubelet.text(name)}" + ("  # and all of it" if whole else ""))
        digest = str(self.place.images[image].digest) if whole else name.tag
        self.place.run(self._owner().delete_manifest(self.kubelet.repository(name.repository), digest))
        (self.registry.remove if whole else self.registry.untag)(name)

    @rule(repository=st.sampled_from(["shop", "open"]), password=st.sampled_from(["one", "two", ""]))
    def lock(self, repository: str, password: str) -> None:
        self.story.tell(f"# the registry asks readers of {repository} for the password {password or '(none)'}")
        for locks, name in (
            (self.registry.locks, repository),
            (self.place.doorkeeper.locks, self.kubelet.repository(repository)),
        ):
            locks.pop(name, None)
            if password:
                locks[name] = password

    @precondition(lambda self: not self.registry.fault)
    @rule(fault=st.sampled_from(sorted(places.FAULTS)))
    def fault(self, fault: str) -> None:
        self.story.tell(f"pullscope registry fault {places.FAULTS[fault]}")
        self.place.doorkeeper.faults.add(places.FAULTS[fault])
        self.registry.fault = fault

    @precondition(lambda self: self.registry.fault)
    @rule()
    def clear(self) -> None:
        self.story.tell("pullscope registry fault --clear")
        self.place.doorkeeper.faults.clear()
        self.registry.fault = ""

    # ----------------------------------------------------------------------------------------------- the node

    @rule(name=NAME)
    def rmi(self, name: Name) -> None:
        self.story.tell(f"crictl rmi {self.kubelet.text(name)}")
        self.place.run(self.kubelet.rmi(name))
        self._all(lambda node: node.rmi(name))

    @rule(name=NAME, password=st.sampled_from(["one", "two", ""]))
    def load(self, name: Name, password: str) -> None:
        """Somebody puts an image there, past the kubelet."""
        self.story.tell(f"crictl pull --creds me:{password} {self.kubelet.text(name)}")
        self._load(name, password)

    def _load(self, name: Name, password: str) -> None:
        self.place.run(self.place.clock.passing(self.kubelet.load(name, password)))
        image = self.registry.gives(name, password or self.node.own)
        if image is not None and (self.registry.fault != "cut" or self.node.has(image)):
            for node in self.nodes:
                node.load(name, image)

    @rule(full=st.booleans())
    def collect(self, full: bool) -> None:
        full = full and bool(self.node.images)  # nothing else fills it
        self.story.tell(f"pullscope clock advance 2h  # {'the disk is full' if full else 'imageMaximumGCAge: 1h'}")
        self.place.run(self.kubelet.collect(full=full))
        self._all(lambda node: node.collect(full=full))

    @rule(release=RELEASE, same=st.booleans())
    def restart(self, release: Release, same: bool) -> None:
        """Of the kubelet and the runtime, perhaps as another release."""
        chosen = self.release if same else release
        self.story.tell(f"pullscope stop && pullscope up {chosen}")
        self.place.run(self.kubelet.halt())
        self._boot(chosen)

    @rule(name=NAME, password=PASSWORD)
    def kill(self, name: Name, password: str) -> None:
        """The kubelet does not live to see the end of a pull."""
        self.story.tell(f"kill -9 KUBELET  # while it pulls {self.kubelet.text(name)} with {password}")
        if self.node.remembers:
            self.place.run(self.kubelet.records.begin(self.kubelet.text(name)))
            self._all(lambda node: node.intents.add(name))
        self._load(name, password)
        self.place.run(self.kubelet.halt())
        self._boot(self.release)

    # ----------------------------------------------------------------------------------------------- pods

    @rule(name=NAME, pull_policy=POLICY, keys=KEYS)
    def start(self, name: Name, pull_policy: PullPolicy, keys: list[Key]) -> None:
        """A new pod. It keeps its image in use from then on."""
        self._start(Wanted(name, pull_policy, keys))

    @rule(pull_policy=POLICY, keys=KEYS)
    def start_again(self, pull_policy: PullPolicy, keys: list[Key]) -> None:
        """What most pods are."""
        self._start(Wanted(TAGS[0], pull_policy, keys))

    @rule(one=st.builds(Wanted, NAME, POLICY, KEYS), other=st.builds(Wanted, TAG, POLICY, KEYS))
    def start_two(self, one: Wanted, other: Wanted) -> None:
        """At once: it is as if one had come first."""
        self._start(one, other)

    def _start(self, *pods: Wanted) -> None:
        for pod in pods:
            secrets = " ".join(f"{key.secret}({key.place or '*'}: {key.password})" for key in pod.keys) or "no secret"
            text = f"--image {self.kubelet.text(pod.name)} --image-pull-policy {pod.policy}"
            self.story.tell(f"kubectl run pod {text}  # {secrets}{', and at once' * (len(pods) > 1)}")
        seen = tuple(self.place.run(self.kubelet.start(pods)))
        expected = [self._after(node, pods, order) for node in self.nodes for order in itertools.permutations(pods)]
        fitting = [node for found, node in expected if found == seen]
        if not fitting:
            self.story.expect("the pods", seen, " or ".join(str(found) for found, _ in expected))
        self.nodes = [node for number, node in enumerate(fitting) if node not in fitting[:number]]
        self._all(lambda node: node.used.extend(war for war in seen if war in WARS))

    def _after(
        self, node: model.Node, pods: Sequence[Wanted], order: Sequence[Wanted]
    ) -> tuple[tuple[str, ...], model.Node]:
        """What comes of the pods when they are started in that order, and the node then."""
        node = copy.deepcopy(node)
        found = {id(pod): node.start(pod.name, pod.policy, pod.keys, self.registry) for pod in order}
        return tuple(found[id(pod)] for pod in pods), node

    @precondition(lambda self: self.node.used)
    @rule(choice=st.integers(0, 99))
    def end(self, choice: int) -> None:
        number = choice % len(self.node.used)
        self.story.tell(f"kubectl delete pod  # number {number}, which runs {self.node.used[number]}")
        self._all(lambda node: node.used.pop(number))
        self.place.run(self.kubelet.end(number))

    @rule(name=TAG)
    def give_up(self, name: Name) -> None:
        """A pod is deleted while its image is being pulled."""
        self.story.tell(
            f"kubectl run pod --image {self.kubelet.text(name)} --image-pull-policy Always; kubectl delete pod"
        )
        self.place.run(self._give_up(name))
        self._all(lambda node: node.given_up(name))

    async def _give_up(self, name: Name) -> None:
        doorkeeper = self.place.doorkeeper
        doorkeeper.hold, doorkeeper.came = asyncio.Event(), asyncio.Event()
        pulling = asyncio.ensure_future(self.kubelet.ensure(Wanted(name, "Always")))
        coming = asyncio.ensure_future(doorkeeper.came.wait())
        await asyncio.wait((pulling, coming), return_when=asyncio.FIRST_COMPLETED)
        coming.cancel()
        pulling.cancel()
        await asyncio.wait((pulling,))
        doorkeeper.hold.set()
        doorkeeper.hold = None
        self.story.expect("the registry is asked", doorkeeper.came.is_set(), expected=True)

    def teardown(self) -> None:
        if hasattr(self, "kubelet"):
            self.place.run(self.kubelet.halt())
            self.kubelet.leave()


def test_what_runs_is_what_the_rules_say(place: Place) -> None:
    Life.place = place
    story.live(Life, lives=10, steps=20)
    assert place.lives > 1
