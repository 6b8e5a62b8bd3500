"""The registry cannot be reached, is not trusted, or answers with errors of its own."""

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import mends, remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "unreachable"
TITLE = Text("the registry cannot be reached", "レジストリに接続できない")

_COMPLAINTS = (Complaint.UNREACHABLE, Complaint.TLS, Complaint.BROKEN)


def look(case: Case) -> Cause | None:
    """The runtime's sentence tells; of a container that runs only that it was so from here."""
    image = case.asked
    if case.word == "failing" and case.complaint in _COMPLAINTS:
        answered = image is not None and image.status == "found"
        evidence = (said.plain(case.container.message),)
        return Cause(ID, TITLE, "likely" if answered else "certain", evidence, remedies.of(case))
    if case.word == "unknown" and case.running and image and image.status in ("unreachable", "invalid"):
        evidence = (Text(f"from here: {image.error}", f"ここからは: {image.error}"),)
        return Cause(ID, TITLE, "possible", evidence, mends.some(*remedies.reach(case)))
    return None
