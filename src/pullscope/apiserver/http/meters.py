"""What the server counts, under upstream's names: `/metrics`.

Labels come out of what is served and out of closed lists, never out of requests as they are. Upstream: k8s.io/apiserver v0.36
pkg/endpoints/metrics/metrics.go, pkg/storage/etcd3/metrics; the texts say how stable upstream calls each.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from pullscope.apiserver import applying, decoding, options, paths, version
from pullscope.apiserver.endpoints import Endpoint, Endpoints
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store.store import Store
from pullscope.base import process
from pullscope.base.clock import Clock
from pullscope.base.metrics import Metrics, Values

_PLACE = ("group", "version", "resource", "subresource", "scope", "component")
_SECONDS = (*(0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60),)
_COMPONENT = "apiserver"
_READING = ("GET", "HEAD", "LIST", "WATCH")
_CONNECTING = ("exec", "attach", "portforward", "proxy")
_LONG = (*_CONNECTING, "log")
_VERBS = {"create": "POST", "update": "PUT"}
_KNOWN = {"GET", "LIST", "WATCH", "POST", "PUT", "PATCH", "DELETE", "DELETECOLLECTION"}
_DOCUMENTS = ("/healthz", "/livez", "/readyz", "/version", "/metrics", "/openapi/v3")


@dataclass(frozen=True)
class Subject:
    """What one request is about, as labels."""

    verb: str
    dry_run: str
    group: str
    version: str
    resource: str
    subresource: str
    scope: str

    @property
    def place(self) -> Values:
        return (self.group, self.version, self.resource, self.subresource, self.scope, _COMPONENT)

    @property
    def is_long(self) -> bool:
        return self.verb == "WATCH" or bool(self.resource and self.subresource in _LONG)

    @property
    def begun(self) -> int | None:
        """The code of an answer whose client went before its end: known only where an answer begins before it ends."""
        if not self.is_long:
            return None
        return 101 if self.verb == "CONNECT" else 200


class Answered:
    """The code of a request's answer, once there is one."""

    code: int | None = None


class Meters:
    """All counts of one server."""

    def __init__(self, clock: Clock, endpoints: Endpoints, store: Store) -> None:
        self._clock = clock
        self._endpoints = endpoints
        self._metrics = metrics = Metrics()
        self._requests = metrics.counter(
            "apiserver_request_total",
            "[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope,"
            " component, and HTTP response code.",
            *("verb", "dry_run", *_PLACE, "code"),
        )
        self._seconds = metrics.histogram(
            "apiserver_request_duration_seconds",
            "[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource,"
            " subresource, scope and component.",
            *("verb", "dry_run", *_PLACE),
            bounds=_SECONDS,
        )
        self._long = metrics.gauge(
            "apiserver_longrunning_requests",
            "[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope"
            " and component. Not all requests are tracked this way.",
            *("verb", *_PLACE),
        )
        self._inflight = metrics.gauge(
            "apiserver_current_inflight_requests",
            "[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last"
            " second.",
            "request_kind",
        )
        self.watch_events = metrics.counter(
            "apiserver_watch_events_total",
            "[ALPHA] Number of events sent in watch clients",
            *("group", "version", "resource"),
        )
        _describe_storage(metrics, endpoints, store)
        _describe_build(metrics)
        process.describe(metrics)

    def text(self) -> str:
        """Everything that was counted, in the text that Prometheus reads."""
        return self._metrics.text()

    @contextmanager
    def request(self, request: web.Request, path: paths.ApiPath | None) -> Iterator[Answered]:
        """Count a request while it is answered; the block sets the code of the answer."""
        subject, answered, began = self._subject(request, path), Answered(), self._clock.monotonic()
        gauge = self._long if subject.is_long else self._inflight
        kind = "readOnly" if subject.verb in _READING else "mutating"
        labels = (subject.verb, *subject.place) if subject.is_long else (kind,)
        gauge.inc(*labels)
        try:
            yield answered
        finally:
            gauge.dec(*labels)
            code = answered.code or subject.begun
            if code is not None:
                asked = (subject.verb, subject.dry_run, *subject.place)
                self._requests.inc(*asked, str(code))
                self._seconds.observe(self._clock.monotonic() - began, *asked)

    def _subject(self, request: web.Request, path: paths.ApiPath | None) -> Subject:
        dry_run = _dry_run(request.query.getall("dryRun", []))
        if isinstance(path, paths.ResourcePath):
            endpoint = self._endpoints.find(path.group, path.version, path.plural, path.subresource)
            if endpoint is not None:
                return Subject(_verb(request, path), dry_run, *_place(endpoint, path))
        verb = request.method if request.method in (*_READING, *_KNOWN) else "other"
        document = next((each for each in _DOCUMENTS if f"{request.path}/".startswith(f"{each}/")), "")
        return Subject(verb, dry_run, "", "", "", document, "")


def _dry_run(values: list[str]) -> str:
    if not values:
        return ""
    return "All" if set(values) == {"All"} else "invalid"


def _verb(request: web.Request, path: paths.ResourcePath) -> str:
    verb = paths.verb(request.method, path, watch=options.boolean(request.query, "watch"))
    if path.subresource in _CONNECTING:
        return "CONNECT"
    if verb == "patch" and decoding.media_type(request.headers.get("Content-Type")) == applying.MEDIA_TYPE:
        return "APPLY"
    name = _VERBS.get(verb, verb.upper())
    return name if name in _KNOWN else "other"


def _place(endpoint: Endpoint, path: paths.ResourcePath) -> tuple[str, str, str, str, str]:
    resource = endpoint.resource
    scope = "resource" if path.name else "namespace" if path.namespace else "cluster"
    return resource.group, resource.version, resource.plural, endpoint.subresource, scope


def _describe_storage(metrics: Metrics, endpoints: Endpoints, store: Store) -> None:
    def stored() -> Iterator[tuple[Endpoint, int]]:
        for endpoint in endpoints:
            if not endpoint.subresource and isinstance(endpoint.handler, Storage):
                yield endpoint, len(store.list(endpoint.resource).items)

    def by_kind() -> Mapping[Values, float]:
        return {(endpoint.resource.qualified,): count for endpoint, count in stored()}

    def by_resource() -> Mapping[Values, float]:
        return {(endpoint.resource.group, endpoint.resource.plural): count for endpoint, count in stored()}

    ending = "In case of a fetching error, the value will be -1."
    text = f"Number of stored objects at the time of last check split by kind. {ending}"
    metrics.computed("apiserver_resource_objects", f"[ALPHA] {text}", "group", "resource", ask=by_resource)
    deprecated = "[STABLE] [DEPRECATED, consider using apiserver_resource_objects instead]"
    metrics.computed("apiserver_storage_objects", f"{deprecated} {text}", "resource", ask=by_kind)


def _describe_build(metrics: Metrics) -> None:
    build = version.document()
    labels = {
        "build_date": build["buildDate"],
        "compiler": build["compiler"],
        "git_commit": build["gitCommit"],
        "git_tree_state": build["gitTreeState"],
        "git_version": build["gitVersion"],
        "go_version": build["goVersion"],
        "major": build["major"],
        "minor": build["minor"],
        "platform": build["platform"],
    }
    text = (
        "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build"
        " date, Go version, and compiler from which Kubernetes was built, and platform on which it is running."
    )
    metrics.gauge("kubernetes_build_info", text, *labels).inc(*labels.values())
