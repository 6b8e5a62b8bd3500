"""TokenReviews: whose token is this?

Upstream: kubernetes v1.36 pkg/registry/authentication/tokenreview/storage.go.
"""

from pullscope.apiserver import columns
from pullscope.apiserver.authentication.account_tokens import AUDIENCES
from pullscope.apiserver.authentication.signatures import BadTokenError
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.resources import self_subject_reviews
from pullscope.apiserver.services import Services
from pullscope.kube import resources, status
from pullscope.kube.api import Object


class TokenReviews:
    """Asks as a request with that token would be asked."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._authenticator = services.authenticator

    async def create(self, context: Context, obj: Object) -> Object:  # noqa: ARG002 (who asks does not matter)
        spec = obj.get("spec") or {}
        token = spec.get("token", "")
        if not token:
            raise status.bad_request("token is required for TokenReview in authentication")
        try:
            holder = self._authenticator.holder(token, spec.get("audiences") or AUDIENCES)
        except BadTokenError as error:
            answer: Object = {"user": {}, "error": str(error)}
        else:
            user = self_subject_reviews.user_info(holder.user)
            answer = {"authenticated": True, "user": user, "audiences": list(holder.audiences)}
        return {**self._kind.head, "metadata": obj["metadata"], "spec": spec, "status": answer}


KIND = Kind(resource=resources.TOKEN_REVIEWS, table=columns.PLAIN, handler=TokenReviews)
