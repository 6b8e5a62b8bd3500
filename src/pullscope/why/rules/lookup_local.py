"""`lookupPolicy.local`: admission put the image stream's digest in the place of a short name, once, when the pod was made."""

from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "lookup-local"
TITLE = Text(
    "admission resolved the name through an image stream when the pod was made",
    "Pod 作成時に、名前がイメージストリームで解決された",
)


def look(case: Case) -> Cause | None:
    """Certain: the pod has a digest where the template has a short name."""
    container, stream = case.container, case.meaning.stream
    if case.word != "stale" or case.answer != "different" or stream is None or container.trigger:
        return None
    if not case.by_digest or case.outdated:
        return None
    resolved = Text(
        f"{case.meaning.text} was asked for, the pod has {container.image}; {stream} has moved since",
        f"{case.meaning.text} が指定され、Pod は {container.image} です。{stream} はその後動きました",
    )
    return Cause(ID, TITLE, "certain", (resolved,), (_mend(case),))


def _mend(case: Case) -> Mend:
    why = Text("starts fresh pods, for which the name is resolved anew", "Pod を作り直し、名前を解決し直す")
    return anew(case, why)


def anew(case: Case, why: Text) -> Mend:
    """Let the name be resolved anew: for fresh pods, or in the template where a digest was written over it."""
    kept = case.container.template is not None and case.container.template.image == case.meaning.text
    changed = None if kept else mends.image(case.container, case.meaning.text, why)
    return changed or mends.fresh(case.container, why)
