"""Are a pod's volumes ones that can be stored?

Upstream: ValidateVolumes, pkg/apis/core/validation/validation.go of Kubernetes v1.36.
"""

from collections.abc import Iterable, Iterator

from pullscope.apiserver.podspec import containers
from pullscope.kube import causes, names
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_MODE_MAX = 0o777
_MODE = "must be a number between 0 and 0777 (octal), both inclusive"


def all_of(volumes: Iterable[Object], path: str) -> Iterator[Cause]:
    """What is wrong with the volumes of a pod."""
    taken: set[str] = set()
    for index, volume in enumerate(volumes):
        here, name = f"{path}[{index}]", volume.get("name", "")
        if not name:
            yield causes.required(f"{here}.name")
        else:
            yield from containers.complaints(f"{here}.name", name, names.dns1123_label(name))
        if name in taken:
            yield causes.duplicate(f"{here}.name", name)
        taken.add(name)
        yield from _source(volume, here)


def _source(volume: Object, path: str) -> Iterator[Cause]:
    given = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    if not given:
        yield causes.required(path, "must specify a volume type")
        return
    for kind in given[1:]:
        yield causes.forbidden(f"{path}.{kind}", "may not specify more than 1 volume type")
    kind = given[0]
    source, here = volume[kind], f"{path}.{kind}"
    match kind:
        case "hostPath":
            if not source.get("path"):
                yield causes.required(f"{here}.path")
        case "secret":
            yield from _files(source, here, name="secretName")
        case "configMap":
            yield from _files(source, here, name="name")
        case "downwardAPI":
            yield from _fields(source, here)
        case "projected":
            yield from _mode(source, here, "defaultMode")
            yield from _projected(source.get("sources") or (), f"{here}.sources")


def _projected(sources: Iterable[Object], path: str) -> Iterator[Cause]:
    for index, source in enumerate(sources):
        for kind in ("secret", "configMap"):
            if (files := source.get(kind)) is not None:
                yield from _files(files, f"{path}[{index}].{kind}", name="name")
        if (fields := source.get("downwardAPI")) is not None:
            yield from _fields(fields, f"{path}[{index}].downwardAPI")


def _files(source: Object, path: str, *, name: str) -> Iterator[Cause]:
    """Keys of a ConfigMap or Secret that become files."""
    if not source.get(name):
        yield causes.required(f"{path}.{name}")
    yield from _mode(source, path, "defaultMode")
    for index, item in enumerate(source.get("items") or ()):
        here = f"{path}.items[{index}]"
        if not item.get("key"):
            yield causes.required(f"{here}.key")
        yield from _path(item, here)
        yield from _mode(item, here, "mode")


def _fields(source: Object, path: str) -> Iterator[Cause]:
    """Fields of the pod that become files; upstream does not say which of them is wrong."""
    yield from _mode(source, path, "defaultMode")
    for item in source.get("items") or ():
        yield from _path(item, path)
        if item.get("fieldRef") is None and item.get("resourceFieldRef") is None:
            yield causes.required(path, "one of fieldRef and resourceFieldRef is required")
        yield from _mode(item, path, "mode")


def _path(item: Object, path: str) -> Iterator[Cause]:
    text = item.get("path", "")
    if not text:
        yield causes.required(f"{path}.path")
    yield from containers.relative_path(text, f"{path}.path")
    if text.startswith("..") and not text.startswith("../"):
        yield causes.invalid(f"{path}.path", text, "must not start with '..'")


def _mode(holder: Object, path: str, field: str) -> Iterator[Cause]:
    mode = holder.get(field)
    if mode is not None and not 0 <= mode <= _MODE_MAX:
        yield causes.invalid(f"{path}.{field}", mode, _MODE)
