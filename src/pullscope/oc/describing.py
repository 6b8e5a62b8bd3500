"""Image streams and images as `oc describe` and `oc import-image` print them.

Upstream: openshift/oc release 4.22 pkg/helpers/describe (describer.go, helpers.go), docker/go-units (HumanSize).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pullscope.kube.api import Object
from pullscope.openshift import ages, streams

_STOP = 8  # columns from one tab stop to the next
_NONE = "<none>"
Row = tuple[str, ...]


def tabbed(rows: Sequence[Row]) -> list[str]:
    """Cells below each other by tabs, as Go's tabwriter puts them; the last of a row ends it."""
    if not rows:
        return []
    width = max((len(row[0]) for row in rows if len(row) > 1), default=0)
    stop = (width // _STOP + 1) * _STOP
    rest = tabbed([row[1:] for row in rows if len(row) > 1])
    ends = iter(rest)
    return [row[0] + "\t" * -(-(stop - len(row[0])) // _STOP) + next(ends) if len(row) > 1 else row[0] for row in rows]


def stream(obj: Object, now: datetime) -> str:
    """An image stream, with a newline at its end."""
    metadata, names = obj["metadata"], _prioritized(_names(obj))
    status = obj.get("status") or {}
    unique = {item["image"] for tag in names for item in streams.history(obj, tag)}
    rows: list[Row] = [
        ("Name:", metadata["name"]),
        ("Namespace:", metadata["namespace"]),
        ("Created:", _ago(metadata["creationTimestamp"], now)),
        ("Labels:", ",".join(_pairs(metadata.get("labels"))) or _NONE),
        *_several("Annotations:", _pairs(metadata.get("annotations"))),
        ("Image Repository:", _repository(status)),
        ("Image Lookup:", f"local={str(bool((obj['spec'].get('lookupPolicy') or {}).get('local'))).lower()}"),
    ]
    rows += [("Unique Images:", str(len(unique))), ("Tags:", str(len(names)))] if names else [("Tags:", _NONE)]
    lines = tabbed(rows)
    for name in names:
        lines += ["", *_tag(obj, name, now)]
    return "\n".join(lines) + "\n"


def _repository(status: Object) -> str:
    return str(status.get("publicDockerImageRepository") or status.get("dockerImageRepository") or _NONE)


def _names(obj: Object) -> list[str]:
    """The tags that are wanted, and those that are there."""
    spec = [tag["name"] for tag in obj["spec"].get("tags") or []]
    return list(dict.fromkeys([*spec, *(tag["tag"] for tag in (obj.get("status") or {}).get("tags") or [])]))


def _prioritized(names: Sequence[str]) -> list[str]:
    """`latest` first, then versions from the highest, then the others."""

    def rank(name: str) -> tuple[int, list[int], str]:
        version = re.fullmatch(r"v?(\d+(?:\.\d+)*)(?:-\d+)?", name)
        if name == "latest":
            return 0, [], name
        return (1, [-int(part) for part in version[1].split(".")], name) if version else (2, [], name)

    return sorted(names, key=rank)


def _tag(obj: Object, name: str, now: datetime) -> Iterator[str]:
    spec, status = streams.spec_tag(obj, name), streams.status_tag(obj, name) or {}
    yield name
    if spec is None:
        yield "  no spec tag"
    else:
        yield from _source(obj, spec)
    yield ""
    for condition in status.get("conditions") or []:
        if condition["type"] == "ImportSuccess" and condition["status"] == "False":
            yield f"  ! error: Import failed ({condition['reason']}): {condition['message']}"
            yield f"      {_ago(condition['lastTransitionTime'], now)}"
    for at, item in enumerate(streams.history(obj, name)):
        yield f"  {' ' if at else '*'} {item['dockerImageReference']}"
        yield f"      {_ago(item['created'], now)}"


def _source(obj: Object, spec: Object) -> Iterator[str]:
    source, policy = spec.get("from"), spec.get("importPolicy") or {}
    if source is None:
        yield "  tag without source image"
        return
    namespace = source.get("namespace", "")
    name = f"{namespace}/{source['name']}" if namespace not in ("", obj["metadata"]["namespace"]) else source["name"]
    image, registry = source["kind"] == "ImageStreamImage", source["kind"] == "DockerImage"
    if spec.get("reference"):
        yield f"  reference to {'image' if image else 'registry' if registry else source['kind']} {name}"
    elif policy.get("scheduled") and not image:
        yield f"  updates automatically from {'registry ' if registry else ''}{name}"
    else:
        yield f"  tagged from {name}"
    if policy.get("insecure"):
        yield "    will use insecure HTTPS or HTTP connections"
    if (spec.get("referencePolicy") or {}).get("type") == "Local":
        yield "    prefer registry pullthrough when referencing this tag"


def image(obj: Object, name: str, now: datetime) -> str:
    """An image under the name that it was asked for, with a newline at its end."""
    metadata, known = obj["metadata"], obj.get("dockerImageMetadata") or {}
    layers = obj.get("dockerImageLayers") or []
    created = metadata.get("creationTimestamp")
    size = f"{human_size(known.get('Size', 0))} in {len(layers)} layers"
    sizes = [(human_size(each["size"]), each["name"]) for each in layers]
    rows: list[Row] = [
        ("Image Name:", name),
        ("Docker Image:", obj["dockerImageReference"]),
        ("Name:", metadata["name"]),
        ("Created:", _ago(created, now) if created else _NONE),
        *_several("Annotations:", _pairs(metadata.get("annotations"))),
        ("Image Size:", size),
        *(("Layers:" if at == 0 else "", *each) for at, each in enumerate(sizes)),
        ("Image Created:", _ago(known["Created"], now) if known.get("Created") else _NONE),
        ("Author:", known.get("Author") or _NONE),
        ("Arch:", known.get("Architecture") or _NONE),
        *_configured(known.get("Config") or {}),
    ]
    return "\n".join(tabbed(rows)) + "\n"


def _configured(config: Mapping[str, Any]) -> list[Row]:
    entrypoint, command = " ".join(config.get("Entrypoint") or ()), " ".join(config.get("Cmd") or ())
    rows: list[Row] = [("Entrypoint:", entrypoint)] if entrypoint else []
    rows += [("Command:", command or _NONE)] if command or not entrypoint else []
    rows += [("Working Dir:", config.get("WorkingDir") or _NONE), ("User:", config.get("User") or _NONE)]
    ports = ", ".join(sorted(config.get("ExposedPorts") or ()))
    rows += [("Exposes Ports:", ports)] if ports else []
    rows += _several("Docker Labels:", _pairs(config.get("Labels")))
    environment = list(config.get("Env") or ())
    return rows + (_several("Environment:", environment) if environment else [])


def _several(label: str, values: Sequence[str]) -> list[Row]:
    """One row for each value, the label before the first."""
    return [(label if at == 0 else "", value) for at, value in enumerate(values or [_NONE])]


def _pairs(mapping: Mapping[str, str] | None) -> list[str]:
    return [f"{name}={value}" for name, value in sorted((mapping or {}).items())]


def _ago(stamp: str, now: datetime) -> str:
    return ages.ago(datetime.fromisoformat(stamp), now)


def human_size(count: float) -> str:
    """Bytes in four figures: `1.049MB`."""
    units = ("B", "kB", "MB", "GB", "TB", "PB")
    at = 0
    while count >= 1000 and at < len(units) - 1:
        count, at = count / 1000, at + 1
    return f"{count:.4g}{units[at]}"
