"""The image has no variant for the node's platform."""

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import identity, remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "architecture"
TITLE = Text("the image has no variant for the node's platform", "ノードのプラットフォーム用のイメージがない")


def look(case: Case) -> Cause | None:
    """The runtime's sentence tells."""
    if case.word != "failing" or case.complaint is not Complaint.PLATFORM:
        return None
    return Cause(ID, TITLE, "certain", (said.plain(case.container.message), *_platforms(case)), remedies.of(case))


def _platforms(case: Case) -> tuple[Text, ...]:
    """What there is and what is wanted, where both could be seen."""
    wanted = identity.platform(case.node)
    held = ", ".join(case.asked.manifests) if case.asked else ""
    if not (wanted and held):
        return ()
    return (Text(f"the node is {wanted}; the image is for {held}", f"ノードは {wanted}、イメージは {held} 用です"),)
