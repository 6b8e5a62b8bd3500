"""What is read of Kubernetes' objects, and nothing more: msgspec skips all other fields unread, megabytes of annotations too.

Upstream: k8s.io/api v0.36 core/v1, apps/v1, batch/v1, openshift/api apps/v1. Lists may be null on the wire. `Raw` parts are
decoded by those who want them; each keeps the whole answer that it came in alive, so none of these objects is kept.
"""

import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct, field

T = TypeVar("T")

NOTHING = Raw(b"null")


class Wire(Struct, rename="camel", gc=False):
    """Fields in the wire's own spelling, where that is not the usual one."""


class Owner(Wire):
    """metav1.OwnerReference."""

    kind: str
    name: str
    uid: str
    controller: bool | None = None


class Meta(Wire):
    """metav1.ObjectMeta."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] | None = None
    owner_references: list[Owner] | None = None
    annotations: Raw = NOTHING
    managed_fields: Raw = NOTHING

    @property
    def controller(self) -> Owner | None:
        """The owner that manages it."""
        return next((owner for owner in self.owner_references or () if owner.controller), None)

    def annotation(self, name: str) -> str:
        """One annotation's text, empty when there is none; the others stay unread."""
        try:
            return _annotation(name).decode(self.annotations).value or ""
        except msgspec.MsgspecError:
            return ""


@functools.cache
def _annotation(name: str) -> "msgspec.json.Decoder[Any]":
    """Reads this one annotation out of many."""
    shape = msgspec.defstruct("Annotation", [("value", str | None, field(name=name, default=None))])
    return msgspec.json.Decoder(shape)


class ImageSource(Wire):
    """core/v1 ImageVolumeSource."""

    reference: str = ""
    pull_policy: str = ""


class Volume(Wire):
    name: str
    image: ImageSource | None = None


class ContainerSpec(Wire):
    name: str
    image: str = ""
    image_pull_policy: str = ""


class LocalName(Wire):
    name: str = ""


class PodSpec(Wire):
    containers: list[ContainerSpec] | None = None
    init_containers: list[ContainerSpec] | None = None
    ephemeral_containers: list[ContainerSpec] | None = None
    volumes: list[Volume] | None = None
    node_name: str = ""
    service_account_name: str = ""
    image_pull_secrets: list[LocalName] | None = None


class Waiting(Wire):
    reason: str = ""
    message: str = ""


class Running(Wire):
    started_at: datetime | None = None


class Terminated(Wire):
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None


class State(Wire):
    """core/v1 ContainerState: one of the three."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Wire):
    name: str
    image_id: str = field(name="imageID", default="")
    state: State | None = None
    last_state: State | None = None
    restart_count: int = 0


class PodStatus(Wire):
    phase: str = ""
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None

    def all(self) -> Iterator[ContainerStatus]:
        """The statuses of containers of all kinds; their names are unique in a pod."""
        yield from self.container_statuses or ()
        yield from self.init_container_statuses or ()
        yield from self.ephemeral_container_statuses or ()


class Pod(Wire):
    metadata: Meta
    spec: PodSpec
    status: PodStatus | None = None


class PodTemplate(Wire):
    spec: PodSpec | None = None


class JobTemplateSpec(Wire):
    template: PodTemplate | None = None


class JobTemplate(Wire):
    spec: JobTemplateSpec | None = None


class ControllerSpec(Wire):
    """Of every kind that makes pods: the template, which a CronJob has one level deeper.

    The selector is a LabelSelector, or (of the oldest kinds) labels alone. `paused` is known to Deployments and
    DeploymentConfigs.
    """

    selector: dict[str, Any] | None = None
    paused: bool | None = None

    template: PodTemplate | None = None
    job_template: JobTemplate | None = None


class ControllerStatus(Wire):
    update_revision: str = ""


class Controller(Wire):
    metadata: Meta
    spec: ControllerSpec = field(default_factory=ControllerSpec)
    status: ControllerStatus | None = None

    @property
    def template(self) -> PodSpec | None:
        """The pods that it makes."""
        job = self.spec.job_template.spec if self.spec.job_template else None
        template = self.spec.template or (job.template if job else None)
        return template.spec if template else None


class ObjectReference(Wire):
    """core/v1 ObjectReference: whom an event is about."""

    uid: str = ""
    field_path: str = ""


class EventSeries(Wire):
    count: int = 0
    last_observed_time: datetime | None = None


class Event(Wire):
    involved_object: ObjectReference
    metadata: Meta
    reason: str = ""
    message: str = ""
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    count: int = 0
    series: EventSeries | None = None


class NodeImageStatus(Wire):
    names: list[str] | None = None
    size_bytes: int = 0


class Condition(Wire):
    type: str = ""
    status: str = ""
    last_heartbeat_time: datetime | None = None


class NodeInfo(Wire):
    operating_system: str = ""
    architecture: str = ""
    kubelet_version: str = ""
    container_runtime_version: str = ""


class NodeSpec(Wire):
    unschedulable: bool = False


class NodeStatus(Wire):
    images: list[NodeImageStatus] | None = None
    conditions: list[Condition] | None = None
    node_info: NodeInfo = field(default_factory=NodeInfo)


class Node(Wire):
    metadata: Meta
    spec: NodeSpec = field(default_factory=NodeSpec)
    status: NodeStatus = field(default_factory=NodeStatus)


class NamespaceStatus(Wire):
    phase: str = ""


class Namespace(Wire):
    metadata: Meta
    status: NamespaceStatus = field(default_factory=NamespaceStatus)


class ServiceAccount(Wire):
    metadata: Meta
    image_pull_secrets: list[LocalName] | None = None


class Group(Wire):
    """metav1.APIGroup."""

    name: str


class Groups(Wire):
    """metav1.APIGroupList: what a server serves."""

    groups: list[Group] | None = None


class ListMeta(Wire):
    resource_version: str = ""
    continue_: str = field(name="continue", default="")


class Page(Wire, Generic[T]):
    """One page of a list."""

    metadata: ListMeta = field(default_factory=ListMeta)
    items: list[T] | None = None
