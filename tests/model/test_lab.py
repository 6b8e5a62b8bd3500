"""Random lives of a whole lab: what every pod runs, or why it waits, is what the documented rules say.

Over HTTPS and by the commands of a lab's process; after each step every pod is looked at. `cluster` and `model` know nothing
of the product. A life is long, since a lab takes a moment to start.
"""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.model import cluster, model, story
from tests.model.cluster import Cluster, Pod
from tests.model.judge import Judge, anything
from tests.model.kubelets import Release
from tests.model.model import ALWAYS, Key, Name
from tests.model.steps import DEFAULT, FAULTS, FLAVOUR, NAMESPACES, RELEASE, STEPS, TAGS, TEAM, WAR
from tests.model.town import Seen, Town

from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.lab.config import LabConfig, Seams
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.pull.flavours import Flavour
from pullscope.pull.verification import Verification

V1 = TAGS[0]
_FIRST = ("one", "two", "two", "one")  # passwords of secrets
MOST_PODS = 3  # on one node: whoever starts first is one of so many
LATER = 35  # steps of the lab's time of 10 s


class Lab(Judge):
    """Two nodes, pods in two namespaces, and a Deployment."""

    seams = Seams()
    template: tuple[str, Name, str, tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.account_has: dict[str, tuple[str, ...]] = {}
        self.always = False
        self.used: dict[str, set[Name]] = {}

    @initialize(flavour=FLAVOUR, release=RELEASE, war=WAR, empty=st.integers(0, 19))
    def begin(self, flavour: Flavour, release: Release, war: str, empty: int) -> None:
        """Nothing happens in the simplest life, with which hypothesis always begins."""
        if empty == 0:
            return
        self.release = release
        config = LabConfig(nodes=2, runtime=flavour, kubelet=_kubelet(release), seams=self.seams)
        self.town = Town(config)
        nodes = {name: model.Node(flavour=flavour) for name in ("crc", "crc-2")}
        self.worlds = [Cluster(nodes=nodes)]
        self._released(release)
        self.story.tell(f"pullscope up --nodes 2 --clock manual --runtime-flavour {flavour} {release}")
        self.town.run(self.town.up())
        self.story.tell(f"oc new-project {TEAM}")
        self.town.run(self.town.project(TEAM))
        for (namespace, name), password in zip(itertools.product(NAMESPACES, ("good", "other")), _FIRST, strict=True):
            self._secret(namespace, name, password)
        self.push(TAGS[0], war)
        self.lock("shop", "one")
        self.pod("crc", TAGS[0], "IfNotPresent", ("good",))

    @rule(step=STEPS)
    def step(self, step: tuple[str, Any]) -> None:
        if self.town is not None:
            getattr(self, step[0])(*step[1:])

    # ----------------------------------------------------------------------------------- the registry

    def push(self, name: Name, war: str) -> None:
        if self.world.registry.fault:
            return
        self.story.tell(f"pullscope image build {war} -t {self.lab.text(name)} --push")
        self.lab.run(self.lab.push(name, war))
        self._all(lambda world: world.registry.push(name, war))
        self._look()

    def delete(self, name: Name, whole: bool) -> None:
        image = self.world.registry.tags.get(name)
        if image is None or self.world.registry.fault:
            return
        self.story.tell(f"pullscope registry rm {self.lab.text(name)}" + ("  # and all of it" if whole else ""))
        locator = str(self.lab.images[image].digest) if whole else name.tag
        self.lab.run(self.lab.delete(name.repository, locator))
        self._all(lambda world: (world.registry.remove if whole else world.registry.untag)(name))
        self._look()

    def lock(self, repository: str, password: str) -> None:
        self.story.tell(f"# the registry asks readers of {repository} for the password {password or '(none)'}")
        self.lab.locks[repository] = password
        self._all(lambda world: world.registry.locks.pop(repository, None))
        if password:
            self._all(lambda world: world.registry.locks.update({repository: password}))

    def fault(self, fault: str) -> None:
        """One fault at a time: the next one is the end of the last one."""
        if self.world.registry.fault:
            self.story.tell("pullscope registry fault --clear")
            self.lab.run(self.lab.fault(None))
            self._fault("")
            return
        self.story.tell(f"pullscope registry fault {FAULTS[fault]}")
        self.lab.run(self.lab.fault(FAULTS[fault]))
        self._fault(fault)

    def _fault(self, fault: str) -> None:
        for world in self.worlds:
            world.registry.fault = fault
        self._look()

    # ----------------------------------------------------------------------------------- secrets

    def _secret(self, namespace: str, name: str, password: str) -> None:
        self.made += 1
        self.story.tell(f"oc create secret docker-registry {name} -n {namespace} --docker-password {password}")
        self.lab.run(self.lab.api.create(resources.SECRETS, namespace, self.lab.secret(name, password)))
        key = Key(f"{namespace}/{name}/{self.made}", password)
        self._all(lambda world: world.secrets.update({f"{namespace}/{name}": key}))

    def rotate(self, namespace: str, name: str, password: str) -> None:
        """What is in a secret is read when a container is to start."""
        self.story.tell(f"oc set data secret/{name} -n {namespace} --docker-password {password}")
        self.lab.run(self.lab.api.patch(resources.SECRETS, namespace, name, self.lab.secret(name, password)))
        key = Key(self.world.secrets[f"{namespace}/{name}"].secret, password)
        self._all(lambda world: world.secrets.update({f"{namespace}/{name}": key}))

    def replace(self, namespace: str, name: str, password: str) -> None:
        """Another secret of the same name is another secret."""
        self.story.tell(f"oc delete secret {name} -n {namespace}")
        self.lab.run(self.lab.api.delete(resources.SECRETS, namespace, name))
        self._secret(namespace, name, password)

    def account(self, namespace: str, names: tuple[str, ...]) -> None:
        """Pods without pull secrets of their own are given those that the service account has when they are made."""
        self.story.tell(f"oc secrets link default --for=pull -n {namespace} {' '.join(names)}  # and no others")
        found = self.lab.run(self.lab.api.get(resources.SERVICE_ACCOUNTS, namespace, "default"))
        others = [each for each in found.get("imagePullSecrets", []) if "dockercfg" in each["name"]]
        patch = {"imagePullSecrets": [*others, *({"name": name} for name in names)]}
        self.lab.run(self.lab.api.patch(resources.SERVICE_ACCOUNTS, namespace, "default", patch))
        self.account_has[namespace] = names

    def _held(self, namespace: str, secrets: tuple[str, ...]) -> tuple[str, ...]:
        """The secrets that a new pod has, by `namespace/name`."""
        return tuple(f"{namespace}/{name}" for name in secrets or self.account_has.get(namespace, ()))

    # ----------------------------------------------------------------------------------- pods

    def _room(self, node: str) -> bool:
        return sum(pod.node == node for pod in self.world.pods.values()) < MOST_PODS

    def pod(self, node: str, name: Name, policy: str, secrets: tuple[str, ...], namespace: str = DEFAULT) -> None:
        if not self._room(node):
            return
        policy = ALWAYS if self.always else policy
        self.made += 1
        pod, spec = f"p{self.made}", _spec(self.lab.text(name), node, policy, secrets)
        self.story.tell(
            f"kubectl run {pod} --image {self.lab.text(name)} --image-pull-policy {policy} -n {namespace}  # {node}, {secrets}"
        )
        self.lab.run(self.lab.api.create(resources.PODS, namespace, {"metadata": {"name": pod}, "spec": spec}))
        self._new(pod, Pod(node, name, policy, self._held(namespace, secrets)))
        self._look()

    def _new(self, name: str, pod: Pod) -> None:
        self.used[name] = {pod.name}
        for world in self.worlds:
            world.pods[name] = Pod(pod.node, pod.name, pod.policy, pod.secrets)
            world.attempt(name)

    def deploy(self, node: str, name: Name, policy: str, secrets: tuple[str, ...]) -> None:
        """A Deployment of one replica, or its template changes: a new pod beside the old one, which stays until it runs."""
        if self._stuck() or not self._room(node):
            return
        self.made += 1
        self.template = node, name, policy, secrets
        self.story.tell(f"kubectl apply  # Deployment web: {self.lab.text(name)}, {policy}, {node}, {secrets}")
        self.lab.run(self._apply(str(self.made), _spec(self.lab.text(name), node, policy, secrets)))
        self._replica(str(self.made))

    def delete_replica(self) -> None:
        """The Deployment makes another pod of its template."""
        if len(self.web) != 1:
            return
        (old,) = self.web
        step = self.lab.pods[old]["metadata"]["annotations"]["step"]
        self.story.tell(f"kubectl delete pod {old}")
        self.lab.run(self.lab.api.delete(resources.PODS, DEFAULT, old))
        self._ended(old)
        self.web = []
        self._replica(step)

    def _replica(self, step: str) -> None:
        node, name, policy, secrets = self.template
        assert self.lab.run(self.lab.until(lambda: bool(self._web(step)))), "no pod of the template"
        (new,) = self._web(step)
        self._new(new, Pod(node, name, ALWAYS if self.always else policy, self._held(DEFAULT, secrets)))
        self._roll([*self.web, new])

    def _stuck(self) -> bool:
        """Whether two pods of the Deployment wait: nobody promises which of them is deleted first."""
        return len(self.web) > 1 and self.world.pods[self.web[0]].waits

    async def _apply(self, step: str, spec: Object) -> None:
        labels = {"app": "web"}
        template = {"metadata": {"labels": labels, "annotations": {"step": step}}, "spec": spec}
        if self.web:
            patch = {"spec": {"template": template}}
            await self.lab.api.patch(resources.DEPLOYMENTS, DEFAULT, "web", patch)
            return
        made = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
        await self.lab.api.create(resources.DEPLOYMENTS, DEFAULT, {"metadata": {"name": "web"}, "spec": made})

    def _web(self, step: str) -> list[str]:
        """The pods of that template."""
        notes = ((name, pod["metadata"].get("annotations") or {}) for name, pod in self.lab.pods.items())
        return [name for name, found in notes if found.get("step") == step]

    def _roll(self, web: list[str]) -> None:
        """Pods that the newest one makes superfluous go."""
        left = self.world.rolled_out(web)
        for name in set(web) - set(left):
            self._ended(name)
        self.web = left
        self._look()

    def delete_pod(self, number: int) -> None:
        name = self._chosen(number, lambda pod: True)
        if name is None:
            return
        self.story.tell(f"kubectl delete pod {name} -n {self.lab.namespace(name)}")
        self.lab.run(self.lab.api.delete(resources.PODS, self.lab.namespace(name), name))
        self._ended(name)
        self._look()

    def _ended(self, name: str) -> None:
        assert self.lab.run(self.lab.until(lambda: self.lab.seen(name) is None)), f"{name} does not end"
        self._all(lambda world: world.gone(name))

    def _chosen(self, number: int, fits: Callable[[Pod], bool]) -> str | None:
        names = sorted(name for name, pod in self.world.pods.items() if name.startswith("p") and fits(pod))
        return names[number % len(names)] if names else None

    def set_image(self, number: int, name: Name) -> None:
        """Of a pod that runs: its container ends, and the policy is applied to the new name."""
        pod = self._chosen(number, lambda pod: not pod.waits)
        if pod is None or name in self.used[pod]:  # a name that comes back is a container that crashes
            return
        self.used[pod].add(name)
        self.story.tell(f"kubectl set image pod/{pod} -n {self.lab.namespace(pod)} app={self.lab.text(name)}")
        patch = {"spec": {"containers": [{"name": "app", "image": self.lab.text(name)}]}}
        before = self.lab.seen(pod)
        patched = self.lab.api.patch(resources.PODS, self.lab.namespace(pod), pod, patch, type="strategic")
        if self.always and self.world.pods[pod].policy != ALWAYS:  # the plugin changes what may not be changed
            with pytest.raises(ApiError, match="pod updates may not change fields other than"):
                self.lab.run(patched)
            return
        self.lab.run(patched)
        for world in self.worlds:
            world.pods[pod].name = name
        self._again(pod, before)

    def stop(self, number: int) -> None:
        """A container ends: it is started again, and the policy is applied again."""
        pod = self._chosen(number, lambda pod: not pod.waits and not pod.restarts)
        before = self.lab.seen(pod) if pod else None
        if pod is None or before is None:
            return
        self.story.tell(f"crictl stop {before.container}  # {pod}")
        self.lab.run(self.lab.stop_container(self.world.pods[pod].node, before.container))
        self._again(pod, before)

    def _again(self, pod: str, before: Seen | None) -> None:
        self._all(lambda world: world.attempt(pod))
        assert before is not None
        self._look(lambda name, seen: name != pod or not seen.runs(before.container))

    # ----------------------------------------------------------------------------------- nodes

    def rmi(self, node: str, name: Name) -> None:
        self.story.tell(f"pullscope node rmi {node} {self.lab.text(name)}")
        answer = self.lab.run(self.lab.node("rmi", node, self.lab.text(name)))
        here = self.world.nodes[node]
        image = here.find(name)
        used = here.flavour == "cri-o" and image in here.used
        self.story.expect("it is removed", "deleted" in answer, image is not None and not used)
        self._all(lambda world: world.nodes[node].rmi(name))
        self._look()

    def wait(self) -> None:
        """Whoever waits is tried again, after at most five minutes and a bit."""
        if self._stuck():
            return
        self.story.tell("pullscope clock advance 6m")
        self.worlds = cluster.distinct(last for world in self.worlds for last in world.later())
        for step in range(3 * LATER):
            if step >= LATER and self._explained(anything):
                break
            self.lab.run(self.lab.advance())
        self._look()
        self._roll(self.web)

    def restart(self, release: Release, same: bool, own: str, always: bool) -> None:
        """Of the whole lab: faults end, containers start again, and the policy is applied again.

        `own` is the password that the nodes have from then on; `always` switches the admission plugin AlwaysPullImages on.
        """
        if len(self.web) > 1:
            return
        self.release, self.always = self.release if same else release, always
        login = f"  # podman login {self.lab.lab.registry}: {own}" if own else ""
        self.story.tell(f"pullscope stop; pullscope up {self.release}{' --always-pull-images' * always}{login}")
        before = {name: self.lab.seen(name) for name in self.world.pods}
        self.lab.run(self.lab.down())
        self.lab.pods.clear()
        changes = {
            "kubelet": _kubelet(self.release),
            "credentials": self.lab.keyring(own),
            "always_pull_images": always,
        }
        self.lab.run(self.lab.up(**changes))
        for node in (node for world in self.worlds for node in world.nodes.values()):
            node.own = own
        self._released(self.release)
        for world in self.worlds:
            world.registry.fault = ""
        self.worlds = cluster.distinct(last for world in self.worlds for last in world.attempts())

        def anew(name: str, seen: Seen) -> bool:
            was = before[name]
            return was is None or (seen.version > was.version and not seen.ended and not seen.runs(was.container))

        self._look(anew)

    def _released(self, release: Release) -> None:
        for world in self.worlds:
            for node in world.nodes.values():
                node.remembers, node.mode = release.version >= (1, 35), release.mode
                node.restart()

    def teardown(self) -> None:
        if self.town is not None:
            self.town.leave()


def _kubelet(release: Release) -> KubeletConfig:
    return KubeletConfig(release.version, verification=Verification(release.mode))


def _spec(image: str, node: str, policy: str, secrets: tuple[str, ...]) -> Object:
    return {
        "containers": [{"name": "app", "image": image, "imagePullPolicy": policy}],
        "nodeSelector": {"kubernetes.io/hostname": node},
        "imagePullSecrets": [{"name": secret} for secret in secrets],
        "terminationGracePeriodSeconds": 0,
    }


@pytest.mark.timeout(0)
def test_what_every_pod_runs_is_what_the_rules_say() -> None:
    story.live(Lab, lives=2, steps=20)
