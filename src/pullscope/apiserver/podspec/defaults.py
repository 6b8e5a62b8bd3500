"""What a pod's spec gets when its author says nothing.

Upstream: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go of Kubernetes v1.36. Defaults are written once, when
the object is written, and stored: a `:latest` image's `Always` stays when the tag changes later.
"""

from collections.abc import Iterable, Iterator

from pullscope.kube.api import Object
from pullscope.pull import policy

_PROJECTED_MODE = 0o644
_FILE_VOLUMES = ("secret", "configMap", "projected", "downwardAPI")
_TOKEN_SECONDS = 3600
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


def containers(spec: Object) -> Iterator[Object]:
    """Every container of a pod's spec: init, ordinary and ephemeral."""
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()


def pod_spec(spec: Object) -> None:
    """Fill in what upstream's defaulting of a PodSpec fills in."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    _service_account(spec)
    for container in containers(spec):
        _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)


def pod(spec: Object) -> None:
    """Fill in what only a pod gets, beside what every PodSpec gets; templates leave it to their pods."""
    pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for container in containers(spec):
        _requests_from_limits(container["resources"])
        for port in (container.get("ports") or ()) if spec.get("hostNetwork") else ():
            port.setdefault("hostPort", port.get("containerPort"))


def _service_account(spec: Object) -> None:
    """`serviceAccount` is the field's old name; upstream's conversion keeps the two equal."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _container(container: Object) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = policy.default(container.get("image", ""))
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for variable in container.get("env") or ():
        if (reference := (variable.get("valueFrom") or {}).get("fieldRef")) is not None:
            reference.setdefault("apiVersion", "v1")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(probe) is not None:
            _probe(container[probe])
    lifecycle = container.get("lifecycle") or {}
    for hook in ("postStart", "preStop"):
        _http_get((lifecycle.get(hook) or {}).get("httpGet"))


def _requests_from_limits(resources: Object) -> None:
    limits = resources.get("limits")
    if limits:
        requests = resources.setdefault("requests", {})
        for name, amount in limits.items():
            requests.setdefault(name, amount)


def _probe(probe: Object) -> None:
    for field, value in _PROBE.items():
        if not probe.get(field):
            probe[field] = value
    _http_get(probe.get("httpGet"))
    if (grpc := probe.get("grpc")) is not None:
        grpc.setdefault("service", "")


def _http_get(action: Object | None) -> None:
    if action is not None:
        action.setdefault("path", "/")
        action.setdefault("scheme", "HTTP")


def _volume(volume: Object) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = {}
    for kind in _FILE_VOLUMES:
        if volume.get(kind) is not None:
            volume[kind].setdefault("defaultMode", _PROJECTED_MODE)
    if (host := volume.get("hostPath")) is not None:
        host.setdefault("type", "")
    _downward((volume.get("downwardAPI") or {}).get("items") or ())
    for source in (volume.get("projected") or {}).get("sources") or ():
        _downward((source.get("downwardAPI") or {}).get("items") or ())
        if (token := source.get("serviceAccountToken")) is not None:
            token.setdefault("expirationSeconds", _TOKEN_SECONDS)


def _downward(items: Iterable[Object]) -> None:
    for item in items:
        if item.get("fieldRef") is not None:
            item["fieldRef"].setdefault("apiVersion", "v1")
