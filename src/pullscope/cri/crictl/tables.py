"""crictl's tables: aligned columns, short ids, sizes. Pure.

Upstream: cri-tools v1.36 cmd/crictl/display.go (a tabwriter) and image.go; sizes are go-units' HumanSizeWithPrecision.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pullscope.cri.api import ContainerStatus, Image, PodSandbox
from pullscope.openshift import ages

_MIN_WIDTH, _PADDING = 20, 3
SHORT = 13
_UNITS = ("B", "kB", "MB", "GB", "TB")
NONE = "<none>"
_SHA = "sha256:"

_IMAGES = ("IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE")
_CONTAINERS = ("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE")
_PODS = ("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows in columns, as Go's tabwriter makes them for crictl."""
    widths = [max(_MIN_WIDTH, *(len(cell) + _PADDING for cell in column)) for column in zip(*rows, strict=True)][:-1]
    return "\n".join(
        "".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)) + row[-1] for row in rows
    )


def human_size(size: float) -> str:
    """Decimal, three significant digits: 2161866 is 2.16MB."""
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g}{_UNITS[unit]}"


def in_order(images: Iterable[Image]) -> list[Image]:
    """As crictl lists images: by the first tag, else the first digest, else the id."""
    return sorted(images, key=lambda image: ((*image.repo_tags, *image.repo_digests, image.id)[0], image.id))


def image_rows(image: Image, *, whole: bool = False) -> list[tuple[str, ...]]:
    """One row for each tag: name, tag, digest, id, size. `whole`: ids and digests in full length."""
    digest = image.repo_digests[0].partition("@")[2] if image.repo_digests else NONE
    if not whole:
        digest = digest.removeprefix(_SHA)[:SHORT]
    size = human_size(image.size)
    return [(name, tag, digest, _id(image.id, whole=whole), size) for name, tag in _names(image)]


def images(found: Iterable[Image], *, digests: bool, whole: bool) -> str:
    """`crictl images`."""
    rows = [_IMAGES, *(row for image in found for row in image_rows(image, whole=whole))]
    return aligned([row if digests else (*row[:2], *row[3:]) for row in rows])


def containers(found: Iterable[ContainerStatus], pods: Iterable[PodSandbox], now: datetime, *, whole: bool) -> str:
    """`crictl ps`. The image is the id that the container was made with; without `sha256:` before it, it is never cut."""
    of = {pod.id: pod.config for pod in pods}
    rows = [
        (
            _id(each.id, whole=whole),
            _id(each.image_id, whole=whole or not each.image_id.startswith(_SHA)),
            _age(each.created_at, now),
            each.state.removeprefix("CONTAINER_").capitalize(),
            each.name,
            str(each.attempt),
            _id(each.pod_sandbox_id, whole=whole),
            of[each.pod_sandbox_id].name if each.pod_sandbox_id in of else "unknown",
            of[each.pod_sandbox_id].namespace if each.pod_sandbox_id in of else "unknown",
        )
        for each in found
    ]
    return aligned([_CONTAINERS, *rows])


def pods(found: Iterable[PodSandbox], now: datetime, *, whole: bool) -> str:
    """`crictl pods`."""
    rows = [
        (
            _id(each.id, whole=whole),
            _age(each.created_at, now),
            "Ready" if each.state == "SANDBOX_READY" else "NotReady",
            each.config.name,
            each.config.namespace,
            str(each.config.attempt),
            "(default)",
        )
        for each in found
    ]
    return aligned([_PODS, *rows])


def deleted(image: Image) -> Sequence[str]:
    """What `crictl rmi` says it deleted."""
    return image.repo_tags or image.repo_digests or (image.id,)


def _names(image: Image) -> list[tuple[str, str]]:
    """Each name with its tag."""
    tagged = [tag.rpartition(":")[::2] for tag in image.repo_tags]
    if tagged or not image.repo_digests:
        return tagged or [(NONE, NONE)]
    return [(image.repo_digests[0].partition("@")[0], NONE)]


def _id(text: str, *, whole: bool) -> str:
    return text if whole else text.removeprefix(_SHA)[:SHORT]


def _age(nanoseconds: int, now: datetime) -> str:
    since = round(now.timestamp() * 1e6) - nanoseconds // 1000
    return f"{ages.human(since / 1e6)} ago"
