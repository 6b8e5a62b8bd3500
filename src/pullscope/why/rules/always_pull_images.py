"""The admission plugin AlwaysPullImages made the policy Always: the node's copy does not help when the registry fails."""

from pullscope.pull import reasons
from pullscope.pull.flow import Text
from pullscope.why import remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause

ID = "always-pull-images"
TITLE = Text("AlwaysPullImages made the policy Always", "AlwaysPullImages によりポリシーが Always になった")

_ASKING = (*reasons.PULL_ERRORS, reasons.IMAGE_PULL_BACK_OFF)


def look(case: Case) -> Cause | None:
    """The template says one thing, the pod another; a cause only where the template's policy would have started it."""
    container, template = case.container, case.container.template
    if case.word != "failing" or container.reason not in _ASKING or case.outdated:
        return None
    if template is None or container.policy != "Always" or template.policy == "Always":
        return None
    if case.held is None and case.node is not None and case.node.complete:
        return None
    policies = Text(
        f"the template says {template.policy}, the pod has Always: admission changed it",
        f"テンプレートは {template.policy} ですが、アドミッションにより Pod は Always になりました",
    )
    evidence = (policies, *_listed(case), said.plain(container.message))
    return Cause(ID, TITLE, "certain" if case.held else "possible", evidence, remedies.of(case))


def _listed(case: Case) -> tuple[Text, ...]:
    if case.held is None:
        return ()
    node = case.container.node
    return (Text(f"node {node} has the image", f"ノード {node} にイメージはあります"),)
