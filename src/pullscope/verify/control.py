"""The positive control of a failing case: once the image is there, a fresh pod of the same template must run.

Without it a case could fail for any reason that goes with the pod or the node. A fresh pod, since the failed one waits
out its back-off; the ReplicaSet makes it when the failed one is deleted, so the template is the same.
"""

from pullscope.kube import resources
from pullscope.verify import deployed, pods
from pullscope.verify.case import Case
from pullscope.verify.evidence import Control, Pod, Step
from pullscope.verify.stage import Ground


async def control(stage: Ground, case: Case, failed: Pod, mended: tuple[Step, ...]) -> Control | None:
    """After what the case lacks was mended: delete its failed pod and see what the next one does; None when none comes."""
    start = stage.clock.monotonic()
    await stage.cluster.delete(resources.PODS, stage.namespace, failed.name)
    seen = await deployed.settled_pod(stage, case, {failed.uid})
    if seen is None:
        return None
    fresh = pods.describe(seen.latest, ())
    return Control(
        steps=(*mended, Step(f"deleted pod {failed.name}", f"its ReplicaSet made {fresh.name}")),
        uid=fresh.uid,
        template_hash=fresh.template_hash,
        status=fresh.status,
        running=fresh.running,
        image_id=fresh.image_id,
        seconds=round(stage.clock.monotonic() - start, 3),
    )
