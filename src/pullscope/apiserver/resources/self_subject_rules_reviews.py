"""`kubectl auth can-i --list`: all rules that who asks has in a namespace.

Upstream: kubernetes v1.36 pkg/registry/authorization/selfsubjectrulesreview/rest.go.
"""

from collections.abc import Sequence

from pullscope.apiserver import columns
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.rbac.rules import Rule
from pullscope.apiserver.services import Services
from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

SELF_SUBJECT_RULES_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False
)


class SelfSubjectRulesReviews:
    """Tells what the roles give; members of system:masters have more than is told, as upstream."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._authorizer = services.authorizer

    async def create(self, context: Context, obj: Object) -> Object:
        namespace = (obj.get("spec") or {}).get("namespace", "")
        if not namespace:
            raise status.bad_request("no namespace on request")
        rules, trouble = self._authorizer.rules_for(context.user, namespace)
        answer: Object = {
            "resourceRules": [_resource_rule(rule) for rule in rules if rule.resources],
            "nonResourceRules": [
                {"verbs": list(rule.verbs), "nonResourceURLs": list(rule.urls)} for rule in rules if rule.urls
            ],
            "incomplete": False,
        }
        if trouble:
            answer["evaluationError"] = trouble
        return {**self._kind.head, "metadata": {}, "spec": {}, "status": answer}


def _resource_rule(rule: Rule) -> Object:
    fields: dict[str, Sequence[str]] = {
        "verbs": rule.verbs,
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "resourceNames": rule.names,
    }
    return {field: list(texts) for field, texts in fields.items() if texts}


KIND = Kind(resource=SELF_SUBJECT_RULES_REVIEWS, table=columns.PLAIN, handler=SelfSubjectRulesReviews)
