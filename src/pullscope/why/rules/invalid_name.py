"""The image's name is no reference, so nobody can be asked for it."""

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError
from pullscope.pull import reasons
from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "invalid-name"
TITLE = Text("the image's name is malformed", "イメージ名の書式が不正")


def look(case: Case) -> Cause | None:
    """The kubelet says so."""
    if case.word != "failing" or case.container.reason != reasons.INVALID_IMAGE_NAME:
        return None
    return Cause(ID, TITLE, "certain", (said.plain(case.container.message),), _mends(case))


def _mends(case: Case) -> tuple[Mend, ...]:
    """Repositories are written in small letters, which is what most such names lack."""
    container = case.container
    repository, colon, tag = container.image.rpartition(":")
    small = repository.lower() + colon + tag if colon and "/" not in tag else container.image.lower()
    try:
        references.parse(small)
    except InvalidReferenceError:
        why = Text("opens the workload in an editor: write the image's name there", "エディターでイメージ名を直す")
        return (mends.edit(container, why),)
    why = Text("writes the name in small letters", "名前を小文字にする")
    return mends.some(mends.image(container, small, why))
