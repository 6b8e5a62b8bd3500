"""The workload's image follows an image stream's tag by a trigger that is not paused, and still its template names an older image.

Upstream: openshift-controller-manager 4.22 pkg/image/trigger: the controller looks at these kinds, when a stream or the
workload changes, and writes the newest image of the tag into the template.
"""

from datetime import timedelta

from pullscope.pull.flow import Text
from pullscope.why import identity, mends, said
from pullscope.why.case import Case
from pullscope.why.facts import TagItem
from pullscope.why.findings import Cause, Certainty

ID = "trigger-idle"
TITLE = Text("the image trigger has not acted", "イメージトリガーがまだ動作していない")

KINDS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "CronJob", "DeploymentConfig"})
"""What image triggers look at."""
_JUST = timedelta(seconds=30)


def look(case: Case) -> Cause | None:
    """Certain once there was time for it: the template and the stream were both read."""
    container, stream, image = case.container, case.meaning.stream, case.meaning.image
    if case.word != "stale" or not container.trigger or container.trigger_paused or case.outdated:
        return None
    if stream is None or stream.item is None or not stream.item.items or image is None or case.answer != "different":
        return None
    newest, template = stream.item.items[0], container.template
    there = case.world.reference(template.image) if template else case.reference
    if there is not None and there.digest and str(there.digest) in identity.digests(image):
        return None
    certainty, why = _why(case, newest)
    named = Text(
        f"{stream} points to {said.short(newest.image)}; the template names {template.image if template else container.image}",
        f"{stream} は {said.short(newest.image)} を指し、テンプレートは {template.image if template else container.image} です",
    )
    put = Text("does what the trigger should have done", "トリガーの代わりにイメージを設定する")
    return Cause(ID, TITLE, certainty, (named, why), mends.some(mends.image(container, newest.reference, put)))


def _why(case: Case, newest: TagItem) -> tuple[Certainty, Text]:
    kind = case.container.workload.kind
    if kind not in KINDS:
        return "certain", Text(f"no image trigger looks at a {kind}", f"イメージトリガーは {kind} を対象としません")
    if newest.created is not None and case.world.facts.collected - newest.created < _JUST:
        return "possible", Text("the tag has only just moved", "タグは動いたばかりです")
    return "certain", Text(
        "nothing put it there since: the openshift-controller-manager, which does it, may not be running",
        "その後更新されていません。担当の openshift-controller-manager が動いていない可能性があります",
    )
