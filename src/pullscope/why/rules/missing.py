"""The registry has no such tag, or no such repository."""

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import mends, remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "missing"
TITLE = Text("the registry does not have the image", "レジストリにイメージがない")

_GONE = ("no tag", "no repository")


def look(case: Case) -> Cause | None:
    """The runtime's sentence tells; of a container that still runs, the registry. Where it is back, only the wait is left."""
    if case.word == "failing" and case.complaint is Complaint.MISSING:
        back = case.asked is not None and case.asked.status == "found"
        evidence = (said.plain(case.container.message), *_asked(case))
        return Cause(ID, TITLE, "possible" if back else "certain", evidence, remedies.of(case))
    if case.word == "unknown" and case.running and not case.meaning.stream and _asked(case):
        return Cause(ID, TITLE, "certain", _asked(case), mends.some(*remedies.push(case)))
    return None


def _asked(case: Case) -> tuple[Text, ...]:
    image = case.asked
    if image is None or image.status not in _GONE:
        return ()
    status = said.STATUS[image.status]
    return (Text(f"asked now, the registry says: {status.en}", f"現在のレジストリの応答: {status.ja}"),)
