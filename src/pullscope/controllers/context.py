"""What every controller is given."""

from collections.abc import Callable
from dataclasses import dataclass

from pullscope.base.clock import Clock
from pullscope.controllers.cache import Cache
from pullscope.kube.api import Api, UserInfo
from pullscope.kube.status import ApiError

NAMESPACE = "kube-system"


@dataclass(frozen=True)
class Context:
    """The cluster as controllers see it (`cache`), the way to change it (`client`), the time, and the machine's name."""

    client: Callable[[UserInfo], Api]
    cache: Cache
    clock: Clock
    host: str

    def acting_as(self, controller: str) -> Api:
        """The API under the service account of that controller, as upstream's controller manager asks it."""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{NAMESPACE}", "system:authenticated")
        return self.client(UserInfo(f"system:serviceaccount:{NAMESPACE}:{controller}", groups=groups))


def is_namespace_terminating(error: ApiError) -> bool:
    """Creation is refused because the namespace is going: nothing to report, the object that asks is going too."""
    causes = (error.details or {}).get("causes") or []
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)
