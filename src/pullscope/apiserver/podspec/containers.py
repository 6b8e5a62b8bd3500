"""Is a container one that the kubelet can be asked to run?

Upstream: validateContainers and what it calls, pkg/apis/core/validation/validation.go of Kubernetes v1.36. Fields are
checked after defaulting, so an absent policy has become one. What is not looked at here (devices, seccomp and the like)
is stored as it came; docs/fidelity.md lists it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pullscope.apiserver import syntax
from pullscope.apiserver.podspec import amounts
from pullscope.kube import causes, names
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def all_of(spec: Object, path: str) -> Iterator[Cause]:
    """What is wrong with a pod's containers and init containers; names are unique over both."""
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    if not spec.get("containers"):
        yield causes.required(f"{path}.containers")
    taken: set[str] = set()
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            here = f"{path}.{field}[{index}]"
            yield from _name(container.get("name", ""), f"{here}.name", taken)
            yield from _one(container, here, volumes)


def complaints(path: str, value: Any, found: Iterable[str]) -> Iterator[Cause]:
    """Each of the sentences in `found` as an invalid value at `path`."""
    return (causes.invalid(path, value, why) for why in found)


def _name(name: str, path: str, taken: set[str]) -> Iterator[Cause]:
    if not name:
        yield causes.required(path)
    else:
        yield from complaints(path, name, names.dns1123_label(name))
    if name in taken:
        yield causes.duplicate(path, name)
    taken.add(name)


def _one(container: Object, path: str, volumes: Collection[Any]) -> Iterator[Cause]:
    if not container.get("image"):
        yield causes.required(f"{path}.image")
    yield from _choice(container.get("terminationMessagePolicy"), f"{path}.terminationMessagePolicy", _MESSAGE_POLICIES)
    for probe in _PROBES:
        if container.get(probe) is not None:
            yield from _probe(container[probe], f"{path}.{probe}")
    yield from _ports(container.get("ports") or (), f"{path}.ports")
    yield from _environment(container.get("env") or (), f"{path}.env")
    yield from _mounts(container.get("volumeMounts") or (), f"{path}.volumeMounts", volumes)
    yield from _choice(container.get("imagePullPolicy"), f"{path}.imagePullPolicy", PULL_POLICIES)
    yield from amounts.requirements(container.get("resources") or {}, f"{path}.resources")


def image(text: str, path: str) -> Iterator[Cause]:
    """A pod's image is any text without spaces at its ends: whether it is a reference, the kubelet finds out."""
    if not text:
        yield causes.required(path)
    elif text != text.strip():
        yield causes.invalid(path, text, "must not have leading or trailing whitespace")


def _choice(value: str | None, path: str, supported: Collection[str]) -> Iterator[Cause]:
    if not value:
        yield causes.required(path)
    elif value not in supported:
        yield causes.not_supported(path, value, supported)


def _ports(ports: Iterable[Object], path: str) -> Iterator[Cause]:
    taken: set[str] = set()
    for index, port in enumerate(ports):
        here = f"{path}[{index}]"
        if name := port.get("name"):
            found = syntax.port_name(name)
            yield from complaints(f"{here}.name", name, found)
            if not found and name in taken:
                yield causes.duplicate(f"{here}.name", name)
            taken.add(name)
        number, host = port.get("containerPort", 0), port.get("hostPort", 0)
        if number == 0:
            yield causes.required(f"{here}.containerPort")
        else:
            yield from complaints(f"{here}.containerPort", number, syntax.port_number(number))
        if host != 0:
            yield from complaints(f"{here}.hostPort", host, syntax.port_number(host))
        yield from _choice(port.get("protocol"), f"{here}.protocol", _PROTOCOLS)


def _environment(variables: Iterable[Object], path: str) -> Iterator[Cause]:
    for index, variable in enumerate(variables):
        here, name = f"{path}[{index}]", variable.get("name", "")
        if not name:
            yield causes.required(f"{here}.name")
        else:
            yield from complaints(f"{here}.name", name, syntax.environment_name(name))
        if (origin := variable.get("valueFrom")) is not None:
            yield from _value_from(origin, variable.get("value"), f"{here}.valueFrom")


def _value_from(origin: Object, value: str | None, path: str) -> Iterator[Cause]:
    given = [source for source in _SOURCES if origin.get(source) is not None]
    if not given:
        yield causes.invalid(path, "", f"must specify one of: {_quoted(_SOURCES)}")
    elif value:
        yield causes.invalid(path, "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        yield causes.invalid(path, "", "may not have more than one field specified at a time")


def _quoted(words: Iterable[str]) -> str:
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} or {last}"


def _mounts(mounts: Iterable[Object], path: str, volumes: Collection[Any]) -> Iterator[Cause]:
    taken: set[str] = set()
    for index, mount in enumerate(mounts):
        here, name, target = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield causes.required(f"{here}.name")
        if name not in volumes:
            yield causes.not_found(f"{here}.name", name)
        if not target:
            yield causes.required(f"{here}.mountPath")
        if target in taken:
            yield causes.invalid(f"{here}.mountPath", target, "must be unique")
        taken.add(target)
        if sub := mount.get("subPath"):
            yield from relative_path(sub, f"{here}.subPath")


def relative_path(text: str, path: str) -> Iterator[Cause]:
    """A path that must stay below where it is mounted."""
    if text.startswith("/"):
        yield causes.invalid(path, text, "must be a relative path")
    if ".." in text.split("/"):
        yield causes.invalid(path, text, "must not contain '..'")


def _probe(probe: Mapping[str, Any], path: str) -> Iterator[Cause]:
    given = [handler for handler in _HANDLERS if probe.get(handler) is not None]
    if not given:
        yield causes.required(path, "must specify a handler type")
    for handler in given[1:]:
        yield causes.forbidden(f"{path}.{handler}", "may not specify more than 1 handler type")
    for field in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        if (number := probe.get(field, 0)) < 0:
            yield causes.invalid(f"{path}.{field}", number, "must be greater than or equal to 0")
