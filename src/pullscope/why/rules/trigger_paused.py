"""The workload's image follows an image stream's tag, but the trigger is paused."""

from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "trigger-paused"
TITLE = Text("the image trigger is paused", "イメージトリガーが一時停止されている")


def look(case: Case) -> Cause | None:
    """Certain: the annotation says so."""
    container, stream = case.container, case.meaning.stream
    if case.word != "stale" or not container.trigger_paused or stream is None or case.answer != "different":
        return None
    digest = said.short(case.meaning.image.digest) if case.meaning.image else ""
    moved = Text(
        f"{stream} points to {digest} now; the trigger that follows it is paused",
        f"{stream} は現在 {digest} を指しますが、トリガーは一時停止中です",
    )
    words = ("oc", "set", "triggers", container.workload.resource, "--auto", *mends.within(container))
    why = Text(
        "lets the triggers set the image again, which starts fresh pods", "トリガーを再開する (Pod が作り直される)"
    )
    return Cause(ID, TITLE, "certain", (moved,), (Mend(mends.command(*words), why),))
