"""The registry answers that there were too many requests."""

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import mends, remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "rate-limited"
TITLE = Text("the registry limits the rate of requests", "レジストリがリクエスト数を制限している")


def look(case: Case) -> Cause | None:
    """The runtime's sentence tells, late: it tries a while within one pull. Before that only that it was so from here."""
    image = case.asked
    if case.word == "failing" and case.complaint is Complaint.LIMITED:
        return Cause(ID, TITLE, "certain", (said.plain(case.container.message),), remedies.of(case))
    if case.word == "unknown" and image and image.status == "rate limited":
        evidence = (Text(f"from here: {image.error}", f"ここからは: {image.error}"),)
        return Cause(ID, TITLE, "possible" if case.running else "likely", evidence, mends.some(*remedies.limited(case)))
    return None
