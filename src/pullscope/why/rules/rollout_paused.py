"""The workload's rollouts are paused (`spec.paused`): its template has another image by now, and no pod is made of it.

Upstream: pkg/controller/deployment (Kubernetes v1.36), which makes no ReplicaSet of a paused Deployment's new template.
"""

from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "rollout-paused"
TITLE = Text("the workload's rollouts are paused", "ロールアウトが一時停止されている")


def look(case: Case) -> Cause | None:
    """Certain: the workload says so itself."""
    container = case.container
    if case.word not in ("stale", "unknown", "failing") or not case.outdated or container.template is None:
        return None
    if not container.template.paused:
        return None
    images = Text(
        f"the pod was made for {container.image}; the template says {container.template.image} now, but spec.paused is true",
        f"Pod は {container.image} で作られ、テンプレートは現在 {container.template.image} ですが、spec.paused が true です",
    )
    why = Text("lets the rollout go on, which makes fresh pods", "ロールアウトを再開し、Pod を作り直す")
    return Cause(ID, TITLE, "certain", (images,), (mends.resume(container, why),))
