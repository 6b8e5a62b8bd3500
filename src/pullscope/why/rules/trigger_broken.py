"""An annotation should let the image follow an image stream's tag, but it leads to no container, or names no such tag.

Upstream: openshift-controller-manager 4.22 pkg/image/trigger/annotations, which passes over what it does not understand.
"""

from pullscope.openshift import names
from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause
from pullscope.why.rules import trigger_missing

ID = "trigger-broken"
TITLE = Text("the image trigger's annotation leads nowhere", "イメージトリガーのアノテーションが正しくない")


def look(case: Case) -> Cause | None:
    """As certain as it is that a trigger is missing; likely where there is no image to run at all."""
    container = case.container
    if not container.trigger_fault:
        return None
    wrong = Text(
        f"nobody understands this part of {names.TRIGGERS}: {container.trigger_fault}",
        f"{names.TRIGGERS} のこの部分は解釈されません: {container.trigger_fault}",
    )
    missing = trigger_missing.followed(case)
    if missing is not None:
        return Cause(ID, TITLE, missing.certainty, (*missing.evidence, wrong), missing.mends)
    if case.word != "failing":
        return None
    why = Text("opens the workload in an editor: correct the annotation", "アノテーションを修正する")
    return Cause(ID, TITLE, "possible", (wrong,), (mends.edit(container, why),))
