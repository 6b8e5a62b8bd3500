"""Nobody wrote imagePullPolicy: the API server did, once, when the object was created, and a new tag does not change it.

Upstream: pkg/apis/core/v1/defaults.go, Kubernetes v1.36: `latest` or no tag makes it Always, any other tag IfNotPresent.
"""

from pullscope.pull import policy
from pullscope.pull.flow import Text
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Certainty
from pullscope.why.rules import node_cache

ID = "policy-defaulted"
TITLE = Text(
    "nobody wrote imagePullPolicy: it was defaulted when the object was created",
    "imagePullPolicy の指定がなく、作成時の既定値のまま",
)


def look(case: Case) -> Cause | None:
    """Certain where today's tag would be defaulted otherwise; else a circumstance of the node's cache."""
    template = case.container.template
    if case.word != "stale" or template is None or template.policy != "IfNotPresent" or not case.cached:
        return None
    if template.origin == "written" or case.delivered == "registry" or case.meaning.stream:
        return None
    kept = policy.default(template.image) != template.policy
    if template.origin == "unknown" and not kept:
        return None
    certainty: Certainty = "certain" if kept and template.origin == "defaulted" else "likely"
    evidence = (_kept(template.image) if kept else _defaulted(template.image),)
    return Cause(ID, TITLE, certainty, evidence, node_cache.follow(case)[:1])


def _kept(image: str) -> Text:
    return Text(
        f"{image} would be Always if it were created now: the image was changed later, which does not default it anew",
        f"{image} は新規作成なら Always になりますが、後からイメージを変更しても既定値は設定し直されません",
    )


def _defaulted(image: str) -> Text:
    return Text(
        f"{image} has a tag that is not latest, so it was made IfNotPresent",
        f"{image} のタグは latest ではないため、IfNotPresent になりました",
    )
