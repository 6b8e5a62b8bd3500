"""What handlers work with. One value, made by the server, shared by all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pullscope.apiserver.authentication.authenticator import Authenticator
from pullscope.apiserver.authorization import Authorizer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import Clock
from pullscope.kube.api import Kubelet
from pullscope.oci.platform import WASI, Platform
from pullscope.remote.registries import Registries


@dataclass(frozen=True)
class Imaging:
    """What the kinds of image.openshift.io need besides the store.

    `public_registry` is where users reach the internal registry (`host:port`, empty: nowhere), `registries` the way to
    all registries (None: nothing can be imported), `platforms` those that this cluster runs, the preferred ones first.
    """

    public_registry: str = ""
    registries: Registries | None = None
    platforms: Sequence[Platform] = (WASI, Platform("linux", "amd64"))


@dataclass(frozen=True)
class Services:
    """`kubelets` maps node names to their kubelets; the lab fills it as nodes come and go."""

    store: Store
    clock: Clock
    authorizer: Authorizer
    authenticator: Authenticator
    kubelets: dict[str, Kubelet] = field(default_factory=dict)
    imaging: Imaging = Imaging()
