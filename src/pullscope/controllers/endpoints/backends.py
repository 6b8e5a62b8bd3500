"""Which pods are behind a service, and at which ports they answer.

Upstream: pkg/controller/endpoint/endpoints_controller.go, k8s.io/endpointslice/util (ShouldPodBeInEndpoints), pkg/api/v1/pod
(FindPort), v1.36.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pullscope.controllers.cache import Seen
from pullscope.controllers.pods import PodView
from pullscope.kube.api import Object

HEADLESS = "service.kubernetes.io/headless"


@dataclass(frozen=True)
class Port:
    """A port of a service, as one pod serves it."""

    name: str
    number: int
    protocol: str
    application: str = ""

    def shown(self) -> Object:
        """As both kinds of object have it."""
        application = {"appProtocol": self.application} if self.application else {}
        return {"name": self.name, "port": self.number, "protocol": self.protocol, **application}


@dataclass(frozen=True)
class Backend:
    """One pod behind a service. `published`: it counts as ready whether it is or not."""

    pod: Seen[PodView]
    ports: tuple[Port, ...]
    published: bool

    @property
    def serving(self) -> bool:
        return self.pod.view.ready

    @property
    def ready(self) -> bool:
        return self.published or (self.serving and not self.pod.deleting)

    @property
    def target(self) -> Object:
        """The reference to the pod."""
        return {"kind": "Pod", "namespace": self.pod.namespace, "name": self.pod.name, "uid": self.pod.uid}


def selects(service: Object, view: PodView) -> bool:
    """Whether the pod is behind the service, as far as labels go."""
    selector = service["spec"].get("selector")
    return bool(selector) and is_managed(service) and selector.items() <= view.labels.items()


def is_managed(service: Object) -> bool:
    """Whether its endpoints are the controllers' business."""
    spec = service["spec"]
    return spec.get("selector") is not None and spec.get("type") != "ExternalName"


def is_headless(service: Object) -> bool:
    return bool(service["spec"].get("clusterIP") == "None")


def of(service: Object, pods: Iterable[Seen[PodView]]) -> list[Backend]:
    """The pods that are behind the service, those that are going too, by address."""
    published = bool(service["spec"].get("publishNotReadyAddresses"))
    found = [
        Backend(pod, tuple(_ports(service, pod.view)), published)
        for pod in pods
        if selects(service, pod.view) and _has_address(pod.view)
    ]
    return sorted(found, key=lambda each: (each.pod.view.ip, each.pod.name))


def _has_address(view: PodView) -> bool:
    """A pod that ended for good has none any more."""
    if view.restart_policy == "Never" and view.finished:
        return False
    if view.restart_policy == "OnFailure" and view.phase == "Succeeded":
        return False
    return bool(view.ip) and not view.finished


def _ports(service: Object, view: PodView) -> Iterable[Port]:
    """The service's ports; one whose name the pod does not have is left out."""
    for port in service["spec"].get("ports") or ():
        number = _number(port, view)
        if number is not None:
            yield Port(port.get("name", ""), number, port["protocol"], port.get("appProtocol", ""))


def _number(port: Object, view: PodView) -> int | None:
    target = port["targetPort"]
    if isinstance(target, int):
        return target
    wanted = (target, port["protocol"])
    return next((number for name, number, protocol in view.ports if (name, protocol) == wanted), None)
