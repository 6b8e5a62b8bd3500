"""imagePullPolicy is Never, and the node does not have the image."""

from pullscope.pull import reasons
from pullscope.pull.flow import Text
from pullscope.why import kubelets, mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Certainty

ID = "never-absent"
TITLE = Text("Never pulls, and the node does not have the image", "Never は取得せず、ノードにイメージがない")


def look(case: Case) -> Cause | None:
    """A kubelet that checks credentials says the same of an image that the pod may not use (see credential-check)."""
    if case.word != "failing" or case.container.reason != reasons.ERR_IMAGE_NEVER_PULL:
        return None
    if case.held and case.kubelet.verifies(case.container.image):
        return None
    why = Text(
        "lets the kubelet pull what is not there, and starts fresh pods", "ノードにないイメージを取得できるようにする"
    )
    mend = mends.policy(case.container, "IfNotPresent", why)
    return Cause(
        ID,
        TITLE,
        _certainty(case),
        (said.plain(case.container.message), *_removed(case), *_listed(case)),
        mends.some(mend),
    )


def _certainty(case: Case) -> Certainty:
    if case.held:
        return "likely"
    complete = case.node is not None and case.node.complete
    return "certain" if complete or not case.kubelet.verifies(case.container.image) else "likely"


def _listed(case: Case) -> tuple[Text, ...]:
    """A report lags: what it still has may be gone, or have come since."""
    if not case.held:
        return ()
    rule = kubelets.rule(case.kubelet)
    late = Text(
        "the node lists it, but its report may be late", "ノードの一覧にはありますが、報告が遅れている可能性があります"
    )
    return (late, rule)


def _removed(case: Case) -> tuple[Text, ...]:
    """It was there when the container was started last, and some runtimes let one remove what is in use."""
    if case.container.started is None or case.kubelet.keeps_used is not False:
        return ()
    runtime = case.kubelet.runtime
    return (
        Text(
            f"it ran before, so the image was removed since: {runtime} removes one that is in use, too",
            f"以前は動いていたため、その後イメージが削除されています。{runtime} は使用中のイメージも削除します",
        ),
    )
