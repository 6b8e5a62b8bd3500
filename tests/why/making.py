"""Facts to judge: one container of a Deployment that is as it shall be, and what makes it otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pullscope.kube.events import Note
from pullscope.pull import reasons
from pullscope.why import judge
from pullscope.why.facts import (
    Cluster,
    Container,
    Facts,
    Node,
    NodeImage,
    PullEvent,
    RegistryImage,
    Stream,
    StreamTag,
    TagItem,
    Template,
    Workload,
)
from pullscope.why.findings import Finding

OLD, NEW, OTHER = (f"sha256:{letter * 64}" for letter in "abc")
REPOSITORY = "quay.io/team/app"
TAGGED = f"{REPOSITORY}:v1"
INTERNAL = "image-registry.openshift-image-registry.svc:5000/demo/app"
START = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
NOW = START + timedelta(hours=1)
BEFORE, AFTER = START - timedelta(minutes=10), START + timedelta(minutes=10)
PRESENT = reasons.already_present(TAGGED)
PULLED = reasons.pulled(TAGGED, timedelta(milliseconds=157), timedelta(milliseconds=157), 2161886)


def event(note: Note, at: datetime = START, count: int = 1) -> PullEvent:
    return PullEvent(note.reason, note.message, at, at, count)


def running(image: str = TAGGED, digest: str = OLD, **changes: Any) -> Container:
    """A container of Deployment app on node-1 that has run `digest` since START, with a policy that nobody wrote."""
    template = Template(image, "IfNotPresent", "written")
    made = Container(
        "demo", "app-6f5f64d9f5-9n562", "uid-1", Workload("Deployment", "app"), "app", image, "IfNotPresent", "node-1",
        template=template, image_id=f"{REPOSITORY}@{digest}", state="running", created=START, started=START,
    )  # fmt: skip
    return replace(made, **changes)


def always(**changes: Any) -> Container:
    """The same with imagePullPolicy Always."""
    image, paused = changes.get("image", TAGGED), changes.pop("paused", False)
    return replace(running(**changes), policy="Always", template=Template(image, "Always", "written", paused=paused))


def waiting(note: Note, reason: str = reasons.IMAGE_PULL_BACK_OFF, **changes: Any) -> Container:
    """The same, which never started because of what the note says."""
    held = {"image_id": "", "state": "waiting", "started": None, "reason": reason, "message": note.message}
    return replace(running(), **{**held, **changes})


def node(name: str = "node-1", *names: str, complete: bool = True, **changes: Any) -> Node:
    """A node that has one image under these names."""
    images = (NodeImage(names),) if names else ()
    return replace(Node(name, images, complete, NOW, "linux", "amd64", "v1.36.2", "cri-o://1.37.0"), **changes)


def found(digest: str = NEW, **changes: Any) -> RegistryImage:
    """An image of one manifest, whose config nobody else has."""
    config = {} if "manifests" in changes else {"config": f"sha256:{digest[7:15] * 8}"[:-1] + "0"}
    return RegistryImage("found", digest, **{**config, **changes})


IN_STREAM = {f"{INTERNAL}@{digest}": found(digest) for digest in (OLD, NEW)}
"""What is known of the images that the stream's tag points to."""


def facts(*containers: Container, **changes: Any) -> Facts:
    """What is seen of them where nobody may read nodes, and where `v1` means the newer image now."""
    made = Facts(
        NOW, Cluster("https://api.example:6443", "v1.36.2"), containers, registry={TAGGED: found(), **IN_STREAM}
    )
    return replace(made, **changes)


def nodes(*those: Node) -> dict[str, Node]:
    return {each.name: each for each in those}


def stream(*digests: str, name: str = "app", tag: str = "v1", **changes: Any) -> dict[str, Stream]:
    """An image stream of the internal registry whose tag points to the first digest, and pointed to the others."""
    of_tag = {key: changes.pop(key) for key in ("follows", "scheduled", "failure") if key in changes}
    items = tuple(TagItem(AFTER, digest, f"{INTERNAL}@{digest}") for digest in digests)
    made = Stream("demo", name, repository=INTERNAL, tags=(StreamTag(tag, items, **of_tag),))
    return {f"demo/{name}": replace(made, **changes)}


def first(*containers: Container, **changes: Any) -> Finding:
    """What the judge says of the first container."""
    return judge.judge(facts(*containers, **changes)).findings[0]


def ids(finding: Finding) -> list[str]:
    """The causes' ids, in their order."""
    return [cause.id for cause in finding.causes]
