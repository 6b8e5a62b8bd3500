"""The positive control of a failing case: once the image is there, a fresh pod of the same template must run.

Without it a case could fail for any reason that goes with the pod or the node. A fresh pod, since the failed one waits
out its back-off; the ReplicaSet makes it when the failed one is deleted, so the template is the same.
"""

from pullscope.kube import resources
from pullscope.verify import deployed, pods, primer
from pullscope.verify.case import Case
from pullscope.verify.evidence import Control, Pod, Step
from pullscope.verify.stage import Stage
from pullscope.verify.variants import Image


async def control(stage: Stage, case: Case, failed: Pod, image: Image, tag: str) -> Control | None:
    """Mend what the case lacks, delete its failed pod and see what the next one does; None when none comes."""
    steps = await _mend(stage, case, image, tag)
    start = stage.clock.monotonic()
    await stage.cluster.delete(resources.PODS, stage.namespace, failed.name)
    seen = await deployed.settled_pod(stage, case, {failed.uid})
    if seen is None:
        return None
    fresh = pods.describe(seen.latest, ())
    return Control(
        steps=(*steps, Step(f"deleted pod {failed.name}", f"its ReplicaSet made {fresh.name}")),
        uid=fresh.uid,
        template_hash=fresh.template_hash,
        status=fresh.status,
        running=fresh.running,
        image_id=fresh.image_id,
        seconds=round(stage.clock.monotonic() - start, 3),
    )


async def _mend(stage: Stage, case: Case, image: Image, tag: str) -> tuple[Step, ...]:
    """Under Never the node lacks the image, else the registry does."""
    if case.policy == "Never":
        return (await primer.put_on_node(stage, case, stage.repository.reference(tag))).steps
    return (await stage.repository.push(image, tag),)
