"""What comes from the registry is not what its digest names: a proxy, a cache or a damaged registry changes it."""

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "wrong-content"
TITLE = Text("what the registry sends is not what its digest names", "レジストリから届く内容がダイジェストと一致しない")


def look(case: Case) -> Cause | None:
    """The runtime's sentence tells."""
    if case.word != "failing" or case.complaint is not Complaint.CONTENT:
        return None
    return Cause(ID, TITLE, "certain", (said.plain(case.container.message),), remedies.of(case))
