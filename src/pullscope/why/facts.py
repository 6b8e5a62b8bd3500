"""What was seen of a cluster, its nodes and its registries: the input of the rules, and the content of a facts file. [pure]

Plain values only (texts, numbers, times, tuples, mappings), so that they can be saved and judged elsewhere. No secret and no
credential has a place here. What could not be seen is None or an `Unseen`, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pullscope.pull.mirrors import Mirror

Policy = Literal["Always", "IfNotPresent", "Never"]
Origin = Literal["written", "defaulted", "unknown"]
"""Whether somebody wrote the policy or the API server did; unknown where neither managedFields nor annotations tell."""

ContainerKind = Literal["container", "init container", "ephemeral container", "image volume"]


@dataclass(frozen=True)
class Workload:
    """What the pod belongs to: its topmost controller that could be seen, or the pod itself."""

    kind: str
    name: str

    @property
    def resource(self) -> str:
        """As commands name it: `deployment/app`."""
        return f"{self.kind.lower()}/{self.name}"


@dataclass(frozen=True)
class Template:
    """What the workload says of the container now, which may be newer than the pod.

    `changed`: when the template was last changed (the newest ReplicaSet's creation). `applied`: the image that the last
    `kubectl apply` asked for (its annotation), where there was one; the template's may have been changed since. `paused`:
    whether the workload's rollouts are (`spec.paused`), so that nothing that is written reaches a pod.
    """

    image: str
    policy: Policy
    origin: Origin = "unknown"
    changed: datetime | None = None
    applied: str = ""
    paused: bool = False


@dataclass(frozen=True)
class PullEvent:
    """One event of the container: `reason` is Pulling, Pulled, Failed, BackOff, ErrImageNeverPull, InspectFailed…"""

    reason: str
    message: str
    first: datetime
    last: datetime
    count: int = 1


@dataclass(frozen=True)
class Container:
    """One container of one pod. `image` and `policy` are the pod's own (after admission), `image_id` is the status's text.

    `started`: when the container that runs now (or ran last) was started. `reason` is that of a waiting (or ended) state, `message` that of one without an image; what programs say is not kept.
    `trigger`: the ImageStreamTag (`namespace/stream:tag`) that an image trigger of the workload sets the image from.
    `trigger_fault`: where none does, the part of the workload's annotation that nobody understands (`openshift.triggers.faults`).
    """

    namespace: str
    pod: str
    uid: str
    workload: Workload
    name: str
    image: str
    policy: Policy
    node: str = ""
    kind: ContainerKind = "container"
    template: Template | None = None
    image_id: str = ""
    state: Literal["waiting", "running", "terminated", "unknown"] = "unknown"
    reason: str = ""
    message: str = ""
    restarts: int = 0
    created: datetime | None = None
    started: datetime | None = None
    service_account: str = "default"
    pull_secrets: tuple[str, ...] = ()
    trigger: str = ""
    trigger_paused: bool = False
    trigger_fault: str = ""
    events: tuple[PullEvent, ...] = ()
    revision_current: bool = True
    """Whether the pod is of the workload's newest template."""


@dataclass(frozen=True)
class NodeImage:
    """One image on a node, under all its reported names (`repo:tag`, `repo@sha256:…`), `size` in bytes."""

    names: tuple[str, ...]
    size: int = 0


@dataclass(frozen=True)
class KubeletSettings:
    """Of the kubelet's configuration (configz) what bears on images.

    `verification` is its imagePullCredentialsVerificationPolicy, empty for a kubelet that checks no credentials again;
    `allowlist` its preloadedImagesVerificationAllowlist.
    """

    verification: str = ""
    allowlist: tuple[str, ...] = ()
    serialize_pulls: bool = True
    max_images: int = 50


@dataclass(frozen=True)
class Node:
    """A node as it reports itself: images 10 to 30 s after they change. `reported`: when it last did. `complete`: whether all its images must be in the report."""

    name: str
    images: tuple[NodeImage, ...] = ()
    complete: bool = False
    reported: datetime | None = None
    os: str = ""
    architecture: str = ""
    kubelet: str = ""
    runtime: str = ""
    schedulable: bool = True
    settings: KubeletSettings | None = None


@dataclass(frozen=True)
class RegistryImage:
    """What a registry (or, for the internal registry, the image stream) says of one reference now.

    `digest` is what the reference means; `manifests` are an index's entries, platform (`linux/amd64`) to digest; `config` is
    the config's digest of a single manifest; `created` the image's own time. `via`: the mirror or image stream that answered.
    Where `status` is not "found", `error` is the registry's own text (its code and message), else empty. `anonymous`: whether
    it told this without credentials; None where that was not tried.
    """

    status: Literal["found", "no tag", "no repository", "unauthorised", "rate limited", "unreachable", "invalid"]
    digest: str = ""
    manifests: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    created: datetime | None = None
    via: str = ""
    error: str = ""
    anonymous: bool | None = None


@dataclass(frozen=True)
class TagItem:
    """One entry of an ImageStreamTag's history."""

    created: datetime | None
    image: str
    reference: str


@dataclass(frozen=True)
class StreamTag:
    """One tag of an ImageStream: what it shall follow and what it has pointed to, newest first.

    `follows` is `spec.tags[].from` as `DockerImage quay.io/a/b:c`; empty for a tag that is only pushed to. `failure`: the
    message of a failed import.
    """

    tag: str
    items: tuple[TagItem, ...] = ()
    follows: str = ""
    scheduled: bool = False
    reference_policy: Literal["Source", "Local"] = "Source"
    failure: str = ""


@dataclass(frozen=True)
class Stream:
    """An ImageStream, or that there is none (`exists` False) although an image or a trigger names it."""

    namespace: str
    name: str
    exists: bool = True
    lookup_local: bool = False
    repository: str = ""
    tags: tuple[StreamTag, ...] = ()


@dataclass(frozen=True)
class Unseen:
    """What could not be seen: `what` (nodes, secrets in namespace x …), the server's `reason`, and what that costs the user."""

    what: str
    reason: str
    cost: str


@dataclass(frozen=True)
class Cluster:
    """The API server: `version` as `v1.36.2`; `openshift` where image streams are served."""

    server: str
    version: str
    openshift: bool = False


@dataclass(frozen=True)
class Facts:
    """All that was seen, at `collected`.

    `registry` has an entry for each reference that was asked about, normalised with its default tag
    (`docker.io/library/busybox:latest`): each container's image as its pod, its template and its last apply write it; the
    tag alone (`repository:tag`) of one written with both; what the stream tags in question follow; where a mirror is
    configured for one of these, its name at the mirror too (`Mirror.moved`). Where digests differ, also
    `repository@digest` of what runs; and where a status names a bare id of a config, the entries of the index for the
    node's platform (`repository@digest`, for their `config`). `nodes` is None where they may not be read. `neighbours` are
    not judged: they run images that the others name, and so tell who pulled them.
    """

    collected: datetime
    cluster: Cluster
    containers: tuple[Container, ...] = ()
    nodes: Mapping[str, Node] | None = None
    registry: Mapping[str, RegistryImage] = field(default_factory=dict)
    streams: Mapping[str, Stream] = field(default_factory=dict)
    """By `namespace/name`."""
    mirrors: tuple[Mirror, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    neighbours: tuple[Container, ...] = ()
