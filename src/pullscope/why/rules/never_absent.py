"""imagePullPolicy is Never, and the node does not have the image."""

from pullscope.pull import reasons
from pullscope.pull.flow import Text
from pullscope.why import forecast, mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Certainty

ID = "never-absent"
TITLE = Text("Never pulls, and the node does not have the image", "Never は取得せず、ノードにイメージがない")


def look(case: Case) -> Cause | None:
    """Since 1.35 the kubelet says the same of an image that the pod may not use (see credential-check)."""
    if case.word != "failing" or case.container.reason != reasons.ERR_IMAGE_NEVER_PULL or case.held:
        return None
    why = Text(
        "lets the kubelet pull what is not there, and starts fresh pods", "ノードにないイメージを取得できるようにする"
    )
    mend = mends.policy(case.container, "IfNotPresent", why)
    return Cause(ID, TITLE, _certainty(case), (said.plain(case.container.message),), mends.some(mend))


def _certainty(case: Case) -> Certainty:
    complete = case.node is not None and case.node.complete
    return "certain" if complete or forecast.kubelet(case) < reasons.CREDENTIAL_CHECK else "likely"
