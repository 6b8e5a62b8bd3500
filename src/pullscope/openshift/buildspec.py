"""What BuildConfigs and Builds have in common: their source, their strategy, the images that these name. Pure.

Upstream: openshift/api build/v1 (defaults.go), openshift-apiserver 4.22 pkg/build/apis/build/v1/conversion.go and
apis/build/internal_helpers, pkg/build/apiserver/buildgenerator/generator.go (resolveImageStreamReference).
"""

from collections.abc import Callable
from typing import Any

from pullscope.openshift import streams

Object = dict[str, Any]
Find = Callable[[str, str], Object | None]
"""An image stream by namespace and name; None when there is none."""

STRATEGIES = {
    "sourceStrategy": "Source",
    "dockerStrategy": "Docker",
    "customStrategy": "Custom",
    "jenkinsPipelineStrategy": "JenkinsPipeline",
}
"""The fields of a strategy, of which one is set, with the type that each means."""

_SOURCES = {"git": "Git", "binary": "Binary", "dockerfile": "Dockerfile", "images": "Image"}


class ResolveError(ValueError):
    """An image that a build names leads to none. `message` is upstream's sentence; `kind` and `name` are what was named."""

    def __init__(self, source: Object, namespace: str, why: str) -> None:
        self.kind, self.name = source.get("kind", ""), source.get("name", "")
        self.message = f"Error resolving {self.kind} {self.name} in namespace {namespace}: {why}"
        super().__init__(self.message)


def strategy(spec: Object) -> tuple[str, Object]:
    """The field of the strategy that is set, and what it holds; an empty name when none is."""
    given = spec.get("strategy") or {}
    field = next((field for field in STRATEGIES if given.get(field) is not None), "")
    return field, given.get(field) or {}


def strategy_type(spec: Object) -> str:
    """`Source`, `Docker` …; empty when there is none."""
    return STRATEGIES.get(strategy(spec)[0], "")


def source_type(source: Object) -> str:
    """`Git`, `Binary`, `Dockerfile`, `Image` or `None`: the first that is there."""
    return next((kind for field, kind in _SOURCES.items() if source.get(field) is not None), "None")


def input_image(spec: Object) -> Object | None:
    """What the strategy builds on, None when it does not say."""
    found: Object | None = strategy(spec)[1].get("from")
    return found


def default(spec: Object) -> None:
    """The values that a server fills in, and those that are always there, in the spec of a BuildConfig or Build."""
    source = spec["source"] = spec.get("source") or {}
    if source.get("type") == "Binary" and source.get("binary") is None:
        source["binary"] = {}
    source["type"] = source_type(source)
    given = spec["strategy"] = spec.get("strategy") or {}
    if given.get("type") == "Docker" and given.get("dockerStrategy") is None:
        given["dockerStrategy"] = {}
    field, chosen = strategy(spec)
    if field:
        given["type"] = STRATEGIES[field]
    _default_image(chosen.get("from"))
    for name in ("output", "resources", "postCommit"):
        spec[name] = spec.get(name) or {}
    spec.setdefault("nodeSelector", None)
    _default_output(spec["output"].get("to"))


def _default_image(image: Object | None) -> None:
    if image is not None:
        image["kind"] = image.get("kind") or "ImageStreamTag"
        _tagged(image)


def _default_output(target: Object | None) -> None:
    if target is not None and not target.get("kind"):
        target["kind"] = "ImageStream"
    _tagged(target)


def _tagged(reference: Object | None) -> None:
    """A stream without a tag means its tag latest."""
    if reference is not None and reference.get("kind") == "ImageStream":
        reference["kind"] = "ImageStreamTag"
        reference["name"] = f"{reference.get('name', '')}:{streams.DEFAULT_TAG}"


def resolve(source: Object, namespace: str, find: Find) -> str:
    """The reference by which the image `source` is pulled; streams are looked up in `namespace` unless it names one.

    Raises ResolveError.
    """
    where, name = source.get("namespace") or namespace, source.get("name", "")
    match source.get("kind"):
        case "DockerImage":
            return str(name)
        case "ImageStreamTag":
            return _resolve_tag(source, where, find)
        case "ImageStreamImage":
            return _resolve_image(source, where, find)
        case kind:
            raise ResolveError(source, where, f"unknown From Kind {kind or ''}")


def _resolve_tag(source: Object, where: str, find: Find) -> str:
    split = streams.split_tag(source["name"])
    if split is None:
        raise ResolveError(source, where, f"expected exactly one : delimiter in the istag {source['name']!r}")
    stream, tag = _known(source, where, split[0], find), split[1]
    item = streams.newest(stream, tag)
    if item is None:
        raise ResolveError(source, where, "unable to find latest tagged image")
    return streams.pull_reference(stream, tag, item)


def _resolve_image(source: Object, where: str, find: Find) -> str:
    split = streams.split_image(source["name"])
    if split is None:
        raise ResolveError(source, where, f"expected exactly one @ in the isimage name {source['name']!r}")
    stream = _known(source, where, split[0], find)
    for tag in streams.tags(stream):
        for item in streams.history(stream, tag):
            if item["image"] == split[1]:
                return streams.pull_reference(stream, tag, item)
    raise ResolveError(source, where, f'unable to find corresponding tag for image "{split[1]}"')


def _known(source: Object, where: str, name: str, find: Find) -> Object:
    stream = find(where, name)
    if stream is None:
        raise ResolveError(source, where, f'imagestreams.image.openshift.io "{name}" not found')
    return stream


def output_reference(target: Object, namespace: str, find: Find) -> str | None:
    """Where a build pushes to, as `registry/repository:tag`; None while the stream that it names is not there."""
    if target.get("kind") == "DockerImage":
        return str(target.get("name", ""))
    name, tag = streams.split_tag(target.get("name", "")) or (target.get("name", ""), streams.DEFAULT_TAG)
    stream = find(target.get("namespace") or namespace, name)
    repository = ((stream or {}).get("status") or {}).get("dockerImageRepository")
    return f"{repository}:{tag}" if repository else None
