"""The pod is of an older template than the workload has now: a rollout that is not done, or is held back."""

from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "old-revision"
TITLE = Text(
    "the pod is of an older template; the rollout is not done", "Pod は古いテンプレートのもので、ロールアウトが未完了"
)


def look(case: Case) -> Cause | None:
    """Certain: the pod's own labels tell its revision."""
    container = case.container
    if case.word not in ("stale", "unknown") or not case.outdated or container.template is None:
        return None
    if container.template.paused:
        return None  # see rollout-paused
    images = Text(
        f"the pod was made for {container.image}; the template says {container.template.image} now",
        f"Pod は {container.image} で作られましたが、テンプレートは現在 {container.template.image} です",
    )
    return Cause(ID, TITLE, "certain", (images,), (_mend(case),))


def _mend(case: Case) -> Mend:
    container = case.container
    if container.workload.kind == "Deployment":
        words = ("kubectl", "rollout", "status", container.workload.resource, *mends.within(container))
        why = Text(
            "shows what the rollout waits for; the findings on the newer pods say why",
            "ロールアウトが何を待っているか表示する。理由は新しい Pod の診断を参照",
        )
        return Mend(mends.command(*words), why)
    return mends.again(container, Text("lets the workload make the pod anew", "Pod を作り直させる"))
