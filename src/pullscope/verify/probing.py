"""A probe pod before all cases: can the nodes pull from the repository, and what of a case cannot be made here?

Found out by doing it: the cluster's changes of the pod are read back, a tag that moved tells of mirrors, and the probe's
manifest is deleted to see whether that is possible. What is found is named, and never guessed at afterwards.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

from pullscope.base.errors import UnreachableError
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.remote import errors
from pullscope.verify import advice, evidence, failures, objects, pods, rights
from pullscope.verify.case import Case, Policy
from pullscope.verify.evidence import Obstacle
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.scenarios.steps import Scenario
from pullscope.verify.stage import Stage
from pullscope.verify.variants import Image

T = TypeVar("T")

_PATIENCE = 120.0  # seconds; the first pull of a node may also need its first look at the network
_DENIED = (401, 403)
_POLICY: Policy = "IfNotPresent"


@dataclass(frozen=True)
class Known:
    """What was found out. Empty texts: nothing is in the way.

    `policy`: how the cluster changes pods under IfNotPresent; `deletion`: why no manifest can be deleted; `mirror`: why what
    nodes get for a tag may be older than the registry's.
    """

    policy: str = ""
    deletion: str = ""
    mirror: str = ""

    def obstacle(self, case: Case) -> Obstacle | None:
        """What keeps the case from being made, or from being proven. A scenario has a registry of its own."""
        if isinstance(case, Scenario):
            return None
        if self.policy and case.policy == _POLICY:
            return Obstacle("unsupported", self.policy)
        if self.deletion and not case.in_registry:
            return Obstacle("unsupported", self.deletion)
        if self.mirror and case.on_node:
            return Obstacle("failed", self.mirror)
        return None


async def probe(stage: Stage) -> Stage:
    """The same stage with what was found: the node to use, the pull secret, the obstacles.

    Raises UnreachableError when nodes cannot pull, or no pod is admitted; ApiError.
    """
    tag = f"probe-{stage.run}"
    first = stage.images.named("probe", "node")
    await _explained(stage.repository.push(first, tag), stage.repository.registry)
    stage = await _with_login(stage, tag)
    mark = await stage.repository.mark()
    pod = await _pulled(stage, 1, tag, _POLICY, (first,))
    stage = replace(stage, fit=replace(stage.fit, node=pod.node))
    mirror, held = await _mirrored(stage, tag, mark, first)
    known = Known(_changed(pod, stage.repository.reference(tag)), await _undeletable(stage, tag, held), mirror)
    return replace(stage, known=known.obstacle, always_pull_images=pod.policy == "Always")


async def _explained(work: Awaitable[T], registry: str) -> T:
    """What `work` gives; a registry that refuses us ends the run, and says what to do."""
    try:
        return await work
    except errors.TlsError as error:
        hint = "its authority is named with --registry-ca FILE; without a certificate, or over plain HTTP: --insecure-registry"
        raise UnreachableError(error.message, hint=hint) from error
    except errors.UnreachedError:
        raise
    except errors.StatusError as error:
        if error.status not in _DENIED:
            raise UnreachableError(f"cannot push: {error.message}") from error
        hint = f"log in with an account that may push: podman login {registry}"
        raise UnreachableError(f"registry {registry} does not let us push ({error.message})", hint=hint) from error
    except errors.RemoteError as error:
        raise UnreachableError(f"cannot push: {error.message}") from error


async def _with_login(stage: Stage, tag: str) -> Stage:
    """With a pull secret where nodes could not pull without one."""
    login = await stage.repository.needs_login(tag)
    if login is None:
        return stage
    lacking = await rights.lacking(stage.cluster, stage.namespace, rights.SECRETS)
    if lacking:
        what = f"nodes need credentials for {stage.repository.registry}, and no pull secret can be made"
        hint = "ask for these rights, or let the repository be pulled without credentials"
        raise UnreachableError(f"{what}, for want of {', '.join(map(str, lacking))} in {stage.namespace}", hint=hint)
    name = f"pullscope-{stage.run}"
    wanted = objects.pull_secret(name, objects.labels(stage.run), stage.repository.registry, login)
    await stage.cluster.create(resources.SECRETS, stage.namespace, wanted)
    return replace(stage, fit=replace(stage.fit, pull_secret=name))


async def _pulled(stage: Stage, number: int, tag: str, policy: Policy, images: tuple[Image, ...]) -> evidence.Pod:
    """A pod that ran one of these images from the tag. Raises UnreachableError when it did not come to that."""
    image = stage.repository.reference(tag)
    wanted = objects.probe(stage.run, number, image, policy, stage.fit)
    try:
        created = await stage.cluster.create(resources.PODS, stage.namespace, wanted)
    except ApiError as error:
        raise UnreachableError(f"namespace {stage.namespace} does not admit our pods: {error.message}") from error
    uid, name = created["metadata"]["uid"], created["metadata"]["name"]

    def settled() -> Object | None:
        seen = stage.watcher.pods.get(uid)
        if seen is None:
            return None
        unscheduled = pods.describe(seen.latest, ()).unscheduled
        nowhere = bool(number == 1 and stage.fit.node and unscheduled)  # the node that was named is no place for it
        return seen.latest if seen.gone or nowhere or pods.has_settled(seen.latest) else None

    found = await stage.watcher.until(settled, _PATIENCE)
    if found is None or pods.describe(found, ()).unscheduled:
        what = f"pod {name} finds no place to start, or none in time{_complaint(stage, uid)}"
        named = f"it may run on node {stage.fit.node} alone: is there one, and does it take pods? `kubectl get nodes`"
        raise UnreachableError(what, hint=named if number == 1 and stage.fit.node else "")
    pod = pods.describe(found, ())
    if not pod.running:
        raise _cannot_pull(stage, pod, image)
    if not any(pod.image_id.rpartition("@")[2] in each.variant.digests for each in images):
        what = f"node {pod.node} runs {pod.image_id} under {image}, which is not what was pushed there"
        raise UnreachableError(what, hint="is there a mirror of that registry, or another registry of that name?")
    await stage.cluster.delete(resources.PODS, stage.namespace, name)
    return pod


def _cannot_pull(stage: Stage, pod: evidence.Pod, image: str) -> UnreachableError:
    """One line that says what the nodes say, and one that says what to add where."""
    registry = stage.repository.registry
    if pod.reason not in failures.PULL_REASONS:
        said = " ".join(pod.message.split())
        return UnreachableError(f"pod {pod.name} does not start: {pod.reason or pod.status}: {said}")
    events = stage.watcher.events_of({pod.uid}, 0)
    cause = failures.cause(evidence.Evidence(reference=image, pod=pod, events=events))
    said = " ".join(failures.sentence(pod, events).split())
    what = f"nodes cannot pull from {registry}: {cause.value} ({pod.node} says: {said})"
    return UnreachableError(what, hint=advice.mend(cause, said, registry))


def _complaint(stage: Stage, uid: str) -> str:
    """What the cluster says of a pod that does not get on."""
    seen = stage.watcher.pods.get(uid)
    unscheduled = pods.describe(seen.latest, ()).unscheduled if seen else ""
    warnings = [event.message for event in stage.watcher.events_of({uid}, 0) if event.type == "Warning"]
    said = unscheduled or (warnings[-1] if warnings else "")
    return f": {said}" if said else ""


def _changed(pod: evidence.Pod, image: str) -> str:
    if pod.policy != _POLICY:
        return (
            f"the cluster changes imagePullPolicy from {_POLICY} to {pod.policy or 'nothing'} in pods "
            "(an admission plugin such as AlwaysPullImages does that)"
        )
    return "" if pod.image == image else f"the cluster rewrites the image from {image} to {pod.image} in pods"


async def _mirrored(stage: Stage, tag: str, mark: int | None, first: Image) -> tuple[str, Image]:
    """Whether nodes get a tag from somewhere else than the registry, and what the tag holds now."""
    if mark is not None:
        asked = await stage.repository.requests(mark, tag, (first.variant,), stage.clock.now())
        if asked:
            return "", first
        return (
            "the registry's log shows no request for an image that a node pulled: a mirror or cache is in between",
            first,
        )
    second = stage.images.named("probe", "registry")
    await stage.repository.push(second, tag)
    pod = await _pulled(stage, 2, tag, "Always", (first, second))
    if pod.image_id.rpartition("@")[2] in second.variant.digests:
        return "", second
    why = "under Always a node got the image that the tag had before, not the one that the registry has"
    return f"{why}: a mirror or pull-through cache is in between, or the node does not ask", second


async def _undeletable(stage: Stage, tag: str, held: Image) -> str:
    """Why a tag cannot be made to be missing."""
    try:
        await stage.repository.delete(held, tag)
    except ObstacleError as error:
        return error.obstacle.text
    except errors.StatusError as error:
        return f"the registry does not delete a manifest: {error.message}"
    left = await stage.repository.held(tag)
    return f"the registry accepts that a manifest is deleted, and still has {left}" if left else ""
