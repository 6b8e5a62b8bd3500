"""Do the steps of a scenario, one after the other, and keep what came back of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.verify import cleaning, misbehaving, pods
from pullscope.verify.byhand.hands import Ran
from pullscope.verify.case import Source
from pullscope.verify.cleaning import Found
from pullscope.verify.evidence import Hindrance, Sight
from pullscope.verify.evidence import Step as Done
from pullscope.verify.making import Making
from pullscope.verify.objects import CONTAINER
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.scenarios import judge, looking, objects, steps
from pullscope.verify.scenarios.objects import Names
from pullscope.verify.scenarios.steps import Scenario, Step
from pullscope.verify.stage import Stage
from pullscope.verify.variants import Image

_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_IN_USE = "image is in use by a container"  # containers/storage types/errors.go, ErrImageUsedByContainer
_TAKEN = dict(objects.LOGINS[login] for login in ("one", "two"))


class Player:
    """One scenario under way. `nodes` are those that its pods may run on."""

    def __init__(self, stage: Stage, making: Making, scenario: Scenario, nodes: tuple[str, ...]) -> None:
        self._stage = stage
        self._making = making
        self._scenario = scenario
        self._nodes = nodes
        self._images: dict[Source, Image] = {}
        self._runs: dict[str, steps.Run] = {}
        self._changed: dict[str, frozenset[str]] = {}
        self._started: datetime = stage.clock.now()
        self._start = stage.clock.monotonic()

    async def play(self) -> None:
        """All steps, or those up to a look that decides: it shows something else than it must.

        What was seen is in the making's evidence. Raises ObstacleError, ApiError, RemoteError.
        """
        if self._stage.misbehaving is None:
            raise ObstacleError(misbehaving.NONE_SERVED, kind="unsupported")
        self._registry = await self._stage.misbehaving()
        name = self._registry.repository.pulled
        self._names = Names(self._stage.run, self._scenario, name)
        self._making.note(reference=str(name.with_tag(steps.V1.tag)))
        try:
            await self._steps()
        finally:
            if not self._stage.keep:
                await self._leave()

    async def _steps(self) -> None:
        """Until the end, or the first look that is not as it must be."""
        for step in self._scenario.steps:
            if isinstance(step, steps.See):
                if not await self._see(step):
                    return
            else:
                done = await self._do(step)
                self._making.note(story=(*self._making.evidence.story, done))

    async def _leave(self) -> None:
        """Take the pods away: a node has room for so many, and a suite has more. The rest goes with the run."""
        for run in self._runs.values():
            kind = resources.DEPLOYMENTS if run.deployment else resources.PODS
            found = Found(kind, self._stage.namespace, self._names.of(run.name), self._stage.run)
            await cleaning.remove(self._stage.cluster, found)

    async def _do(self, step: Step) -> Done:
        match step:
            case steps.Push(source, tag):
                done = await self._registry.repository.push(self._image(source), tag)
            case steps.Untag(source, tag):
                done = await self._registry.repository.delete(self._image(source), tag)
            case steps.Misbehave(how):
                done = await self._registry.misbehave(how)
            case steps.Demand(scheme):
                done = await self._registry.demand(scheme, _TAKEN)
            case steps.Behave():
                done = await self._registry.behave()
            case steps.RemoveImage() | steps.Preload() | steps.Stop():
                self._registry.mark()
                return await self._crictl(step)
            case _:
                self._registry.mark()
                return await self._change(step)
        self._registry.mark()
        return done

    # ------------------------------------------------------------------------------------- in the cluster

    async def _change(self, step: Step) -> Done:
        names = self._names
        match step:
            case steps.Secret(name):
                return await self._create(resources.SECRETS, objects.secret(names, step), f"credentials {step.login}")
            case steps.Account(name, secrets):
                account = objects.account(names, name, secrets)
                return await self._create(resources.SERVICE_ACCOUNTS, account, f"pull secrets {', '.join(secrets)}")
            case steps.Run():
                return await self._run(step)
            case steps.SetImage(name, image):
                containers = [{"name": CONTAINER, "image": names.image(image, self._making.evidence.variants)}]
                return await self._patch(name, {"spec": {"containers": containers}}, f"image {containers[0]['image']}")
            case steps.Restart(name):
                at = {"metadata": {"annotations": {_RESTARTED: meta.timestamp(self._stage.clock.now())}}}
                return await self._patch(name, at, "kubectl rollout restart")
            case steps.Delete(name):
                return await self._delete(name)
        raise AssertionError(f"{step} is done elsewhere")

    async def _create(self, resource: resources.Resource, wanted: Object, what: str) -> Done:
        made = await self._stage.cluster.create(resource, self._stage.namespace, wanted)
        return Done(f"created {resource.singular} {made['metadata']['name']}, {what}", "created")

    async def _run(self, run: steps.Run) -> Done:
        self._runs[run.name] = run
        fit = replace(self._stage.fit, node=self._nodes[run.node])
        wanted = objects.pod(self._names, run, self._making.evidence.variants, fit)
        resource = resources.DEPLOYMENTS if run.deployment else resources.PODS
        spec = wanted["spec"]["template"]["spec"] if run.deployment else wanted["spec"]
        policy = run.policy or "without imagePullPolicy"
        return await self._create(resource, wanted, f"{spec['containers'][0]['image']}, {policy}, on {fit.node}")

    async def _patch(self, name: str, template: Mapping[str, Any], what: str) -> Done:
        self._changed[name] = frozenset(
            seen.latest["metadata"]["uid"] for seen in looking.of(self._stage, self._scenario, name)
        )
        change = {"spec": {"template": template}}
        full = self._names.of(name)
        await self._stage.cluster.patch(resources.DEPLOYMENTS, self._stage.namespace, full, change, type="strategic")
        return Done(f"changed Deployment {full}: {what}", "accepted")

    async def _delete(self, name: str) -> Done:
        """The newest pod."""
        going = looking.newest(self._stage, self._scenario, steps.See(name), self._changed.get(name, frozenset()))
        if going is None:
            raise ObstacleError(f"there is no pod {name} to delete")
        full = going.latest["metadata"]["name"]
        await self._stage.cluster.delete(resources.PODS, self._stage.namespace, full)
        gone = await self._stage.watcher.until(lambda: going.gone or None, self._stage.outcome)
        if not gone:
            raise ObstacleError(f"pod {full} was still there after {self._stage.outcome:.0f} s")
        return Done(f"deleted pod {full}", "it is gone")

    # ------------------------------------------------------------------------------------------- on a node

    async def _crictl(self, step: steps.RemoveImage | steps.Preload | steps.Stop) -> Done:
        if self._stage.crictl is None:
            raise ObstacleError("the scenario uses crictl on a node: --node-access", kind="unsupported")
        node, words = self._typed(step)
        ran = await self._stage.crictl(node, words)
        command = f"crictl {words[0]} {words[-1]}"  # without credentials
        if (hindrance := hindrance_of(step, ran)) is not None:
            said = ran.output.strip() or "it was done"
            raise ObstacleError(f"`{command}` on node {node}: {said}", kind=hindrance)
        return Done(f"{command} on node {node}", ran.output.strip())

    def _typed(self, step: steps.RemoveImage | steps.Preload | steps.Stop) -> tuple[str, tuple[str, ...]]:
        """The node, and crictl's words there."""
        image = str(self._names.repository.with_tag(steps.V1.tag))
        match step:
            case steps.RemoveImage(node):
                return self._nodes[node], ("rmi", image)
            case steps.Preload(node):
                return self._nodes[node], ("pull", "--creds", ":".join(objects.LOGINS["one"]), image)
            case steps.Stop(name):
                return self._nodes[self._runs[name].node], ("stop", self._container(name))

    def _container(self, name: str) -> str:
        seen = looking.newest(self._stage, self._scenario, steps.See(name), self._changed.get(name, frozenset()))
        found = pods.container_status(seen.latest).get("containerID", "") if seen else ""
        if not found:
            raise ObstacleError(f"pod {name} has no container to stop")
        return str(found).partition("://")[2]

    # --------------------------------------------------------------------------------------------- looking

    async def _see(self, see: steps.See) -> bool:
        """Whether it is as it must be."""
        changed = self._changed.get(see.name, frozenset())
        node = self._nodes[self._runs[see.name].node]
        found = await looking.look(self._stage, self._scenario, see, changed, node, self._start)
        sight = replace(found, requests=self._registry.requests(self._started))
        evidence = self._making.evidence
        told = Done(f"looked at {see.name}", _told(sight))
        self._making.note(story=(*evidence.story, told), sights=(*evidence.sights, sight))
        right = judge.differing(self._scenario, self._making.evidence) is None
        if see.decides(self._scenario) or not right:
            self._making.note(
                pod=sight.pod,
                events=sight.events,
                log=sight.log,
                log_error=sight.log_error,
                registry_requests=sight.requests,
                waited=sight.waited,
                seconds=round(self._stage.clock.monotonic() - self._start, 3) if sight.settled else None,
            )
        return right

    # --------------------------------------------------------------------------------------- the registry

    def _image(self, source: Source) -> Image:
        if source not in self._images:
            image = self._stage.images.named(self._scenario.id, source)
            self._images[source] = image
            self._making.made(image.variant)
        return self._images[source]


def hindrance_of(step: Step, ran: Ran) -> Hindrance | None:
    """Whether crictl did the contrary of what it must, or something else went wrong. [pure]"""
    if not isinstance(step, steps.RemoveImage):
        return None if ran.code == 0 else "failed"
    refused = ran.code != 0 and _IN_USE in ran.output
    if refused if step.refused else ran.code == 0:
        return None
    return "contrary" if refused or ran.code == 0 else "failed"


def _told(sight: Sight) -> str:
    if sight.pod is None:
        return f"there was none within {sight.waited:.0f} s"
    image = f", {sight.pod.image_id}" if sight.pod.running else ""
    return f"{sight.pod.name} is {sight.pod.status}{image}"
