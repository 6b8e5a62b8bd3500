"""② Put an image on a node without rights on the node: a pod pulls it there, is deleted, and is gone."""

from dataclasses import dataclass

from pullscope.kube import resources
from pullscope.verify import objects, pods
from pullscope.verify.case import Case
from pullscope.verify.evidence import Primed, Step
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.stage import Ground
from pullscope.verify.watcher import SeenPod


@dataclass(frozen=True)
class Priming:
    """What was done, and what it came to."""

    steps: tuple[Step, ...]
    primed: Primed


async def put_on_node(stage: Ground, case: Case, image: str) -> Priming:
    """Run a pod with `image` until it has started, then delete it and wait until it is gone.

    Raises ObstacleError when it does not start or does not go.
    """
    wanted = objects.primer(stage.run, case, image, stage.fit)
    created = await stage.cluster.create(resources.PODS, stage.namespace, wanted)
    uid, name = created["metadata"]["uid"], created["metadata"]["name"]
    ran = pods.describe((await _settled(stage, uid)).latest, ())
    if not ran.running:
        raise ObstacleError(
            f"the image could not be put on the node: the pod that was to pull it is {ran.status}: {ran.message}"
        )
    await stage.cluster.delete(resources.PODS, stage.namespace, name)
    gone = await stage.watcher.until(lambda: stage.watcher.pods[uid].gone or None, stage.outcome)
    steps = (
        Step(f"ran pod {name} with the tag", f"Running on {ran.node}, imageID {ran.image_id}"),
        Step(f"deleted pod {name}", "it is gone" if gone else f"still there after {stage.outcome:.0f} s"),
    )
    return Priming(steps, Primed(name, ran.node, ran.image_id, gone=bool(gone)))


async def _settled(stage: Ground, uid: str) -> SeenPod:
    def found() -> SeenPod | None:
        seen = stage.watcher.pods.get(uid)
        return seen if seen is not None and pods.has_settled(seen.latest) else None

    seen = await stage.watcher.until(found, stage.outcome)
    if seen is None:
        status = pods.status(stage.watcher.pods[uid].latest) if uid in stage.watcher.pods else "not seen"
        raise ObstacleError(
            f"the image could not be put on the node: after {stage.outcome:.0f} s the pod that was to pull it is {status}"
        )
    return seen
