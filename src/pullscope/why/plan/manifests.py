"""The containers of whatever makes pods: built-in kinds, DeploymentConfigs, and kinds unknown that have a pod template. [pure]"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pullscope.base.errors import UsageError
from pullscope.openshift import names, triggers
from pullscope.openshift.triggers import Object
from pullscope.why.facts import ContainerKind
from pullscope.why.plan.reading import Document, Place

MOST = 10_000
"""Containers of one run, and objects of one document."""
_DEEPEST = 8  # Lists within Lists
_POD_SPECS = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_KINDS = frozenset(
    {
        *_POD_SPECS,
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "ReplicationController",
        "DeploymentConfig",
    }
)
_TEMPLATE = ("spec", "template", "spec")
_GROUPS = ("v1", "apps/", "batch/", "extensions/", "apps.openshift.io/")
_FIELDS: dict[ContainerKind, str] = {"container": "containers", "init container": "initContainers"}
_LISTS: tuple[tuple[str, ContainerKind], ...] = (
    ("initContainers", "init container"),
    ("containers", "container"),
)


@dataclass(frozen=True)
class Workload:
    """One object that makes pods: `spec` is its pod's. `ours`: whether it is a kind of Kubernetes or OpenShift."""

    source: str
    root: Place
    spec: Place
    kind: str
    name: str
    namespace: str
    ours: bool


@dataclass(frozen=True)
class Written:
    """One container as it is written. `image` and `policy` are the values' places, None where they are left out.

    `trigger` is the image stream's tag that will be put in the image's place, and `paused` whether that is switched off.
    """

    workload: Workload
    place: Place
    name: str
    kind: ContainerKind
    image: Place | None
    policy: Place | None
    trigger: str = ""
    paused: bool = False

    @property
    def fields(self) -> str:
        """The path to the fields of such containers, as Go's decoder says it: with its type, without indices."""
        path = ".".join(_POD_SPECS.get(self.workload.kind, _TEMPLATE))
        if self.kind == "image volume":
            return f"ImageVolumeSource.{path}.volumes.image"
        return f"Container.{path}.{_FIELDS[self.kind]}"


def containers(documents: Iterable[Document]) -> list[Written]:
    """All containers of all documents. Raises UsageError when there are none, and for a workload that has none."""
    found: list[Written] = []
    sources: list[str] = []
    for document in documents:
        sources.append(document.source)
        for count, root in enumerate(_objects(document.source, document.root, 0)):
            workload = _workload(document.source, root)
            found += _containers(workload) if workload else ()
            if max(count, len(found)) >= MOST:  # aliases make many objects of a small file
                raise UsageError(f"{document.source}: this is more than {MOST} objects", hint="plan them in parts")
    if not found:
        where = ", ".join(dict.fromkeys(sources)) or "what was given"
        raise UsageError(f"there is no container in {where}", hint="give a manifest of something that makes pods")
    return found


def _objects(source: str, root: Place, depth: int) -> Iterator[Place]:
    """The object, and all that it lists, if it is a list or an OpenShift Template."""
    if depth > _DEEPEST:
        raise UsageError(f"{source}:{root.line}: more than {_DEEPEST} lists within each other")
    if not root.entries:
        raise UsageError(f"{source}:{root.line}: this is no manifest: it is no map with a kind")
    yield root
    kind = root.said("kind")
    inner = root.get("items") if kind.endswith("List") else root.get("objects") if kind == "Template" else None
    for item in inner.items if inner else ():
        yield from _objects(source, item, depth + 1)


def _workload(source: str, root: Place) -> Workload | None:
    """The object as one that makes pods, None when it does not."""
    kind = root.said("kind")
    spec = root.get(*_POD_SPECS.get(kind, _TEMPLATE))
    ours = root.said("apiVersion").startswith(_GROUPS)
    if spec is None or (kind not in _KINDS and not spec.get("containers")):
        return None
    name = root.said("metadata", "name") or root.said("metadata", "generateName")
    return Workload(source, root, spec, kind, name, root.said("metadata", "namespace"), ours)


def _containers(workload: Workload) -> Iterator[Written]:
    inside = workload.spec.get("containers")
    if inside is None or not inside.items:
        line = (inside or workload.spec).line
        raise UsageError(f"{workload.source}:{line}: {workload.kind} {workload.name or '(no name)'} has no containers")
    told = _triggers(workload)
    for key, kind in _LISTS:
        listed = workload.spec.get(key)
        for index, place in enumerate(listed.items if listed else ()):
            name = place.said("name")
            trigger, paused = told.get((key, index)) or told.get(("containers", name)) or ("", False)
            yield Written(
                *(workload, place, name, kind, place.get("image"), place.get("imagePullPolicy"), trigger, paused)
            )
    volumes = workload.spec.get("volumes")
    for volume in volumes.items if volumes else ():
        image = volume.get("image")
        if image and image.entries:
            name = volume.said("name")
            yield Written(workload, image, name, "image volume", image.get("reference"), image.get("pullPolicy"))


Told = dict[tuple[str, int | str], tuple[str, bool]]


def _triggers(workload: Workload) -> Told:
    """Which containers an image trigger names, by the list and index, or for a DeploymentConfig by their names."""
    told: Told = {}
    skeleton = _skeleton(workload)
    for trigger in triggers.of(skeleton):
        at = triggers.container_at(skeleton, trigger.path)
        if at is not None:
            told[at["list"], at["index"]] = (f"{trigger.source.namespace}/{trigger.source}", trigger.paused)
    changes = workload.root.get("spec", "triggers") if workload.kind == "DeploymentConfig" else None
    for change in changes.items if changes else ():
        parameters = change.get("imageChangeParams")
        if change.said("type") == "ImageChange" and parameters:
            named = parameters.get("containerNames")
            where = parameters.said("from", "namespace") or workload.namespace
            source = f"{where}/{parameters.said('from', 'name')}"
            paused = parameters.said("automatic") != "true"
            told |= {("containers", each.text or ""): (source, paused) for each in (named.items if named else ())}
    return told


def _skeleton(workload: Workload) -> Object:
    """As much of the object as a trigger's path needs: each container knows where it stands."""
    lists = {}
    for key, _ in _LISTS:
        listed = workload.spec.get(key)
        lists[key] = [
            {"name": place.said("name"), "list": key, "index": index}
            for index, place in enumerate(listed.items if listed else ())
        ]
    annotation = workload.root.said("metadata", "annotations", names.TRIGGERS)
    metadata = {"annotations": {names.TRIGGERS: annotation}, "namespace": workload.namespace}
    return {"metadata": metadata, "spec": {"template": {"spec": lists}}}
