"""An image trigger puts its image stream's digest in the place of the image that people write."""

from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "trigger-rewrites"
TITLE = Text("an image trigger rewrites the image", "イメージトリガーがイメージを書き換えている")


def look(case: Case) -> Cause | None:
    """Certain where the last apply asked for another image than the trigger's."""
    container, template, stream = case.container, case.container.template, case.meaning.stream
    if case.word != "stale" or template is None or stream is None or not case.rewritten:
        return None
    asked = Text(
        f"the last apply asked for {template.applied}; the trigger on {stream} made it {template.image}",
        f"最後の apply は {template.applied} を指定しましたが、{stream} のトリガーが {template.image} に書き換えました",
    )
    removed = ("oc", "set", "triggers", container.workload.resource, f"--from-image={stream}", "-c", container.name)
    why = Text(
        "removes the trigger, and sets the image that was asked for", "トリガーを外し、指定したイメージを設定する"
    )
    freed = Mend(mends.command(*removed, "--remove", *mends.within(container)), why)
    return Cause(ID, TITLE, "certain", (asked,), (mends.chain(freed, mends.image(container, template.applied, why)),))
