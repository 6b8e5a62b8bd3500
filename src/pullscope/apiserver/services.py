"""What handlers work with. One value, made by the server, shared by all."""

from dataclasses import dataclass, field

from pullscope.apiserver.authentication.authenticator import Authenticator
from pullscope.apiserver.authorization import Authorizer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import Clock
from pullscope.kube.api import Kubelet


@dataclass(frozen=True)
class Services:
    """`kubelets` maps node names to their kubelets; the lab fills it as nodes come and go."""

    store: Store
    clock: Clock
    authorizer: Authorizer
    authenticator: Authenticator
    kubelets: dict[str, Kubelet] = field(default_factory=dict)
